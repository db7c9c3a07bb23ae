/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/read.h"

#include "scratch.h"
#include "study/verify.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

/* Four lines before the inputs' first. */
#define HEAD "name: n\nvariants:\n  - fa3-fp16\ninputs:\n"
#define GENERATED HEAD "  - distribution: normal\n"
#define SHAPED GENERATED "    shape: {heads: 2, keys: 8, dim: 32}\n"

static void generated(void **state)
{
    (void)state;
    struct at_study s;
    struct at_error error = {""};
    if (scratch_study(HEAD
                      "  - distribution: iid-outlier:sigma=100\n    label: spikes\n    causal: true\n    scale: 0.25\n    format: bf16\n"
                      "    seeds: [3, 1]\n    shape: {batch: 2, heads: 4, kv-heads: 2, queries: 8, keys: 16, dim: 64}\n",
                      &s, &error))
        fail_msg("%s", error.message);
    const struct at_study_input *in = &s.inputs[0];
    assert_int_equal(s.input_count, 1);
    assert_string_equal(in->label, "spikes");
    assert_string_equal(in->distribution.distribution->name, "iid-outlier");
    assert_int_equal(in->format, AT_BF16);
    assert_int_equal(in->seed_count, 2);
    assert_int_equal(in->seeds[0], 3);
    assert_int_equal(in->seeds[1], 1);
    const struct at_problem *p = &in->problem;
    assert_true(p->batch == 2 && p->heads_q == 4 && p->heads_kv == 2 && p->seq_q == 8 && p->seq_k == 16 && p->dim == 64);
    assert_true(p->causal && p->scale == 0.25);
    at_study_done(&s);
}

static void defaults(void **state)
{
    (void)state;
    struct at_study s;
    assert_int_equal(scratch_study(SHAPED "  - distribution: normal\n    shape: {heads: 1, queries: 5, dim: 32}\n", &s, NULL), AT_OK);
    const struct at_study_input *in = &s.inputs[0];
    assert_string_equal(in->label, "normal");
    assert_int_equal(in->format, AT_FP16);
    assert_int_equal(in->seed_count, 1);
    assert_int_equal(in->seeds[0], 1);
    const struct at_problem *p = &in->problem;
    assert_true(p->batch == 1 && p->heads_q == 2 && p->heads_kv == 2 && p->seq_q == 8 && p->seq_k == 8 && !p->causal && p->scale == 0);
    p = &s.inputs[1].problem;
    assert_true(p->seq_q == 5 && p->seq_k == 5);
    at_study_done(&s);
}

static void lengths(void **state)
{
    (void)state;
    struct at_study s;
    assert_int_equal(scratch_study(HEAD "  - {distribution: normal, seeds: [1, 2], shape: {heads: 1, lengths: [8, 32, 16], dim: 32}}\n"
                                        "  - {distribution: normal, shape: {heads: 1, lengths: [64], queries: 4, dim: 32}}\n",
                                   &s, NULL),
                     AT_OK);
    static const int64_t keys[] = {8, 32, 16, 64}, queries[] = {8, 32, 16, 4};
    assert_int_equal(s.input_count, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(s.inputs[i].problem.seq_k, keys[i]);
        assert_int_equal(s.inputs[i].problem.seq_q, queries[i]);
    }
    assert_int_equal(s.inputs[2].seed_count, 2);
    at_study_done(&s);
}

static void refused_values(void **state)
{
    (void)state;
    scratch_refused(HEAD "  - distribution: nrmal\n    shape: {heads: 1, keys: 8, dim: 32}\n", AT_ERR_NOT_FOUND,
                    "5: inputs[0].distribution: ");
    scratch_refused(HEAD "  - distribution: iid-outlier:sigma=-1\n    shape: {heads: 1, keys: 8, dim: 32}\n", AT_ERR_ARGUMENT,
                    "5: inputs[0].distribution: ");
    scratch_refused(SHAPED "    causal: maybe\n", AT_ERR_ARGUMENT, "7: inputs[0].causal: 'maybe' is neither true nor false");
    scratch_refused(SHAPED "    scale: abc\n", AT_ERR_ARGUMENT, "7: inputs[0].scale: 'abc' is not a finite number above 0");
    scratch_refused(SHAPED "    scale: 1e400\n", AT_ERR_ARGUMENT, "7: inputs[0].scale: '1e400' is not");
    scratch_refused(SHAPED "    scale: 0\n", AT_ERR_ARGUMENT, "7: inputs[0].scale: '0' is not");
    scratch_refused(SHAPED "    scale: -1\n", AT_ERR_ARGUMENT, "7: inputs[0].scale: '-1' is not");
    scratch_refused(SHAPED "    format: fp61\n", AT_ERR_NOT_FOUND, "7: inputs[0].format: no format named 'fp61'; did you mean 'fp16'?");
    scratch_refused(SHAPED "    seeds:\n      - 1\n      - -2\n", AT_ERR_ARGUMENT, "9: inputs[0].seeds[1]: '-2' is not a whole number");
    scratch_refused(SHAPED "    seeds:\n      - 1\n      - 1\n", AT_ERR_ARGUMENT, "9: inputs[0].seeds[1]: seed 1 is listed twice");
    scratch_refused(SHAPED "    seeds:\n      - 9223372036854775808\n", AT_ERR_ARGUMENT,
                    "8: inputs[0].seeds[0]: '9223372036854775808' is not");
}

