/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/variants/variant.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void print(const struct at_numerics *n, char text[AT_NUMERICS_TEXT_SIZE])
{
    at_numerics_print(n, text);
}

static void names_give_their_variant(void **state)
{
    (void)state;
    for (size_t i = 0; i < at_variant_count; i++) {
        struct at_variant_choice choice;
        char wanted[AT_NUMERICS_TEXT_SIZE], got[AT_NUMERICS_TEXT_SIZE];
        assert_int_equal(at_variant_choose(at_variants[i]->name, &choice, NULL), AT_OK);
        print(&at_variants[i]->numerics, wanted);
        print(&choice.numerics, got);
        assert_string_equal(got, wanted);
        assert_string_equal(choice.name, at_variants[i]->name);
    }
}

static void spellings_change_their_fields_alone(void **state)
{
    (void)state;
    struct at_variant_choice spelled, base;
    assert_int_equal(at_variant_choose("fp8:scale=block128,rotate=hadamard,promote=128", &spelled, NULL), AT_OK);
    assert_string_equal(spelled.name, "fp8:scale=block128,rotate=hadamard,promote=128");
    assert_int_equal(at_variant_choose("fa3-fp8", &base, NULL), AT_OK);
    base.numerics.q.scale = base.numerics.k.scale = base.numerics.v.scale = AT_SCALE_BLOCK128;
    base.numerics.q.rotate = base.numerics.k.rotate = AT_ROTATE_HADAMARD;
    base.numerics.promote = 128;
    char wanted[AT_NUMERICS_TEXT_SIZE], got[AT_NUMERICS_TEXT_SIZE];
    print(&base.numerics, wanted);
    print(&spelled.numerics, got);
    assert_string_equal(got, wanted);
    assert_int_equal(at_variant_choose("fp16:output=fp32", &spelled, NULL), AT_OK);
    assert_true(spelled.numerics.q.format == AT_FP16 && spelled.numerics.output == AT_FP32);
    assert_int_equal(at_variant_choose("bf16:order=forward", &spelled, NULL), AT_OK);
    assert_true(spelled.numerics.p_format == AT_BF16 && spelled.numerics.order == AT_ORDER_FORWARD);
    assert_int_equal(at_variant_choose("fp8-token:output=fp16", &spelled, NULL), AT_OK);
    assert_true(spelled.numerics.v.scale == AT_SCALE_CHANNEL && spelled.numerics.output == AT_FP16);
}

static void a_family_is_a_second_name(void **state)
{
    (void)state;
    const char *name;
    const struct at_variant *variant;
    size_t i = 0;
    for (; at_variant_family(i, &name, &variant); i++) {
        struct at_variant_choice choice;
        char wanted[AT_NUMERICS_TEXT_SIZE], got[AT_NUMERICS_TEXT_SIZE];
        assert_int_equal(at_variant_choose(name, &choice, NULL), AT_OK);
        assert_string_equal(choice.name, name);
        print(&variant->numerics, wanted);
        print(&choice.numerics, got);
        assert_string_equal(got, wanted);
        for (size_t v = 0; v < at_variant_count; v++)
            assert_string_not_equal(at_variants[v]->name, name);
    }
    assert_int_equal(i, 3);
    assert_true(at_variant_family(0, &name, &variant) && strcmp(name, "fp8") == 0 && strcmp(variant->name, "fa3-fp8") == 0);
}

static void refusals_name_the_thing_and_the_nearest(void **state)
{
    (void)state;
    static const struct {
        const char *text, *said;
        enum at_status status;
    } cases[] = {
        {"fa3-fp9", "did you mean fa3-fp", AT_ERR_NOT_FOUND},
        {"fp8-hadamart", "no variant named 'fp8-hadamart'; did you mean fp8-hadamard? (attest list variants)", AT_ERR_NOT_FOUND},
        {"fp4", "did you mean fp8?", AT_ERR_NOT_FOUND},
        {"qqqqqqqqqqqqqqq", "no variant named 'qqqqqqqqqqqqqqq'", AT_ERR_NOT_FOUND},
        {"fq8:promote=tile", "no variant named 'fq8'", AT_ERR_NOT_FOUND},
        {"fp8:promte=tile", "did you mean promote", AT_ERR_NOT_FOUND},
        {"fp8:order=revers", "did you mean reverse", AT_ERR_ARGUMENT},
        {"fp8:q.rotate=hadamard", "q.rotate=hadamard with k.rotate=none", AT_ERR_ARGUMENT},
        {"", "no variant named ''", AT_ERR_NOT_FOUND},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct at_variant_choice choice = {.name = "untouched"};
        struct at_error error = {""};
        assert_int_equal(at_variant_choose(cases[i].text, &choice, &error), cases[i].status);
        if (!strstr(error.message, cases[i].said) || strchr(error.message, '\n'))
            fail_msg("'%s': \"%s\" does not say \"%s\"", cases[i].text, error.message, cases[i].said);
        assert_string_equal(choice.name, "untouched");
        assert_int_equal(at_variant_choose(cases[i].text, &choice, NULL), cases[i].status);
    }
    char endless[2 * AT_VARIANT_NAME_SIZE];
    struct at_variant_choice choice;
    memset(endless, 'a', sizeof endless - 1);
    endless[sizeof endless - 1] = '\0';
    assert_int_equal(at_variant_choose(endless, &choice, NULL), AT_ERR_ARGUMENT);
}

struct collected {
    char text[512];
    int count, stop_at;
};

static enum at_status collect(void *context, const char *text, struct at_error *error)
{
    struct collected *c = context;
    if (++c->count == c->stop_at)
        return at_fail(error, AT_ERR_UNSUPPORTED, "stopped");
    snprintf(c->text + strlen(c->text), sizeof c->text - strlen(c->text), "<%s>", text);
    return AT_OK;
}

static void lists_are_split_at_the_commas_between_variants(void **state)
{
    (void)state;
    static const struct {
        const char *list, *pieces;
    } cases[] = {
        {"a", "<a>"},
        {"a,b,c", "<a><b><c>"},
        {"a,fp8:scale=head,promote=tile,b", "<a><fp8:scale=head,promote=tile><b>"},
        {"fp8:scale=head,fp16:output=fp32,order=forward", "<fp8:scale=head><fp16:output=fp32,order=forward>"},
        {"a,b=c", "<a,b=c>"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct collected c = {.stop_at = -1};
        assert_int_equal(at_variant_split(cases[i].list, collect, &c, NULL), AT_OK);
        assert_string_equal(c.text, cases[i].pieces);
    }
    struct collected stopped = {.stop_at = 2};
    assert_int_equal(at_variant_split("a,b,c", collect, &stopped, NULL), AT_ERR_UNSUPPORTED);
    assert_string_equal(stopped.text, "<a>");
    static const char *const bad[] = {"", ",a", "a,", "a,,b"};
    for (int i = 0; i < 4; i++) {
        struct collected c = {.stop_at = -1};
        struct at_error error;
        assert_int_equal(at_variant_split(bad[i], collect, &c, &error), AT_ERR_ARGUMENT);
        assert_non_null(strstr(error.message, "empty name"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_give_their_variant),
        cmocka_unit_test(spellings_change_their_fields_alone),
        cmocka_unit_test(a_family_is_a_second_name),
        cmocka_unit_test(refusals_name_the_thing_and_the_nearest),
        cmocka_unit_test(lists_are_split_at_the_commas_between_variants),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
