/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/plan.h"

#include "scratch.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static struct at_numerics numerics_of(const char *name)
{
    struct at_variant_choice choice;
    assert_int_equal(at_variant_choose(name, &choice, NULL), AT_OK);
    return choice.numerics;
}

static void expansion(void **state)
{
    (void)state;
    struct at_study s;
    struct at_plan plan;
    struct at_error error = {""};
    const struct at_problem small = {.batch = 1, .heads_q = 1, .heads_kv = 1, .seq_q = 3, .seq_k = 3, .dim = 32};
    static const float ones[3 * 32] = {1};
    scratch_capture("c.safetensors", &small, ones, ones, ones);
    assert_int_equal(
        scratch_study("name: n\nrows: 4\nvariants: [fa3-fp8, fp8-two-level, fa3-fp16]\ninputs:\n"
                      "  - {distribution: normal, seeds: [7, 5], causal: true, shape: {batch: 2, heads: 2, lengths: [16, 8], dim: 32}}\n"
                      "  - {capture: c.safetensors, causal: true}\n",
                      &s, &error),
        AT_OK);
    if (at_plan_make(&s, INFINITY, &plan, &error))
        fail_msg("%s", error.message);
    static const uint64_t seeds[] = {7, 5, 7, 5, 0};
    static const int64_t keys[] = {16, 16, 8, 8, 3}, rows[] = {4, 4, 4, 4, 3};
    assert_int_equal(plan.count, 5);
    double work = 0;
    for (size_t i = 0; i < 5; i++) {
        const struct at_case *c = &plan.cases[i];
        assert_int_equal(c->seed, seeds[i]);
        assert_int_equal(c->problem.seq_k, keys[i]);
        assert_int_equal(c->rows.count, rows[i]);
        double seen = 0;
        for (int64_t r = 0; r < c->rows.count; r++)
            seen += (double)(c->rows.index[r] + 1); /* causal, as many queries as keys */
        assert_true(c->work == seen * (double)(c->problem.batch * c->problem.heads_q));
        work += 3 * c->work; /* the inputs, one set of FP8 operands for two variants, one of FP16 */
    }
    assert_true(plan.work == work);
    assert_int_equal(plan.cases[4].format, AT_FP32);
    assert_true(plan.cases[4].problem.causal);
    struct at_qkv qkv;
    assert_int_equal(at_case_inputs(&plan.cases[4], &qkv, &error), AT_OK);
    assert_int_equal(at_tensor_count(&qkv.q), 96);
    at_qkv_done(&qkv);
    const struct at_problem other = {.batch = 1, .heads_q = 1, .heads_kv = 1, .seq_q = 2, .seq_k = 2, .dim = 32};
    scratch_capture("c.safetensors", &other, ones, ones, ones); /* replaced behind the plan's back */
    assert_int_equal(at_case_inputs(&plan.cases[4], &qkv, &error), AT_ERR_IO);
    assert_non_null(strstr(error.message, "c.safetensors: changed"));
    at_plan_done(&plan);
    at_study_done(&s);
}

static void same_operands(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        bool same;
    } cases[] = {{"fa3-fp8", "fp8-two-level", true},
                 {"fa3-fp8", "fp8:promote=32,p=448,order=forward,output=fp16", true},
                 {"fa3-fp8", "fa3-fp16", false},
                 {"fa3-fp8", "fp8:q.scale=token", false},
                 {"fa3-fp8", "fp8:k.scale-rule=pow2", false},
                 {"fp8:v.scale-rule=0.5", "fp8:v.scale-rule=0.25", false},
                 {"fa3-fp8", "fp8:smooth=k", false},
                 {"fa3-fp8", "fp8:seed=5", true}, /* nothing is rotated: the seed does nothing */
                 {"fp8:rotate=hadamard", "fp8:rotate=hadamard,seed=5", false},
                 {"fp8:v.rotate=hadamard", "fp8:v.rotate=hadamard,seed=5", false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct at_numerics a = numerics_of(cases[i].a), b = numerics_of(cases[i].b);
        if (at_plan_same_operands(&a, &b) != cases[i].same || at_plan_same_operands(&b, &a) != cases[i].same)
            fail_msg("%s and %s", cases[i].a, cases[i].b);
    }
}

static void refuse(const char *text, double memory, enum at_status status, const char *part)
{
    struct at_study s;
    struct at_plan plan;
    struct at_error error = {""};
    assert_int_equal(scratch_study(text, &s, &error), AT_OK);
    assert_int_equal(at_plan_make(&s, memory, &plan, &error), status);
    if (!strstr(error.message, part))
        fail_msg("%s lacks %s", error.message, part);
    at_study_done(&s);
}