static void refused_shapes(void **state)
{
    (void)state;
    scratch_refused(GENERATED "    shape: {keys: 8, dim: 32}\n", AT_ERR_FORMAT, "6: inputs[0].shape: key 'heads' is missing");
    scratch_refused(GENERATED "    shape: {heads: 1, dim: 32}\n", AT_ERR_FORMAT, "6: inputs[0].shape: give 'keys'");
    scratch_refused(GENERATED "    shape: {heads: 1, keys: 8}\n", AT_ERR_FORMAT,
                    "6: inputs[0].shape: key 'dim' is missing: give 'dim', or");
    scratch_refused(GENERATED "    shape: {heads: 1, keys: 8, dim: 32, dims: [32, 64]}\n", AT_ERR_ARGUMENT,
                    "6: inputs[0].shape.dims: 'dims' (several head dimensions) and 'dim' (one) are both given");
    scratch_refused(GENERATED "    shape: {heads: 1, keys: 8, dims: [32, 64, 32]}\n", AT_ERR_ARGUMENT,
                    "6: inputs[0].shape.dims: 32 is listed twice");
    scratch_refused(GENERATED "    shape:\n      heads: 1\n      keys: 8\n      dims:\n        - 32\n        - x\n", AT_ERR_ARGUMENT,
                    "11: inputs[0].shape.dims[1]: 'x' is not");
    scratch_refused(GENERATED "    shape:\n      heads: -4\n      keys: 8\n      dim: 32\n", AT_ERR_ARGUMENT,
                    "7: inputs[0].shape.heads: '-4' is not");
    scratch_refused(GENERATED "    shape:\n      heads: 1\n      keys: 0\n      dim: 32\n", AT_ERR_ARGUMENT,
                    "8: inputs[0].shape.keys: '0' is not");
    scratch_refused(GENERATED "    shape:\n      heads: 1\n      keys: 1e30\n      dim: 32\n", AT_ERR_ARGUMENT,
                    "8: inputs[0].shape.keys: '1e30'");
    scratch_refused(GENERATED "    shape:\n      heads: 1\n      keys: 99999999999999999999\n      dim: 32\n", AT_ERR_ARGUMENT,
                    "8: inputs[0].shape.keys: '99999999999999999999' is not a whole number from 1 to 1073741824");
    scratch_refused(GENERATED "    shape:\n      heads: 1\n      queries: 1.5\n      dim: 32\n", AT_ERR_ARGUMENT,
                    "8: inputs[0].shape.queries: '1.5'");
    scratch_refused(GENERATED "    shape:\n      heads: 1\n      keys: 8\n      dim: 32\n      batch: x\n", AT_ERR_ARGUMENT,
                    "10: inputs[0].shape.batch: 'x'");
    scratch_refused(GENERATED "    shape:\n      heads: 3\n      kv-heads: 2\n      keys: 8\n      dim: 32\n", AT_ERR_ARGUMENT,
                    "6: inputs[0].shape: shape: 3 query heads do not divide");
    scratch_refused(GENERATED "    shape:\n      heads: 1\n      keys: 8\n      dim: 48\n", AT_ERR_UNSUPPORTED,
                    "6: inputs[0].shape: shape: head dimension 48");
    scratch_refused(GENERATED "    shape:\n      heads: 1\n      lengths:\n        - 8\n        - 0\n      dim: 32\n", AT_ERR_ARGUMENT,
                    "10: inputs[0].shape.lengths[1]: '0' is not");
    scratch_refused(GENERATED "    shape:\n      heads: 1\n      lengths: [8, 16, 8]\n      dim: 32\n", AT_ERR_ARGUMENT,
                    "8: inputs[0].shape.lengths: 8 is listed twice");
    scratch_refused(GENERATED "    shape:\n      heads: 1\n      lengths: [8]\n      keys: 8\n      dim: 32\n", AT_ERR_ARGUMENT,
                    "8: inputs[0].shape.lengths: 'lengths' (several");
}

