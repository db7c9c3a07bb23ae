/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/*
 * Which variants let the future into the past: under a causal mask, K and V that differ in keys 256 to 511 alone must not change a bit of
 * rows 0 to 255, unless a scale or a mean over all keys is declared. The distribution causal-leak makes the pair of inputs.
 */
#include "datasets/dataset.h"
#include "kernels/prepare/prepare.h"
#include "kernels/twin/attention.h"
#include "kernels/variants/variant.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { SEQ = 512, FROM = SEQ / 2, DIM = 64, STEP = 15, ROWS = FROM / STEP + 1 };

static const struct at_problem problem = {.batch = 1, .heads_q = 1, .heads_kv = 1, .seq_q = SEQ, .seq_k = SEQ, .dim = DIM, .causal = true};

struct outputs {
    float o[ROWS * DIM], row_max[ROWS], row_sum[ROWS], lse[ROWS];
};

/* Rows 0, 15, ..., 255. */
static struct outputs attend(const struct at_numerics *numerics, const char *spelling)
{
    struct outputs out;
    struct at_attention a = {.o = out.o, .row_max = out.row_max, .row_sum = out.row_sum, .lse = out.lse};
    struct at_distribution_choice choice;
    struct at_qkv qkv;
    struct at_operands operands;
    struct at_error error = {""};
    int64_t index[ROWS];
    for (int64_t i = 0; i < ROWS; i++)
        index[i] = i * STEP;
    const struct at_rows rows = {.count = ROWS, .index = index};
    if (at_distribution_choose(spelling, &choice, &error) || at_distribution_generate(&choice, &problem, AT_FP16, 1, &qkv, &error) ||
        at_prepare(&problem, numerics, &qkv, &operands, &error) || at_twin_attend(&operands, 0, 0, &rows, AT_SIMD_AUTO, &a, &error))
        fail_msg("%s: %s", spelling, error.message);
    at_operands_done(&operands);
    at_qkv_done(&qkv);
    return out;
}

/* Scales per block end at key 256 and smaller ones before it. */
static bool looks_ahead(const struct at_operand_numerics *n)
{
    bool whole = n->scale == AT_SCALE_TENSOR || n->scale == AT_SCALE_HEAD || n->scale == AT_SCALE_CHANNEL;
    return (whole && n->scale_rule != AT_SCALE_GIVEN) || n->smooth != AT_SMOOTH_NONE;
}

static void assert_leak(const char *name, const struct at_numerics *numerics, const char *a, const char *b, bool leaks)
{
    struct at_numerics resolved;
    assert_int_equal(at_numerics_resolve(numerics, &problem, &resolved, NULL), AT_OK);
    struct outputs first = attend(&resolved, a), second = attend(&resolved, b);
    if ((memcmp(&first, &second, sizeof first) != 0) != leaks)
        fail_msg("%s: %s and %s %s in rows before key %d", name, a, b, leaks ? "agree" : "differ", FROM);
}

static void the_future_reaches_the_past_through_scales_alone(void **state)
{
    (void)state;
    int leaking = 0;
    for (size_t i = 0; i < at_variant_count; i++) {
        const struct at_numerics *n = &at_variants[i]->numerics;
        bool leaks = looks_ahead(&n->k) || looks_ahead(&n->v);
        assert_leak(at_variants[i]->name, n, "causal-leak:future=1", "causal-leak:future=1,sigma=100", leaks);
        leaking += leaks;
    }
    assert_true(leaking > 0 && leaking < (int)at_variant_count);
}

/* What a causal-safe choice of FP8 looks like: nothing is shared with later rows. */
static void scales_of_the_prefix_keep_it(void **state)
{
    (void)state;
    static const char *const safe[] = {"fp8:scale=block64,promote=64", "fp8:scale=token,v.scale=block128,promote=128",
                                       "fp8:scale-rule=0.5"};
    for (size_t i = 0; i < sizeof safe / sizeof safe[0]; i++) {
        struct at_variant_choice choice;
        struct at_error error = {""};
        if (at_variant_choose(safe[i], &choice, &error))
            fail_msg("%s", error.message);
        assert_leak(safe[i], &choice.numerics, "causal-leak:future=1", "causal-leak:future=1,sigma=100", false);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_future_reaches_the_past_through_scales_alone),
        cmocka_unit_test(scales_of_the_prefix_keep_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
