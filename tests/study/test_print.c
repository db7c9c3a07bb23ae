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

/* The text of a study file as attest printed it before more than lengths and parameters could be swept: its runs are found again. */
static void as_it_was(void **state)
{
    (void)state;
    static const char study[] = "name: n\n"
                                "variants: [fa3-fp16]\n"
                                "inputs:\n"
                                "  - distribution: iid-outlier\n"
                                "    label: spikes\n"
                                "    sweep: [{parameter: sigma, values: [1, 10]}]\n"
                                "    causal: true\n"
                                "    scale: 0.25\n"
                                "    format: bf16\n"
                                "    seeds: [2, 5]\n"
                                "    shape: {batch: 2, heads: 4, kv-heads: 2, queries: 4, lengths: [8], dims: [32, 64]}\n"
                                "  - distribution: needle\n"
                                "    sobol: {points: 2, over: [{parameter: keys, from: 16, to: 64, spacing: log}]}\n"
                                "    shape: {heads: 1, dim: 64}\n";
    static const char inputs[] =
        "\"inputs\":[{\"causal\":true,\"distribution\":\"iid-outlier:probability=0.001,sigma=1\",\"format\":\"bf16\",\"lab"
        "el\":\"spikes sigma=1 dim=32\",\"scale\":0.25,\"seeds\":[2,5],\"shape\":{\"batch\":2,\"dim\":32,\"heads\":4,\"keys\":"
        "8,\"kv-heads\":2,\"queries\":4}},"
        "{\"causal\":true,\"distribution\":\"iid-outlier:probability=0.001,sigma=1\",\"format\":\"bf16\",\"label\":\"spike"
        "s sigma=1 dim=64\",\"scale\":0.25,\"seeds\":[2,5],\"shape\":{\"batch\":2,\"dim\":64,\"heads\":4,\"keys\":8,\"kv-head"
        "s\":2,\"queries\":4}},"
        "{\"causal\":true,\"distribution\":\"iid-outlier:probability=0.001,sigma=10\",\"format\":\"bf16\",\"label\":\"spik"
        "es sigma=10 dim=32\",\"scale\":0.25,\"seeds\":[2,5],\"shape\":{\"batch\":2,\"dim\":32,\"heads\":4,\"keys\":8,\"kv-he"
        "ads\":2,\"queries\":4}},"
        "{\"causal\":true,\"distribution\":\"iid-outlier:probability=0.001,sigma=10\",\"format\":\"bf16\",\"label\":\"spik"
        "es sigma=10 dim=64\",\"scale\":0.25,\"seeds\":[2,5],\"shape\":{\"batch\":2,\"dim\":64,\"heads\":4,\"keys\":8,\"kv-he"
        "ads\":2,\"queries\":4}},"
        "{\"causal\":false,\"distribution\":\"needle:gap=10,depth=0.5,deviation=0.1\",\"format\":\"fp16\",\"label\":\"need"
        "le\",\"scale\":0.0,\"seeds\":[1],\"shape\":{\"batch\":1,\"dim\":64,\"heads\":1,\"keys\":32,\"kv-heads\":1,\"queries\":3"
        "2}},"
        "{\"causal\":false,\"distribution\":\"needle:gap=10,depth=0.5,deviation=0.1\",\"format\":\"fp16\",\"label\":\"need"
        "le\",\"scale\":0.0,\"seeds\":[1],\"shape\":{\"batch\":1,\"dim\":64,\"heads\":1,\"keys\":45,\"kv-heads\":1,\"queries\":4"
        "5}}]";
    char *printed = canonical(study);
    assert_non_null(strstr(printed, inputs));
    free(printed);
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
    const struct CMUnitTest tests[] = {cmocka_unit_test(equal_studies), cmocka_unit_test(different_studies), cmocka_unit_test(as_it_was),
                                       cmocka_unit_test(not_utf8)};
    scratch_open();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    scratch_close();
    return failed;
}