/* Points of a sweep, then head dimensions, then lengths; the label says what the case's shape does not. */
static void labels_and_order(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        double sigma;
        int64_t dim, keys;
    } wanted[] = {{"noise sigma=0.5 dim=32", 0.5, 32, 8},  {"noise sigma=0.5 dim=32", 0.5, 32, 16}, {"noise sigma=0.5 dim=64", 0.5, 64, 8},
                  {"noise sigma=0.5 dim=64", 0.5, 64, 16}, {"noise sigma=2 dim=32", 2, 32, 8},      {"noise sigma=2 dim=32", 2, 32, 16},
                  {"noise sigma=2 dim=64", 2, 64, 8},      {"noise sigma=2 dim=64", 2, 64, 16}};
    struct at_study s;
    assert_int_equal(scratch_study(GENERATED "    label: noise\n    sweep: [{parameter: sigma, values: [0.5, 2]}]\n"
                                             "    shape: {heads: 1, lengths: [8, 16], dims: [32, 64]}\n"
                                             "  - distribution: normal\n    sweep: [{parameter: keys, values: [16, 8]}]\n"
                                             "    shape: {heads: 1, queries: 4, dims: [32]}\n",
                                   &s, NULL),
                     AT_OK);
    assert_int_equal(s.input_count, 10);
    for (size_t i = 0; i < 8; i++) {
        assert_string_equal(s.inputs[i].label, wanted[i].label);
        assert_true(s.inputs[i].distribution.values[0] == wanted[i].sigma);
        assert_int_equal(s.inputs[i].problem.dim, wanted[i].dim);
        assert_int_equal(s.inputs[i].problem.seq_k, wanted[i].keys);
        assert_int_equal(s.inputs[i].problem.seq_q, wanted[i].keys);
    }
    for (size_t i = 8; i < 10; i++) {
        assert_string_equal(s.inputs[i].label, "normal");
        assert_int_equal(s.inputs[i].problem.seq_k, i == 8 ? 16 : 8);
        assert_int_equal(s.inputs[i].problem.seq_q, 4);
        assert_int_equal(s.inputs[i].problem.dim, 32);
    }
    at_study_done(&s);
}

/* Sizes, scale, mask and format are axes like any parameter; what a label does not say stands beside it. */
static void axes_of_the_case(void **state)
{
    (void)state;
    struct at_study s;
    struct at_error error = {""};
    if (scratch_study(HEAD "  - distribution: normal\n    shape: {kv-heads: 2, keys: 32}\n    sweep:\n"
                           "      - {parameter: causal, values: [true, false]}\n      - {parameter: heads, values: [4, 2]}\n"
                           "      - {parameter: dim, from: 32, to: 128, points: 3, spacing: log}\n"
                           "  - distribution: normal\n    label: some\n    shape: {}\n    sobol:\n      points: 4\n      over:\n"
                           "        - {parameter: format, values: [bf16, e4m3]}\n        - {parameter: batch, from: 1, to: 9}\n"
                           "        - {parameter: heads, values: [4, 8]}\n        - {parameter: kv-heads, values: [1, 2]}\n"
                           "        - {parameter: queries, from: 1, to: 64}\n        - {parameter: keys, values: [64]}\n"
                           "        - {parameter: dim, values: [64]}\n        - {parameter: scale, from: 0.01, to: 1, spacing: log}\n"
                           "        - {parameter: causal, values: [true]}\n",
                      &s, &error))
        fail_msg("%s", error.message);
    assert_int_equal(s.input_count, 2 * 2 * 3 + 4);
    for (size_t i = 0; i < 12; i++) {
        const struct at_problem *p = &s.inputs[i].problem;
        char label[80];
        assert_true(p->causal == (i < 6) && s.inputs[i].causal == (i < 6) && p->scale == 0);
        assert_true(p->heads_q == (i / 3 % 2 ? 2 : 4) && p->heads_kv == 2 && p->dim == 32 << i % 3 && p->seq_q == 32 && p->seq_k == 32);
        snprintf(label, sizeof label, "normal causal=%s heads=%d dim=%d", i < 6 ? "true" : "false", (int)p->heads_q, (int)p->dim);
        assert_string_equal(s.inputs[i].label, label);
    }
    for (size_t i = 12; i < 16; i++) {
        const struct at_study_input *in = &s.inputs[i];
        const struct at_problem *p = &in->problem;
        char label[200], scale[AT_PARAMETER_TEXT_SIZE];
        assert_true(in->format == AT_BF16 || in->format == AT_E4M3);
        assert_true(p->causal && p->seq_k == 64 && p->scale >= 0.01 && p->scale <= 1 && p->scale == in->scale);
        at_parameter_print(p->scale, scale);
        snprintf(label, sizeof label, "some format=%s batch=%d heads=%d kv-heads=%d queries=%d dim=64 scale=%s causal=true",
                 at_formats[in->format].name, (int)p->batch, (int)p->heads_q, (int)p->heads_kv, (int)p->seq_q, scale);
        assert_string_equal(in->label, label);
    }
    assert_true(s.inputs[12].problem.batch == 5); /* the sequence begins in the middle of every interval */
    at_study_done(&s);
}

