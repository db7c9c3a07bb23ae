/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "cli/options.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct at_option options[] = {{.name = "output", .letter = 'o', .value = "FILE", .help = ""},
                                           {.name = "variant", .value = "SPEC", .help = "", .repeats = true},
                                           {.name = "causal", .help = ""},
                                           {.name = "rows", .value = "N", .help = ""},
                                           {0}};

static enum at_status parse(struct at_arguments *a, struct at_error *error, int count, ...)
{
    char *argv[16];
    va_list args;
    va_start(args, count);
    for (int i = 0; i < count; i++)
        argv[i] = va_arg(args, char *);
    va_end(args);
    return at_arguments_parse(options, count, argv, a, error);
}

static void every_form_is_understood(void **state)
{
    (void)state;
    struct at_arguments a;
    assert_int_equal(parse(&a, NULL, 9, "-o", "x", "word", "--variant=a", "--variant", "b,c=d", "--causal", "--", "--rows"), AT_OK);
    assert_string_equal(at_argument(&a, "output", 0), "x");
    assert_string_equal(at_argument(&a, "variant", 0), "a");
    assert_string_equal(at_argument(&a, "variant", 1), "b,c=d");
    assert_null(at_argument(&a, "variant", 2));
    assert_true(at_argument_given(&a, "causal"));
    assert_false(at_argument_given(&a, "rows"));
    assert_string_equal(at_word(&a, 0), "word");
    assert_string_equal(at_word(&a, 1), "--rows");
    assert_null(at_word(&a, 2));
    assert_int_equal(at_words_at_most(&a, 2, NULL), AT_OK);
    assert_int_equal(at_words_at_most(&a, 1, NULL), AT_ERR_ARGUMENT);
    assert_int_equal(parse(&a, NULL, 1, "-oy"), AT_OK);
    assert_string_equal(at_argument(&a, "output", 0), "y");
    assert_int_equal(parse(&a, NULL, 1, "-"), AT_OK);
    assert_string_equal(at_word(&a, 0), "-");
    assert_int_equal(parse(&a, NULL, 2, "-h", "--json"), AT_OK); /* of every verb */
    assert_true(at_argument_given(&a, "help") && at_argument_given(&a, "json"));
}

static void some_go_with_a_study_file(void **state)
{
    (void)state;
    static const char *const allowed[] = {"output", "json"};
    struct at_arguments a;
    struct at_error error;
    assert_int_equal(parse(&a, NULL, 4, "s.yaml", "-o", "x", "--json"), AT_OK);
    assert_int_equal(at_options_beside_file(&a, allowed, 2, &error), AT_OK);
    assert_int_equal(at_options_beside_file(&a, allowed, 1, &error), AT_ERR_ARGUMENT);
    assert_string_equal(error.message, "option '--json' does not go with a study file, which says that itself");
}

static void mistakes_are_named(void **state)
{
    (void)state;
    struct at_arguments a;
    struct at_error error;
    assert_int_equal(parse(&a, &error, 1, "--varant=x"), AT_ERR_ARGUMENT);
    assert_string_equal(error.message, "option '--varant' is unknown; the nearest is '--variant'");
    assert_int_equal(parse(&a, &error, 1, "--zzzzzzzzz"), AT_ERR_ARGUMENT);
    assert_string_equal(error.message, "option '--zzzzzzzzz' is unknown");
    assert_int_equal(parse(&a, &error, 1, "-x"), AT_ERR_ARGUMENT);
    assert_int_equal(parse(&a, &error, 1, "--rows"), AT_ERR_ARGUMENT);
    assert_string_equal(error.message, "option '--rows' needs a value: --rows N");
    assert_int_equal(parse(&a, &error, 2, "-o", ""), AT_ERR_ARGUMENT);
    assert_string_equal(error.message, "option '--output': its value is empty; write --output FILE");
    assert_int_equal(parse(&a, NULL, 1, "--rows="), AT_ERR_ARGUMENT);
    assert_int_equal(parse(&a, &error, 1, "--causal=yes"), AT_ERR_ARGUMENT);
    assert_int_equal(parse(&a, &error, 4, "--rows", "1", "--rows", "2"), AT_ERR_ARGUMENT);
    assert_string_equal(error.message, "option '--rows' is given twice");
}

static void numbers_are_whole_and_within_bounds(void **state)
{
    (void)state;
    static const char *const bad[] = {"x", "1x", "1.5", "-1", "101", "99999999999999999999"};
    struct at_arguments a;
    struct at_error error;
    int64_t value = 0;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(parse(&a, NULL, 2, "--rows", bad[i]), AT_OK);
        assert_int_equal(at_argument_integer(&a, "rows", 0, 100, 7, &value, &error), AT_ERR_ARGUMENT);
        assert_non_null(strstr(error.message, "0 to 100"));
    }
    assert_int_equal(value, 0);
    assert_int_equal(parse(&a, NULL, 2, "--rows", "100"), AT_OK);
    assert_int_equal(at_argument_integer(&a, "rows", 0, 100, 7, &value, NULL), AT_OK);
    assert_int_equal(value, 100);
    assert_int_equal(at_argument_integer(&a, "output", 0, 100, 7, &value, NULL), AT_OK);
    assert_int_equal(value, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_is_understood),
        cmocka_unit_test(some_go_with_a_study_file),
        cmocka_unit_test(mistakes_are_named),
        cmocka_unit_test(numbers_are_whole_and_within_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
