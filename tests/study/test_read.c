/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/read.h"

#include "scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define INPUT "inputs:\n  - {distribution: normal, shape: {heads: 1, keys: 8, dim: 32}}\n"

static void defaults(void **state)
{
    (void)state;
    struct at_study s;
    struct at_error error = {""};
    assert_int_equal(scratch_study("name: n\nvariants: [fa3-fp16]\n" INPUT, &s, &error), AT_OK);
    assert_string_equal(s.name, "n");
    assert_int_equal(s.rows, 64);
    assert_int_equal(s.rows_seed, 1);
    assert_null(s.oracle); /* auto */
    assert_int_equal(s.variant_count, 1);
    assert_int_equal(s.input_count, 1);
    at_study_done(&s);
}

static void given(void **state)
{
    (void)state;
    struct at_study s;
    assert_int_equal(
        scratch_study("name: n\nrows: 16\nrows-seed: 9\noracle: mpfr\nvariants: [fa3-fp16, \"fp8:scale=block128,promote=128\"]\n" INPUT, &s,
                      NULL),
        AT_OK);
    assert_int_equal(s.rows, 16);
    assert_int_equal(s.rows_seed, 9);
    assert_string_equal(s.oracle->name, "mpfr");
    assert_string_equal(s.variants[1].name, "fp8:scale=block128,promote=128");
    assert_int_equal(s.variants[1].numerics.promote, 128);
    at_study_done(&s);
    assert_int_equal(scratch_study("rows: all\noracle: auto\nname: n\nvariants: [fa3-fp16]\n" INPUT, &s, NULL), AT_OK);
    assert_int_equal(s.rows, 0);
    assert_null(s.oracle);
    at_study_done(&s);
}

static void refusals(void **state)
{
    (void)state;
    scratch_refused("name: n\nrows: 0\nvariants: [fa3-fp16]\n" INPUT, AT_ERR_ARGUMENT, "2: rows: '0' is neither");
    scratch_refused("name: n\nrows: -4\nvariants: [fa3-fp16]\n" INPUT, AT_ERR_ARGUMENT, "2: rows: '-4' is neither");
    scratch_refused("name: n\nrows: 1e30\nvariants: [fa3-fp16]\n" INPUT, AT_ERR_ARGUMENT, "2: rows: '1e30' is neither");
    scratch_refused("name: n\n\nrows-seed: x\nvariants: [fa3-fp16]\n" INPUT, AT_ERR_ARGUMENT, "3: rows-seed: 'x' is not a whole number");
    scratch_refused("name: n\nrows-seed: 9223372036854775808\nvariants: [fa3-fp16]\n" INPUT, AT_ERR_ARGUMENT, "2: rows-seed: ");
    scratch_refused("name: n\noracle: mfpr\nvariants: [fa3-fp16]\n" INPUT, AT_ERR_NOT_FOUND, "2: oracle: ");
    scratch_refused("name: n\nvariants: [fa3-fp16, fp8:scale=block128,promote=128]\n" INPUT, AT_ERR_ARGUMENT,
                    "2: variants[1]: 'fp8:scale=block128' goes on with 'promote=128': a spelling that holds commas must be quoted: "
                    "\"fp8:scale=block128,promote=128\"");
    scratch_refused("name: n\nvariants: [fa3-fp16]\ninputs:\n  - {distribution: iid-outlier:probability=0.001,sigma=10, "
                    "shape: {heads: 1, keys: 8, dim: 32}}\n", AT_ERR_FORMAT,
                    "4: inputs[0]: unknown key 'sigma=10'; a spelling that holds commas must be quoted");
    scratch_refused("name: n\nvariants:\n  - fa3-fp16\n  - fa3-fp9\n" INPUT, AT_ERR_NOT_FOUND,
                    "4: variants[1]: no variant named 'fa3-fp9'");
    scratch_refused("name: n\nvariants:\n  - \"fp8:scale=blok128\"\n" INPUT, AT_ERR_ARGUMENT, "3: variants[0]: ");
    scratch_refused("name: n\nvariants:\n  - fa3-fp16\n  - fa3-fp8\n  - fa3-fp16\n" INPUT, AT_ERR_ARGUMENT,
                    "5: variants[2]: 'fa3-fp16' is listed twice");
    scratch_refused("name: n\nvarants: [fa3-fp16]\n" INPUT, AT_ERR_FORMAT, "2: unknown key 'varants'; did you mean 'variants'?");
    scratch_refused("name: n\nvariants: [fa3-fp16\n" INPUT, AT_ERR_FORMAT, "3: not YAML: ");
}

static void files(void **state)
{
    (void)state;
    struct at_study s;
    struct at_error error = {""};
    assert_int_equal(at_study_read(scratch_path("none.yaml"), &s, &error), AT_ERR_NOT_FOUND);
    assert_non_null(strstr(error.message, "none.yaml: "));
    assert_int_equal(at_study_read(scratch_path(""), &s, &error), AT_ERR_IO); /* a folder */
    size_t length = ((size_t)1 << 20) + 1;
    char *text = malloc(length);
    memset(text, '#', length);
    assert_int_equal(at_study_read(scratch_write("long.yaml", text, length), &s, &error), AT_ERR_FORMAT);
    assert_non_null(strstr(error.message, "long.yaml: longer than"));
    free(text);
}

/* The studies that the project ships. */
static void shipped(void **state)
{
    (void)state;
    static const struct {
        const char *path, *name;
        size_t inputs, variants;
    } studies[] = {{AT_STUDIES "/first.yaml", "first", 3, 12},
                   {AT_STUDIES "/table3.yaml", "table3", 1, 7},
                   {AT_STUDIES "/accumulator.yaml", "accumulator", 12, 3},
                   {AT_STUDIES "/kpi-remedies.yaml", "kpi-remedies", 2, 4},
                   {AT_STUDIES "/kpi-v-mean.yaml", "kpi-v-mean", 1, 2},
                   {AT_STUDIES "/sweep_outlier.yaml", "sweep-outlier", 45, 5}};
    for (size_t i = 0; i < sizeof studies / sizeof studies[0]; i++) {
        struct at_study s;
        struct at_error error = {""};
        if (at_study_read(studies[i].path, &s, &error))
            fail_msg("%s", error.message);
        assert_string_equal(s.name, studies[i].name);
        assert_int_equal(s.input_count, studies[i].inputs);
        assert_int_equal(s.variant_count, studies[i].variants);
        at_study_done(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(defaults), cmocka_unit_test(given), cmocka_unit_test(refusals),
                                       cmocka_unit_test(files),
                                       cmocka_unit_test(shipped)};
    scratch_open();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    scratch_close();
    return failed;
}