/* Without a size of its own the queries follow swept keys, the keys swept queries, and the key/value heads swept heads. */
static void what_follows_an_axis(void **state)
{
    (void)state;
    struct at_study s;
    assert_int_equal(scratch_study(GENERATED "    sweep: [{parameter: queries, values: [8, 16]}, {parameter: heads, values: [1, 3]}]\n"
                                             "    shape: {dim: 32}\n"
                                             "  - distribution: normal\n    sweep: [{parameter: queries, values: [1, 2]}]\n"
                                             "    shape: {heads: 1, lengths: [8, 16], dim: 32}\n",
                                   &s, NULL),
                     AT_OK);
    assert_int_equal(s.input_count, 8);
    for (size_t i = 0; i < 4; i++) {
        const struct at_problem *p = &s.inputs[i].problem;
        assert_true(p->seq_q == (i < 2 ? 8 : 16) && p->seq_k == p->seq_q && p->heads_q == (i % 2 ? 3 : 1) && p->heads_kv == p->heads_q);
    }
    for (size_t i = 4; i < 8; i++)
        assert_true(s.inputs[i].problem.seq_q == (i < 6 ? 1 : 2) && s.inputs[i].problem.seq_k == (i % 2 ? 16 : 8));
    at_study_done(&s);
}

/* The canonical text holds the points themselves: a sweep and its cases written out one by one are one study. */
static void a_sweep_is_its_cases(void **state)
{
    (void)state;
    static const char *const texts[] = {
        GENERATED "    sweep: [{parameter: sigma, from: 1, to: 100, points: 3, spacing: log}]\n    shape: {heads: 1, keys: 8, dim: 32}\n",
        HEAD "  - {distribution: 'normal:sigma=1', label: normal sigma=1, shape: {heads: 1, keys: 8, dim: 32}}\n"
             "  - {distribution: 'normal:sigma=10', label: normal sigma=10, shape: {heads: 1, keys: 8, dim: 32}}\n"
             "  - {distribution: 'normal:sigma=100', label: normal sigma=100, shape: {heads: 1, keys: 8, dim: 32}}\n",
        GENERATED "    shape: {heads: 2, keys: 8, dim: 32}\n    sweep: [{parameter: causal, values: [false, true]},\n"
                  "            {parameter: format, values: [fp16, bf16]}, {parameter: scale, values: [2]}]\n",
        HEAD "  - {distribution: normal, label: normal causal=false format=fp16 scale=2, scale: 2, shape: {heads: 2, keys: 8, dim: 32}}\n"
             "  - {distribution: normal, label: normal causal=false format=bf16 scale=2, scale: 2, format: bf16, causal: false,\n"
             "     shape: {heads: 2, keys: 8, dim: 32}}\n"
             "  - {distribution: normal, label: normal causal=true format=fp16 scale=2, scale: 2, causal: true,\n"
             "     shape: {heads: 2, keys: 8, dim: 32}}\n"
             "  - {distribution: normal, label: normal causal=true format=bf16 scale=2, scale: 2, causal: true, format: bf16,\n"
             "     shape: {heads: 2, keys: 8, dim: 32}}\n"};
    char *printed[4] = {NULL};
    for (int i = 0; i < 4; i++) {
        struct at_study s;
        assert_int_equal(scratch_study(texts[i], &s, NULL), AT_OK);
        assert_int_equal(at_study_print(&s, at_oracles[0], &printed[i], NULL), AT_OK);
        at_study_done(&s);
    }
    assert_string_equal(printed[0], printed[1]);
    assert_string_equal(printed[2], printed[3]);
    for (int i = 0; i < 4; i++)
        free(printed[i]);
}

