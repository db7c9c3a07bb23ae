/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/switched/elements.h"

#include "kernels/prepare/prepare.h"
#include "kernels/variants/variant.h"

#include "../support/cases.h"
#include "../support/plain.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct at_problem problem = {1, 2, 1, 200, 150, 64, false, 0};
static const char *const spelled[] = {
    "fp8-block-hadamard", "fp8-smooth-kv", "fp8:smooth=qkv,rotate=hadamard,v.rotate=hadamard16", "fp8:v.scale=channel,v.smooth=mean",
    "fp8-kv-cache",       "fa3-fp16",      "fp8:scale=token,scale-rule=pow2,rotate=hadamard32"};

static int64_t rows_of(enum at_switched_which which)
{
    return which == AT_SWITCHED_Q ? problem.seq_q : problem.seq_k;
}

/* Whether prepare's codes are taken or made again from the values, with all on they are the codes. */
static void rows_are_the_codes_of_prepare(void **state)
{
    (void)state;
    for (size_t v = 0; v < sizeof spelled / sizeof spelled[0]; v++) {
        struct at_numerics n = numerics_of(spelled[v]);
        struct at_qkv inputs = random_inputs(&problem, v);
        struct at_operands operands = prepared(&problem, &n, &inputs);
        for (int which = 0; which < 3; which++) {
            struct at_switched_operand o;
            int64_t h = which == AT_SWITCHED_Q ? 1 : 0;
            at_switched_operand_init(&o, (enum at_switched_which)which, &operands, &inputs, 0, h, at_switches_all());
            assert_true(o.as_prepared);
            for (int64_t s = 0; s < rows_of((enum at_switched_which)which); s += 7) {
                double taken[64], made[64];
                o.as_prepared = true;
                at_switched_row_of(&o, s, taken);
                o.as_prepared = false;
                at_switched_row_of(&o, s, made);
                for (int64_t c = 0; c < problem.dim; c++)
                    assert_true(taken[c] == made[c]);
            }
        }
        at_operands_done(&operands);
        at_qkv_done(&inputs);
    }
}

/* Row s of the inputs again from its values: rotated back, the mean added. */
static void undo(const struct at_switched_operand *o, uint64_t seed, int64_t s, double *row)
{
    for (int64_t c = 0; c < problem.dim && o->mean; c++)
        row[c] += (double)o->mean[s / o->mean_rows * problem.dim + c];
    if (o->width)
        plain_unrotate(row, problem.dim, o->width, seed);
}

static void without_rounding_the_values_are_the_inputs(void **state)
{
    (void)state;
    for (size_t v = 0; v < sizeof spelled / sizeof spelled[0]; v++) {
        struct at_numerics n = numerics_of(spelled[v]);
        struct at_qkv inputs = random_inputs(&problem, v);
        struct at_operands operands = prepared(&problem, &n, &inputs);
        const struct at_tensor *tensors[] = {&inputs.q, &inputs.k, &inputs.v};
        for (int which = 0; which < 3; which++) {
            struct at_switched_operand o;
            at_switched_operand_init(&o, (enum at_switched_which)which, &operands, &inputs, 0, 0, (struct at_switches){0});
            for (int64_t s = 0; s < rows_of((enum at_switched_which)which); s += 7) {
                double row[64], size = 0;
                float input[64];
                at_tensor_decode_rows(tensors[which], 0, 0, s, 1, input);
                at_switched_row_of(&o, s, row);
                for (int64_t c = 0; c < problem.dim; c++) {
                    row[c] *= (double)at_scale_of(&o.operand->scale, 0, 0, s, c);
                    size += fabs((double)input[c]) + fabs(row[c]) + (o.mean ? fabs((double)o.mean[c]) : 0);
                }
                undo(&o, n.rotation_seed, s, row);
                for (int64_t c = 0; c < problem.dim; c++) /* 2 log2(64) butterflies, and each sum of 64 in the plain one */
                    assert_true(fabs(row[c] - (double)input[c]) <= (12 + 64 + 8) * 0x1p-53 * size);
            }
        }
        at_operands_done(&operands);
        at_qkv_done(&inputs);
    }
}

/* With E1 and E3 alone the values are fp32 numbers, and those whose codes prepare made. */
static void transforms_alone_round_to_fp32(void **state)
{
    (void)state;
    struct at_numerics n = numerics_of("fp8:smooth=qkv,rotate=hadamard");
    struct at_qkv inputs = random_inputs(&problem, 9);
    struct at_operands operands = prepared(&problem, &n, &inputs);
    struct at_switched_operand o;
    at_switched_operand_init(&o, AT_SWITCHED_K, &operands, &inputs, 0, 0, at_switches_only(AT_ROUNDING_TRANSFORM));
    assert_non_null(operands.k.values);
    for (int64_t s = 0; s < problem.seq_k; s++) {
        double row[64];
        at_switched_values(&o, s, true, row);
        for (int64_t c = 0; c < problem.dim; c++)
            assert_true(row[c] == (double)operands.k.values[s * problem.dim + c]);
    }
    at_operands_done(&operands);
    at_qkv_done(&inputs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_the_codes_of_prepare),
        cmocka_unit_test(without_rounding_the_values_are_the_inputs),
        cmocka_unit_test(transforms_alone_round_to_fp32),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
