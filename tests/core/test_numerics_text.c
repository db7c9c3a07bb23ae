/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "core/numerics.h"

#include "core/random.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const struct at_random key = {21, 0};
static uint64_t draws;

static unsigned draw(unsigned below)
{
    return (unsigned)(at_random_bits(key, draws++) >> 33) % below;
}

static struct at_operand_numerics random_operand(void)
{
    struct at_operand_numerics o = {
        draw(AT_FORMAT_COUNT),   draw(AT_FORMAT_COUNT),   draw(AT_SCALE_GRANULARITY_COUNT), draw(AT_SCALE_RULE_COUNT), 0,
        draw(AT_ROTATION_COUNT), draw(AT_SMOOTHING_COUNT)};
    if (o.scale_rule == AT_SCALE_GIVEN)
        o.given_scale = (float)at_random_uniform(key, draws++) * (draw(2) ? 0x1p-100f : 0x1p90f);
    return o;
}

static struct at_numerics random_numerics(void)
{
    struct at_numerics n = {random_operand(),
                            random_operand(),
                            random_operand(),
                            at_random_bits(key, draws++) >> draw(64),
                            draw(AT_FORMAT_COUNT),
                            draw(AT_EVALUATION_COUNT),
                            draw(AT_EVALUATION_COUNT),
                            draw(AT_P_OFFSET_COUNT),
                            draw(AT_FORMAT_COUNT),
                            draw(AT_ROW_SUM_COUNT),
                            0,
                            0,
                            0,
                            draw(AT_ORDER_COUNT),
                            draw(AT_FORMAT_COUNT)};
    n.promote = draw(3) ? (int)draw(1 << 20) : -1;
    if (draw(2)) {
        n.tile_m = 1 + (int)draw(99999);
        n.tile_n = 1 + (int)draw(99999);
    }
    return n;
}

static bool equal_operands(const struct at_operand_numerics *a, const struct at_operand_numerics *b)
{
    return a->format == b->format && a->storage == b->storage && a->scale == b->scale && a->scale_rule == b->scale_rule &&
           a->given_scale == b->given_scale && a->rotate == b->rotate && a->smooth == b->smooth;
}

static bool equal(const struct at_numerics *a, const struct at_numerics *b)
{
    return equal_operands(&a->q, &b->q) && equal_operands(&a->k, &b->k) && equal_operands(&a->v, &b->v) &&
           a->rotation_seed == b->rotation_seed && a->score_format == b->score_format && a->exp2 == b->exp2 &&
           a->reciprocal == b->reciprocal && a->p_offset == b->p_offset && a->p_format == b->p_format && a->row_sum == b->row_sum &&
           a->promote == b->promote && a->tile_m == b->tile_m && a->tile_n == b->tile_n && a->order == b->order && a->output == b->output;
}

/* Whatever the starting point, the canonical text carries every field. */
static void print_then_apply_gives_the_struct_back(void **state)
{
    (void)state;
    size_t longest = 0;
    for (int i = 0; i < 20000; i++) {
        struct at_numerics n = random_numerics(), back = random_numerics();
        char text[AT_NUMERICS_TEXT_SIZE], again[AT_NUMERICS_TEXT_SIZE];
        struct at_error error;
        at_numerics_print(&n, text);
        if (at_numerics_apply(&back, text, &error))
            fail_msg("'%s' is refused: %s", text, error.message);
        at_numerics_print(&back, again);
        assert_string_equal(again, text);
        if (!equal(&n, &back))
            fail_msg("'%s' does not give the struct back", text);
        longest = strlen(text) > longest ? strlen(text) : longest;
    }
    assert_true(longest < AT_NUMERICS_TEXT_SIZE - 100); /* room to spare: print cuts nothing */
}

static struct at_numerics applied(const char *text)
{
    struct at_numerics n = {0};
    struct at_error error;
    if (at_numerics_apply(&n, text, &error))
        fail_msg("%s: %s", text, error.message);
    return n;
}

/* Each value that a key's help offers is taken and changes the text, so no key is dead. */
static void every_key_takes_every_value_it_offers(void **state)
{
    (void)state;
    const char *name, *values, *help;
    size_t count = 0;
    for (; at_numerics_key(count, &name, &values, &help); count++) {
        char list[128], text[200], prints[16][AT_NUMERICS_TEXT_SIZE];
        assert_true(strlen(help) > 3);
        snprintf(list, sizeof list, "%s", values);
        int n = 0;
        for (char *rest = list, *value; (value = strsep(&rest, "|"));) {
            const char *example = strcmp(value, "NUMBER") == 0    ? "0.25"
                                  : strcmp(value, "INTEGER") == 0 ? "17"
                                  : strcmp(value, "KEYS") == 0    ? "96"
                                  : strcmp(value, "MxN") == 0     ? "64x32"
                                  : strcmp(value, "...") == 0     ? "v"
                                                                  : value;
            snprintf(text, sizeof text, "%s=%s", name, example);
            struct at_numerics changed = applied(text);
            at_numerics_print(&changed, prints[n]);
            for (int before = 0; before < n; before++)
                assert_string_not_equal(prints[n], prints[before]);
            n++;
        }
        assert_in_range(n, 1, 8);
    }
    assert_int_equal(count, 29 + 7);
    assert_false(at_numerics_key(count + 5, &name, &values, &help));
}

