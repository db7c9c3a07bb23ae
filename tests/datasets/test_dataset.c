/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "sample.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include <string.h>

static void assert_refused(const char *text, enum at_status status, const char *part)
{
    struct at_distribution_choice choice, before;
    struct at_error error = {{0}};
    memset(&choice, 0x5a, sizeof choice);
    before = choice;
    assert_int_equal(at_distribution_choose(text, &choice, &error), status);
    if (!strstr(error.message, part))
        fail_msg("'%s' gives '%s', which lacks '%s'", text, error.message, part);
    assert_memory_equal(&choice, &before, sizeof choice);
    assert_int_equal(at_distribution_choose(text, &choice, NULL), status);
}

static void refuses_what_it_does_not_know(void **state)
{
    (void)state;
    assert_refused("needel", AT_ERR_NOT_FOUND, "did you mean needle?");
    assert_refused("iid_outlier", AT_ERR_NOT_FOUND, "did you mean iid-outlier?");
    assert_refused("", AT_ERR_NOT_FOUND, "attest list distributions");
    assert_refused("a-name-that-is-longer-than-any-name-could-ever-sensibly-be-in-this-program", AT_ERR_NOT_FOUND, "too long");
    assert_refused("normal:sigm=1", AT_ERR_NOT_FOUND, "did you mean sigma? it takes sigma");
    assert_refused("needle:zzzzzzzz=1", AT_ERR_NOT_FOUND, "it takes gap, depth, deviation");
    assert_refused("normal:=1", AT_ERR_NOT_FOUND, "no parameter ''");
}

static void refuses_malformed_text(void **state)
{
    (void)state;
    static const char *const shapeless[] = {"normal:", "normal:sigma", "normal:sigma=1,", "normal:,", "v-mean:mean=1,sigma"};
    for (size_t i = 0; i < sizeof shapeless / sizeof *shapeless; i++)
        assert_refused(shapeless[i], AT_ERR_ARGUMENT, "write parameter=value");
    static const char *const no_number[] = {"normal:sigma=", "normal:sigma=one", "normal:sigma=1x", "normal:sigma=1:2", "normal:sigma=1 "};
    for (size_t i = 0; i < sizeof no_number / sizeof *no_number; i++)
        assert_refused(no_number[i], AT_ERR_ARGUMENT, "is not a number");
    assert_refused("v-mean:mean=1,mean=1", AT_ERR_ARGUMENT, "given twice");
    assert_refused("normal:sigma=1111111111111111111111111111111111111111111111111111111111111111111", AT_ERR_ARGUMENT, "write");
}

static void refuses_values_out_of_range(void **state)
{
    (void)state;
    static const char *const outside[] = {"iid-outlier:probability=1.0000001",
                                          "iid-outlier:probability=-1e-300",
                                          "normal:sigma=nan",
                                          "normal:sigma=inf",
                                          "normal:sigma=-inf",
                                          "k-channel:channels=0"};
    for (size_t i = 0; i < sizeof outside / sizeof *outside; i++)
        assert_refused(outside[i], AT_ERR_ARGUMENT, "outside its range");
    assert_refused("iid-outlier:probability=2", AT_ERR_ARGUMENT, "0 to 1");
    assert_refused("k-channel:channels=2.5", AT_ERR_ARGUMENT, "whole number");
}