static void refusals(void **state)
{
    (void)state;
    static const char small[] =
        "name: n\nvariants: [fa3-fp16]\ninputs: [{distribution: normal, label: the case, shape: {heads: 1, keys: 64, dim: 32}}]\n";
    refuse(
        "name: n\nvariants: [fa3-fp16, \"fp8:rotate=hadamard64\"]\ninputs: [{distribution: normal, shape: {heads: 1, keys: 8, dim: 32}}]\n",
        INFINITY, AT_ERR_ARGUMENT, "normal: fp8:rotate=hadamard64: ");
    refuse("name: n\nvariants: [fa3-fp16]\ninputs: [{distribution: normal, shape: {heads: 64, keys: 1073741824, dim: 256}}]\n", 0x1p40,
           AT_ERR_MEMORY, "GiB");
    refuse(small, 0, AT_ERR_MEMORY, "s.yaml:3: inputs[0]: the case: 64 query rows in each of 1 heads with 64 keys need about");
    refuse(small, NAN, AT_ERR_MEMORY, "GiB");
    scratch_write("c.safetensors", "not one", 7);
    refuse("name: n\nvariants: [fa3-fp16]\ninputs: [{capture: c.safetensors}]\n", INFINITY, AT_ERR_FORMAT,
           "s.yaml:3: inputs[0].capture: c: ");
    struct at_plan plan;
    struct at_error error = {""};
    struct at_study none = {.name = "empty"};
    assert_int_equal(at_plan_make(&none, INFINITY, &plan, &error), AT_ERR_ARGUMENT);
    assert_non_null(strstr(error.message, "no inputs"));
}

/* One tensor w of fp32 zeros. */
static void write_readout(const char *shape, size_t bytes)
{
    char file[4096] = {0}, header[256];
    uint64_t length =
        (uint64_t)snprintf(header, sizeof header, "{\"w\":{\"dtype\":\"F32\",\"shape\":%s,\"data_offsets\":[0,%zu]}}", shape, bytes);
    assert_true(8 + length + bytes <= sizeof file);
    memcpy(file, &length, 8);
    memcpy(file + 8, header, (size_t)length);
    scratch_write("w.safetensors", file, 8 + (size_t)length + bytes);
}

#define READ_OUT(tensor, seeds) \
    "name: n\nrows: 4\nvariants: [fa3-fp16]\ninputs: [{distribution: normal, label: the case, seeds: " seeds \
    ", shape: {heads: 2, keys: 64, " \
    "dim: 32}, readout: {file: w.safetensors, tensor: " tensor "}}]\n"

/* Known before anything is computed: the width says what a sample is, one content serves all cases. */
static void readouts(void **state)
{
    (void)state;
    struct at_study s;
    struct at_plan plan;
    struct at_readout_fact fact;
    write_readout("[3,64]", 768);
    assert_int_equal(scratch_study(READ_OUT("w", "[1, 2]"), &s, NULL), AT_OK);
    assert_int_equal(at_plan_make(&s, INFINITY, &plan, NULL), AT_OK);
    for (int i = 0; i < 2; i++) {
        assert_true(at_case_describe_readout(&plan.cases[i], &fact) && !at_case_reads_heads(&plan.cases[i]));
        assert_true(fact.tokens == 3 && fact.width == 64 && strlen(fact.sha256) == 64);
        assert_string_equal(fact.file, "w.safetensors");
        assert_string_equal(fact.tensor, "w");
        assert_string_equal(fact.format, "fp32");
    }
    at_plan_done(&plan);
    write_readout("[3,32]", 384);
    assert_int_equal(at_plan_make(&s, INFINITY, &plan, NULL), AT_OK);
    assert_true(at_case_reads_heads(&plan.cases[0]));
    plan.cases[0].readout.width = 0;
    assert_false(at_case_describe_readout(&plan.cases[0], &fact));
    at_plan_done(&plan);
    at_study_done(&s);
    refuse(READ_OUT("x", "[1]"), INFINITY, AT_ERR_NOT_FOUND, "no tensor named 'x'; it holds w");
    write_readout("[3,48]", 576);
    refuse(READ_OUT("w", "[1]"), INFINITY, AT_ERR_ARGUMENT,
           "'w' is [3, 48]: its rows must hold 64 numbers (2 heads of 32, read together) or 32 (each head alone)");
    write_readout("[1,64]", 256);
    refuse(READ_OUT("w", "[1]"), INFINITY, AT_ERR_FORMAT, "the case: ");
    write_readout("[3,64]", 768);
    refuse(READ_OUT("w", "[1]"), 0, AT_ERR_MEMORY, "GiB of it are for the readout's 3 tokens");
}

/* The shape of a capture is known before its data are read: a file that holds far more than fits is refused, not opened whole. */
static void header_alone(void **state)
{
    (void)state;
    static const char header[] = "{\"q\":{\"dtype\":\"F32\",\"shape\":[1,8,1048576,256],\"data_offsets\":[0,8589934592]},"
                                 "\"k\":{\"dtype\":\"F32\",\"shape\":[1,8,1048576,256],\"data_offsets\":[8589934592,17179869184]},"
                                 "\"v\":{\"dtype\":\"F32\",\"shape\":[1,8,1048576,256],\"data_offsets\":[17179869184,25769803776]}}";
    unsigned char bytes[8 + sizeof header] = {(sizeof header - 1) & 255, (sizeof header - 1) >> 8};
    memcpy(bytes + 8, header, sizeof header - 1);
    const char *path = scratch_write("large.safetensors", bytes, 8 + sizeof header - 1);
    if (truncate(path, 8 + (off_t)sizeof header - 1 + INT64_C(25769803776)) != 0) /* with holes: it takes no room */
        skip();
    refuse("name: n\nvariants: [fa3-fp16]\ninputs: [{capture: large.safetensors}]\n", 0x1p30, AT_ERR_MEMORY, "1 GiB are free");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(expansion), cmocka_unit_test(same_operands), cmocka_unit_test(refusals),
                                       cmocka_unit_test(readouts), cmocka_unit_test(header_alone)};
    scratch_open();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    scratch_close();
    return failed;
}
