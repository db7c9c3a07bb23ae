/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/read.h"

#include "scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
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

static void captures(void **state)
{
    (void)state;
    struct at_study s;
    scratch_write("layer.0.safetensors", "x", 1); /* reading a study does not read its captures */
    assert_int_equal(
        scratch_study(HEAD "  - capture: layer.0.safetensors\n"
                           "  - {capture: layer.0.safetensors, label: l, layout: bshd, causal: false, scale: 0.5, tensors: {q: a, v: c}}\n",
                      &s, NULL),
        AT_OK);
    const struct at_study_input *a = &s.inputs[0], *b = &s.inputs[1];
    assert_string_equal(a->capture, scratch_path("layer.0.safetensors"));
    assert_string_equal(a->label, "layer.0");
    assert_true(a->causal == -1 && a->scale == 0 && !a->q_name && !a->layout && a->seed_count == 0);
    assert_string_equal(b->label, "l");
    assert_true(b->causal == 0 && b->scale == 0.5 && !b->k_name);
    assert_string_equal(b->q_name, "a");
    assert_string_equal(b->v_name, "c");
    assert_string_equal(b->layout, "bshd");
    at_study_done(&s);
}

static void refused_kinds(void **state)
{
    (void)state;
    scratch_write("c.safetensors", "x", 1);
    scratch_refused(HEAD "  - label: x\n", AT_ERR_ARGUMENT, "5: inputs[0]: neither 'capture' nor 'distribution' is given");
    scratch_refused(HEAD "  - distribution: normal\n    capture: c.safetensors\n", AT_ERR_ARGUMENT,
                    "5: inputs[0]: both 'capture' and 'distribution'");
    scratch_refused(HEAD "  - capture: c.safetensors\n    seeds: [1]\n", AT_ERR_ARGUMENT, "6: inputs[0].seeds: belongs to a distribution");
    scratch_refused(HEAD "  - capture: c.safetensors\n    format: fp16\n", AT_ERR_ARGUMENT,
                    "6: inputs[0].format: belongs to a distribution");
    scratch_refused(HEAD "  - capture: c.safetensors\n    shape: {heads: 1, dim: 32}\n", AT_ERR_ARGUMENT,
                    "6: inputs[0].shape: belongs to a distribution");
    scratch_refused(SHAPED "    layout: bhsd\n", AT_ERR_ARGUMENT, "7: inputs[0].layout: belongs to a capture");
    scratch_refused(SHAPED "    tensors: {q: a}\n", AT_ERR_ARGUMENT, "7: inputs[0].tensors: belongs to a capture");
    scratch_refused(GENERATED, AT_ERR_FORMAT, "5: inputs[0]: key 'shape' is missing");
    scratch_refused(HEAD "  - capture: none.safetensors\n", AT_ERR_NOT_FOUND, "5: inputs[0].capture: 'none.safetensors': ");
    scratch_refused(HEAD "  - capture: c.safetensors\n    layout: sbhd\n", AT_ERR_ARGUMENT, "6: inputs[0].layout: 'sbhd' is neither");
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
    scratch_refused(GENERATED "    shape: {heads: 1, dim: 32}\n", AT_ERR_FORMAT, "6: inputs[0].shape: give 'keys'");
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

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(generated),     cmocka_unit_test(defaults),      cmocka_unit_test(lengths),
                                       cmocka_unit_test(captures),      cmocka_unit_test(refused_kinds), cmocka_unit_test(refused_values),
                                       cmocka_unit_test(refused_shapes)};
    scratch_open();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    scratch_close();
    return failed;
}