static void too_many_cases(void **state)
{
    (void)state;
    struct at_study s;
    const char *half = "    sweep: [{parameter: sigma, from: 1, to: 2, points: 500}]\n    seeds: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]\n";
    char text[1024];
    snprintf(text, sizeof text, GENERATED "%s    shape: {heads: 1, lengths: [8, 16], dim: 32}\n", half);
    assert_int_equal(scratch_study(text, &s, NULL), AT_OK); /* 10000 */
    assert_int_equal(s.input_count, 1000);
    at_study_done(&s);
    snprintf(text, sizeof text, GENERATED "%s    shape: {heads: 1, lengths: [8, 16], dims: [32, 64]}\n", half);
    scratch_refused(text, AT_ERR_ARGUMENT, "5: inputs[0]: 20000 cases after 0 before it; a study has up to 10000");
    snprintf(text, sizeof text, SHAPED "  - distribution: normal\n%s    shape: {heads: 1, lengths: [8, 16], dim: 32}\n", half);
    scratch_refused(text, AT_ERR_ARGUMENT, "7: inputs[1]: 10000 cases after 1 before it");
}

/* Runs what is not stored yet; the number of runs computed. */
static int64_t run(const char *text, const char *database, struct at_store **ret_store)
{
    struct at_study s;
    struct at_error error = {""};
    struct at_study_outcome outcome;
    struct at_study_events events = {0};
    if (scratch_study(text, &s, &error) || at_store_open(scratch_path(database), AT_STORE_WRITE, ret_store, &error) ||
        at_study_run(&s, *ret_store, NULL, &events, &outcome, &error))
        fail_msg("%s", error.message);
    at_study_done(&s);
    return outcome.runs_done;
}

/* A study of a sweep goes on where it stopped, its runs can be verified, and SQL finds each case's parameters in the store. */
static void stored_and_found(void **state)
{
    (void)state;
    struct at_store *store;
    struct at_verification verified;
    struct at_error error = {""};
    static const char some[] = GENERATED "    sweep: [{parameter: sigma, values: [1, 3.16228]}]\n    shape: {heads: 1, keys: 8, dim: 32}\n",
                      all[] = GENERATED "    sweep: [{parameter: sigma, from: 1, to: 10, points: 3, spacing: log}]\n"
                                        "    shape: {heads: 1, keys: 8, dim: 32}\n";
    assert_int_equal(run(some, "sweep.db", &store), 2);
    at_store_close(store);
    assert_int_equal(run(all, "sweep.db", &store), 1);
    assert_true(scratch_number(store, "SELECT count(DISTINCT label) FROM result WHERE metric = 'rel_rmse' AND scope = 'case'") == 3);
    assert_true(scratch_number(store,
                               "SELECT count(DISTINCT value) FROM (SELECT CAST(substr(spelling, instr(spelling, 'sigma=') + 6) AS REAL)"
                               " AS value FROM input) WHERE value IN (1, 3.16228, 10)") == 3);
    at_store_close(store);
    if (at_store_open(scratch_path("sweep.db"), AT_STORE_READ, &store, &error) ||
        at_verify(store, &(struct at_verify_question){.memory = INFINITY}, &verified, &error))
        fail_msg("%s", error.message);
    assert_int_equal(verified.count, 3);
    assert_int_equal(verified.of[AT_SAME_BITS], 3);
    at_verification_done(&verified);
    at_store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(generated),
                                       cmocka_unit_test(defaults),
                                       cmocka_unit_test(lengths),
                                       cmocka_unit_test(refused_values),
                                       cmocka_unit_test(refused_shapes),
                                       cmocka_unit_test(labels_and_order),
                                       cmocka_unit_test(axes_of_the_case),
                                       cmocka_unit_test(what_follows_an_axis),
                                       cmocka_unit_test(a_sweep_is_its_cases),
                                       cmocka_unit_test(too_many_cases),
                                       cmocka_unit_test(stored_and_found)};
    scratch_open();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    scratch_close();
    return failed;
}