static void prints_what_reads_back(void **state)
{
    (void)state;
    static const struct {
        const char *text, *canonical;
    } rows[] = {
        {"normal", "normal:sigma=1"},
        {"v-mean:mean=0.1", "v-mean:mean=0.1,sigma=1"},
        {"v-mean:sigma=2,mean=-0", "v-mean:mean=0,sigma=2"},
        {"v-mean:mean=0.30000000000000004", "v-mean:mean=0.30000000000000004,sigma=1"},
        {"v-mean:mean=1e-3", "v-mean:mean=0.001,sigma=1"},
        {"iid-outlier", "iid-outlier:probability=0.001,sigma=10"},
        {"normal:sigma=100", "normal:sigma=100"},
        {"normal:sigma=1e-30", "normal:sigma=1e-30"},
        {"needle:depth=0x1p-2", "needle:gap=10,depth=0.25,deviation=0.1"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct at_distribution_choice choice, again;
        char text[AT_DISTRIBUTION_TEXT_SIZE];
        assert_int_equal(at_distribution_choose(rows[i].text, &choice, NULL), AT_OK);
        at_distribution_print(&choice, text);
        assert_string_equal(text, rows[i].canonical);
        assert_int_equal(at_distribution_choose(text, &again, NULL), AT_OK);
        assert_memory_equal(&choice, &again, sizeof choice);
    }
}

static void parameters_by_name(void **state)
{
    (void)state;
    struct at_distribution_choice choice;
    struct at_error error = {{0}};
    size_t index = 77;
    char text[AT_PARAMETER_TEXT_SIZE];
    assert_int_equal(at_distribution_choose("k-channel", &choice, NULL), AT_OK);
    assert_int_equal(at_distribution_parameter(choice.distribution, "spread", &index, NULL), AT_OK);
    assert_int_equal(index, 2);
    assert_int_equal(at_distribution_parameter(choice.distribution, "spead", &index, &error), AT_ERR_NOT_FOUND);
    assert_int_equal(index, 2);
    assert_string_equal(
        error.message,
        "distribution k-channel: no parameter 'spead'; did you mean spread? it takes channels, magnitude, spread, q-magnitude");
    const struct at_parameter *channels = &choice.distribution->parameters[0];
    assert_int_equal(at_parameter_check("d", channels, 16, &error), AT_OK);
    assert_int_equal(at_parameter_check("d", channels, 17, &error), AT_ERR_ARGUMENT);
    assert_non_null(strstr(error.message, "distribution d: channels=17 is outside its range, 1 to 16: "));
    assert_int_equal(at_parameter_check("d", channels, NAN, &error), AT_ERR_ARGUMENT);
    assert_int_equal(at_parameter_check("d", channels, 1.5, &error), AT_ERR_ARGUMENT);
    assert_non_null(strstr(error.message, "distribution d: channels=1.5: give a whole number"));
    at_parameter_print(31.6228, text);
    assert_string_equal(text, "31.6228");
    at_parameter_print(0.1 + 0.2, text);
    assert_string_equal(text, "0.30000000000000004");
}

static void generate_checks_its_problem(void **state)
{
    (void)state;
    struct at_distribution_choice choice;
    struct at_qkv qkv = {0};
    struct at_error error;
    assert_int_equal(at_distribution_choose("normal", &choice, NULL), AT_OK);
    struct at_problem good = {.batch = 1, .heads_q = 2, .heads_kv = 2, .seq_q = 1, .seq_k = 1, .dim = 32}, bad = good;
    bad.heads_kv = 3;
    assert_int_equal(at_distribution_generate(&choice, &bad, AT_FP16, 1, &qkv, &error), AT_ERR_ARGUMENT);
    assert_non_null(strstr(error.message, "normal: shape: 2 query heads"));
    bad = good;
    bad.dim = 44;
    assert_int_equal(at_distribution_generate(&choice, &bad, AT_FP16, 1, &qkv, &error), AT_ERR_UNSUPPORTED);
    bad = good;
    bad.batch = INT64_C(1) << 24;
    assert_int_equal(at_distribution_generate(&choice, &bad, AT_FP16, 1, &qkv, &error), AT_ERR_ARGUMENT);
    bad = good;
    bad.seq_k = INT64_MAX / 32;
    assert_int_equal(at_distribution_generate(&choice, &bad, AT_FP16, 1, &qkv, &error), AT_ERR_ARGUMENT);
    choice.values[0] = NAN;
    assert_int_equal(at_distribution_generate(&choice, &good, AT_FP16, 1, &qkv, &error), AT_ERR_ARGUMENT);
    assert_null(qkv.q.codes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_what_it_does_not_know),
        cmocka_unit_test(refuses_malformed_text),
        cmocka_unit_test(refuses_values_out_of_range),
        cmocka_unit_test(prints_what_reads_back),
        cmocka_unit_test(parameters_by_name),
        cmocka_unit_test(generate_checks_its_problem),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
