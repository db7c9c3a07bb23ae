/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/schema.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static enum at_status load(const char *text, struct at_file_study **ret_file, struct at_error *error)
{
    struct at_document *d = NULL;
    enum at_status status = at_document_parse("s.yaml", text, strlen(text), &d, error);
    if (!status)
        status = at_file_study_load(d, text, strlen(text), ret_file, error);
    at_document_free(d);
    return status;
}

#define HEAD "name: a\nvariants: [x]\n"

static void everything(void **state)
{
    (void)state;
    struct at_file_study *file = NULL;
    struct at_error error = {""};
    static const char text[] =
        "name: first\nrows: 16\nrows-seed: 7\noracle: mpfr\nvariants: [a, \"fp8:scale=block128,promote=128\"]\ninputs:\n"
        "  - {capture: a/b.safetensors, label: layer 0, layout: bshd, causal: true, scale: 0.5, tensors: {q: Q, k: K, v: V}, readout: "
        "{file: w, tensor: t}}\n"
        "  - distribution: normal\n    format: bf16\n    seeds: [1, 2]\n"
        "    shape: {batch: 1, heads: 4, kv-heads: 2, queries: 8, keys: 16, dim: 64, lengths: [3, 4, 5], dims: [32]}\n"
        "    sweep: [{parameter: x, from: 1, to: 2, points: 3, spacing: log}, {parameter: y, values: [4, 5]}]\n"
        "    sobol: {points: 6, seed: 7, over: [{parameter: z, from: 8, to: 9}]}\n";
    assert_int_equal(load(text, &file, &error), AT_OK);
    assert_string_equal(file->name, "first");
    assert_string_equal(file->rows, "16");
    assert_string_equal(file->rows_seed, "7");
    assert_string_equal(file->oracle, "mpfr");
    assert_int_equal(file->variants_count, 2);
    assert_string_equal(file->variants[1], "fp8:scale=block128,promote=128");
    assert_int_equal(file->inputs_count, 2);
    const struct at_file_input *c = &file->inputs[0], *d = &file->inputs[1];
    assert_string_equal(c->capture, "a/b.safetensors");
    assert_string_equal(c->label, "layer 0");
    assert_string_equal(c->tensors->k, "K");
    assert_string_equal(c->readout->file, "w");
    assert_string_equal(c->readout->tensor, "t");
    assert_null(c->shape);
    assert_null(d->readout);
    assert_string_equal(d->shape->kv_heads, "2");
    assert_string_equal(d->shape->dim, "64");
    assert_int_equal(d->shape->lengths_count, 3);
    assert_string_equal(d->shape->lengths[2], "5");
    assert_int_equal(d->shape->dims_count, 1);
    assert_string_equal(d->shape->dims[0], "32");
    assert_int_equal(d->sweep_count, 2);
    assert_string_equal(d->sweep[0].spacing, "log");
    assert_string_equal(d->sweep[1].parameter, "y");
    assert_int_equal(d->sweep[1].values_count, 2);
    assert_string_equal(d->sobol->seed, "7");
    assert_string_equal(d->sobol->over[0].to, "9");
    assert_string_equal(d->seeds[1], "2");
    assert_null(d->causal);
    assert_null(at_file_study_free(file));
    at_file_study_free(NULL);
}

static void refusals(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"variants: [x]\ninputs: [{distribution: n}]\n", "s.yaml:1: key 'name' is missing"},
        {"name: a\ninputs: [{distribution: n}]\n", "s.yaml:1: key 'variants' is missing"},
        {HEAD, "s.yaml:1: key 'inputs' is missing"},
        {HEAD "inputs: []\n", "s.yaml:3: inputs: the list is empty"},
        {"name: a\nvariants: []\n", "s.yaml:2: variants: the list is empty"},
        {"name: a\nvariants: x\n", "s.yaml:2: variants: a list is needed here, not a single value"},
        {"name: a\nvariants:\n  - x\n  - [y]\n", "s.yaml:4: variants[1]: a single value is needed here, not a list"},
        {"name: a\nvariant: [x]\n", "s.yaml:2: unknown key 'variant'; did you mean 'variants'?"},
        {"name: ''\nvariants: [x]\n", "s.yaml:1: name: the value is empty"},
        {HEAD "inputs: {distribution: n}\n", "s.yaml:3: inputs: a list is needed here, not a mapping"},
        {HEAD "inputs:\n  - n\n", "s.yaml:4: inputs[0]: a mapping (key: value) is needed here, not a single value"},
        {HEAD "inputs:\n  - distribution: n\n    sape: {heads: 1}\n", "s.yaml:5: inputs[0]: unknown key 'sape'; did you mean 'shape'?"},
        {HEAD "inputs:\n  - distribution: n\n    shape:\n      heds: 1\n      dim: 64\n",
         "s.yaml:6: inputs[0].shape: unknown key 'heds'; did you mean 'heads'?"},
        {HEAD "inputs:\n  - distribution: n\n  - distribution: n\n    seeds: []\n", "s.yaml:6: inputs[1].seeds: the list is empty"},
        {HEAD "inputs:\n  - distribution: n\n    sweep:\n      - from: 1\n", "s.yaml:6: inputs[0].sweep[0]: key 'parameter' is missing"},
        {HEAD "inputs:\n  - distribution: n\n    sweep: {parameter: x}\n",
         "s.yaml:5: inputs[0].sweep: a list is needed here, not a mapping"},
        {"name: &n a\nvariants:\n  - *n\n", "s.yaml:3: a study takes no YAML aliases"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct at_error error = {""};
        struct at_file_study *file = NULL;
        assert_int_equal(load(cases[i].text, &file, &error), AT_ERR_FORMAT);
        assert_null(file);
        if (strncmp(error.message, cases[i].message, strlen(cases[i].message)) != 0)
            fail_msg("%s\nis not\n%s", error.message, cases[i].message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(everything), cmocka_unit_test(refusals)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
