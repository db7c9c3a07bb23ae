/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/study.h"

#include "scratch.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static char *canonical(const char *text)
{
    struct at_study s;
    struct at_error error = {""};
    char *printed = NULL;
    if (scratch_study(text, &s, &error) || at_study_print(&s, at_oracles[0], &printed, &error))
        fail_msg("%s", error.message);
    at_study_done(&s);
    return printed;
}

#define REST "inputs:\n  - {distribution: normal, shape: {heads: 1, keys: 8, dim: 32}}\n  - {capture: c.safetensors}\n"

static void equal_studies(void **state)
{
    (void)state;
    scratch_write("c.safetensors", "x", 1);
    static const char *const same[] = {"name: n\nvariants: [fa3-fp16]\n" REST,
                                       "# a comment\nvariants:\n  - 'fa3-fp16'\nrows: 64\nrows-seed: 01\noracle: mpfr\nname: \"n\"\n" REST,
                                       "name: n\nvariants: [fa3-fp16]\ninputs:\n  - {shape: {kv-heads: 1, dim: 32, queries: 8, batch: 1, "
                                       "heads: 1}, seeds: [1], format: fp16,"
                                       " causal: false, label: normal, distribution: normal}\n  - {label: c, capture: ./c.safetensors}\n"};
    char *first = canonical(same[0]);
    for (size_t i = 1; i < sizeof same / sizeof same[0]; i++) {
        char *other = canonical(same[i]);
        assert_string_equal(first, other);
        free(other);
    }
    assert_null(strstr(first, "/")); /* no folder: a study is the same wherever it lies */
    free(first);
}

static void different_studies(void **state)
{
    (void)state;
    scratch_write("c.safetensors", "x", 1);
    static const char *const texts[] = {
        "name: n\nvariants: [fa3-fp16]\n" REST,
        "name: m\nvariants: [fa3-fp16]\n" REST,
        "name: n\nrows: 63\nvariants: [fa3-fp16]\n" REST,
        "name: n\nrows: all\nvariants: [fa3-fp16]\n" REST,
        "name: n\nrows-seed: 2\nvariants: [fa3-fp16]\n" REST,
        "name: n\nvariants: [fa3-fp8]\n" REST,
        "name: n\nvariants: [fa3-fp16, fa3-fp8]\n" REST,
        "name: n\nvariants: [fa3-fp16]\n" REST "  - {distribution: normal, shape: {heads: 1, keys: 9, dim: 32}}\n",
        "name: n\nvariants: [fa3-fp16]\n" REST "  - {distribution: normal, shape: {heads: 1, keys: 9, queries: 8, dim: 32}}\n",
        "name: n\nvariants: [fa3-fp16]\n" REST "  - {distribution: normal, causal: true, shape: {heads: 1, keys: 9, dim: 32}}\n",
        "name: n\nvariants: [fa3-fp16]\n" REST "  - {distribution: normal, scale: 1, shape: {heads: 1, keys: 9, dim: 32}}\n",
        "name: n\nvariants: [fa3-fp16]\n" REST "  - {distribution: normal, format: bf16, shape: {heads: 1, keys: 9, dim: 32}}\n",
        "name: n\nvariants: [fa3-fp16]\n" REST "  - {distribution: normal, seeds: [2], shape: {heads: 1, keys: 9, dim: 32}}\n",
        "name: n\nvariants: [fa3-fp16]\n" REST "  - {distribution: 'v-mean:mean=0.5', shape: {heads: 1, keys: 9, dim: 32}}\n",
        "name: n\nvariants: [fa3-fp16]\n" REST "  - {capture: c.safetensors, layout: bshd}\n",
        "name: n\nvariants: [fa3-fp16]\n" REST "  - {capture: c.safetensors, causal: true}\n",
        "name: n\nvariants: [fa3-fp16]\n" REST "  - {capture: c.safetensors, causal: false}\n",
        "name: n\nvariants: [fa3-fp16]\n" REST "  - {capture: c.safetensors, scale: 0.5}\n",
        "name: n\nvariants: [fa3-fp16]\n" REST "  - {capture: c.safetensors, tensors: {k: K}}\n",
        "name: n\nvariants: [fa3-fp16]\n" REST "  - {capture: c.safetensors, readout: {file: c.safetensors}}\n",
        "name: n\nvariants: [fa3-fp16]\n" REST "  - {capture: c.safetensors, readout: {file: c.safetensors, tensor: w}}\n"};
    enum { COUNT = sizeof texts / sizeof texts[0] };
    char *printed[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        json_t *json;
        printed[i] = canonical(texts[i]);
        assert_non_null(json = json_loads(printed[i], 0, NULL));
        json_decref(json);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(printed[i], printed[j]);
    }
    for (size_t i = 0; i < COUNT; i++)
        free(printed[i]);
}

static void not_utf8(void **state)
{
    (void)state;
    struct at_study s;
    char *text = NULL;
    struct at_error error = {""};
    assert_int_equal(
        scratch_study("name: n\nvariants: [fa3-fp16]\ninputs: [{distribution: normal, label: abc, shape: {heads: 1, keys: 8, dim: 32}}]\n",
                      &s, NULL),
        AT_OK);
    s.inputs[0].label[1] = (char)0xff;
    assert_int_equal(at_study_print(&s, at_oracles[0], &text, &error), AT_ERR_ARGUMENT);
    assert_null(text);
    s.name[0] = (char)0xff;
    assert_int_equal(at_study_print(&s, at_oracles[0], &text, &error), AT_ERR_ARGUMENT);
    at_study_done(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(equal_studies), cmocka_unit_test(different_studies), cmocka_unit_test(not_utf8)};
    scratch_open();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    scratch_close();
    return failed;
}
