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

static void readouts(void **state)
{
    (void)state;
    struct at_study s;
    scratch_write("c.safetensors", "x", 1);
    scratch_write("w.safetensors", "x", 1); /* reading a study does not read its readouts */
    assert_int_equal(
        scratch_study(HEAD "  - {capture: c.safetensors, readout: {file: w.safetensors, tensor: lm_head}}\n"
                           "  - {distribution: normal, shape: {heads: 2, lengths: [8, 16], dim: 32}, readout: {file: w.safetensors}}\n",
                      &s, NULL),
        AT_OK);
    assert_int_equal(s.input_count, 3);
    assert_string_equal(s.inputs[0].readout_tensor, "lm_head");
    for (int i = 0; i < 3; i++)
        assert_string_equal(s.inputs[i].readout, scratch_path("w.safetensors"));
    assert_null(s.inputs[2].readout_tensor);
    at_study_done(&s);
    scratch_refused(HEAD "  - capture: c.safetensors\n    readout: {file: none}\n", AT_ERR_NOT_FOUND,
                    "6: inputs[0].readout.file: 'none': ");
    scratch_refused(HEAD "  - capture: c.safetensors\n    readout: {tensor: x}\n", AT_ERR_FORMAT,
                    "6: inputs[0].readout: key 'file' is missing");
    scratch_refused(HEAD "  - capture: c.safetensors\n    readout: {file: w, tensro: x}\n", AT_ERR_FORMAT, "6: inputs[0].readout");
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
    scratch_refused(HEAD "  - capture: c.safetensors\n    sweep: [{parameter: sigma, values: [1]}]\n", AT_ERR_ARGUMENT,
                    "6: inputs[0].sweep: belongs to a distribution");
    scratch_refused(HEAD "  - capture: c.safetensors\n    sobol: {points: 2, over: [{parameter: sigma, from: 1, to: 2}]}\n",
                    AT_ERR_ARGUMENT, "6: inputs[0].sobol: belongs to a distribution");
    scratch_refused(SHAPED "    layout: bhsd\n", AT_ERR_ARGUMENT, "7: inputs[0].layout: belongs to a capture");
    scratch_refused(SHAPED "    tensors: {q: a}\n", AT_ERR_ARGUMENT, "7: inputs[0].tensors: belongs to a capture");
    scratch_refused(GENERATED, AT_ERR_FORMAT, "5: inputs[0]: key 'shape' is missing");
    scratch_refused(HEAD "  - capture: none.safetensors\n", AT_ERR_NOT_FOUND, "5: inputs[0].capture: 'none.safetensors': ");
    scratch_refused(HEAD "  - capture: c.safetensors\n    layout: sbhd\n", AT_ERR_ARGUMENT, "6: inputs[0].layout: 'sbhd' is neither");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(captures), cmocka_unit_test(readouts), cmocka_unit_test(refused_kinds)};
    scratch_open();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    scratch_close();
    return failed;
}