static void shorthands_stand_for_several_keys(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"format=e5m2", "q.format=e5m2,k.format=e5m2,v.format=e5m2,p.format=e5m2,q.storage=e5m2,k.storage=e5m2,v.storage=e5m2"},
        {"storage=bf16", "k.storage=bf16,v.storage=bf16"},
        {"scale=block128", "q.scale=block128,k.scale=block128,v.scale=block128"},
        {"scale-rule=0.5", "q.scale-rule=0.5,k.scale-rule=0.5,v.scale-rule=0.5"},
        {"rotate=hadamard32", "q.rotate=hadamard32,k.rotate=hadamard32"},
        {"smooth=kv", "q.smooth=none,k.smooth=mean,v.smooth=mean"},
        {"smooth=qkv,smooth=none", "q.smooth=none,k.smooth=none,v.smooth=none"},
        {"p=448", "p.offset=448"},
        {"promote=tile,promote=none", "promote=none"}, /* the later one counts */
        {"", ""},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct at_numerics a = applied(pairs[i][0]), b = applied(pairs[i][1]);
        if (!equal(&a, &b))
            fail_msg("%s is not %s", pairs[i][0], pairs[i][1]);
    }
}

static void refuse(const char *text, enum at_status status, const char *words)
{
    struct at_numerics n = random_numerics(), before = n;
    struct at_error error = {""};
    enum at_status got = at_numerics_apply(&n, text, &error);
    if (got != status || !strstr(error.message, words))
        fail_msg("%s: '%s' (%s) does not say '%s' (%s)", text, error.message, at_status_name(got), words, at_status_name(status));
    assert_memory_equal(&n, &before, sizeof n);
    assert_int_equal(at_numerics_apply(&n, text, NULL), status);
}

static void refusals_name_the_nearest(void **state)
{
    (void)state;
    refuse("q.scael=head", AT_ERR_NOT_FOUND, "no field named 'q.scael'; did you mean q.scale?");
    refuse("promoted=tile", AT_ERR_NOT_FOUND, "did you mean promote?");
    refuse("smoth=k", AT_ERR_NOT_FOUND, "did you mean smooth?");
    refuse("xyzzyplugh=1", AT_ERR_NOT_FOUND, "see attest list fields");
    refuse("scale=blok128", AT_ERR_ARGUMENT, "did you mean block128?");
    refuse("exp2=exakt", AT_ERR_ARGUMENT, "did you mean exact?");
    refuse("output=bf61", AT_ERR_ARGUMENT, "did you mean bf16?");
}

/* Also when an earlier pair of the same text was good. */
static void bad_values_are_refused_whole(void **state)
{
    (void)state;
    static const char *const texts[] = {"exp2=exact,scale=",
                                        "rotate=1",
                                        "promote=0",
                                        "promote=-32",
                                        "promote=32x",
                                        "promote=99999999999999999999",
                                        "promote=",
                                        "tile=128",
                                        "tile=128x",
                                        "tile=128x64x2",
                                        "tile=0x64",
                                        "tile=128x-64",
                                        "seed=-1",
                                        "seed=1e3",
                                        "seed=18446744073709551616",
                                        "scale-rule=0",
                                        "scale-rule=-2",
                                        "scale-rule=1.5y",
                                        "scale-rule=nan",
                                        "scale-rule=",
                                        "smooth=",
                                        "smooth=x",
                                        "smooth=kx",
                                        "q.smooth=k",
                                        "order",
                                        "=head",
                                        "exp2=exact,,order=reverse",
                                        "exp2"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct at_numerics n = random_numerics(), before = n;
        struct at_error error = {""};
        if (!at_numerics_apply(&n, texts[i], &error))
            fail_msg("'%s' was taken", texts[i]);
        assert_memory_equal(&n, &before, sizeof n);
        assert_true(strlen(error.message) > 10);
    }
    char long_text[200] = "scale=";
    memset(long_text + 6, 'h', 150);
    refuse(long_text, AT_ERR_ARGUMENT, "too long");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(print_then_apply_gives_the_struct_back), cmocka_unit_test(every_key_takes_every_value_it_offers),
        cmocka_unit_test(shorthands_stand_for_several_keys),      cmocka_unit_test(refusals_name_the_nearest),
        cmocka_unit_test(bad_values_are_refused_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
