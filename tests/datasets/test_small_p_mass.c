/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "sample.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static void pinned(void **state)
{
    (void)state;
    sample_assert_pinned("small-p-mass", "c3faca8c0cb5436de8b8f10aae7684d60669513fb5efa6136efbb28b99ec8953");
}

enum { KEYS = 4096, ROWS = 16, HEADS = 2, DIM = 64 };

static const struct at_problem problem = {.batch = 1, .heads_q = HEADS, .heads_kv = 1, .seq_q = ROWS, .seq_k = KEYS, .dim = DIM};

/*
 * All P but one lie within a factor of 2 of 1e-4 of the maximum, and together they are 29 % of the row: (N - 1) ratio e^(deviation^2 / 2)
 * of the first, to the sampling error of N - 1 lognormal values and of the deviation, which a row's query sets to 1 / sqrt(2 (dim - 1)).
 */
static void many_small_p_add_up(void **state)
{
    (void)state;
    const double ratio = 1e-4, deviation = 0.1, expected = (KEYS - 1) * ratio * exp(deviation * deviation / 2);
    const double bound = SIGMAS * (sqrt((exp(deviation * deviation) - 1) / KEYS) + deviation * deviation * sqrt(1 / (2.0 * (DIM - 1))));
    struct at_qkv qkv = sample_make("small-p-mass", &problem, AT_FP32, 71);
    double scores[KEYS];
    for (int64_t h = 0; h < HEADS; h++) {
        for (int64_t i = 0; i < ROWS; i++) {
            double mass = 0;
            int64_t near = 0;
            sample_scores(&problem, &qkv, 0, h, i, scores);
            for (int64_t j = 1; j < KEYS; j++) {
                double p = exp(scores[j] - scores[0]);
                near += p > ratio / 2 && p < ratio * 2;
                mass += p;
            }
            assert_int_equal(near, KEYS - 1);
            assert_true(fabs(mass / expected - 1) <= bound);
            assert_true(mass / (1 + mass) > 0.28);
        }
    }
    double *v = sample_values(&qkv.v);
    sample_assert_normal(v, at_tensor_count(&qkv.v), 1, 1);
    free(v);
    at_qkv_done(&qkv);
}

/* e4m3 without an offset keeps none of them: all are below half its smallest number, 2^-10. */
static void e4m3_loses_them_without_an_offset(void **state)
{
    (void)state;
    struct at_qkv qkv = sample_make("small-p-mass", &problem, AT_FP16, 72);
    double scores[KEYS];
    sample_scores(&problem, &qkv, 0, 0, 0, scores);
    for (int64_t j = 1; j < KEYS; j++) {
        float p = (float)exp(scores[j] - scores[0]);
        assert_int_equal(at_encode(AT_E4M3, p, AT_OVERFLOW_SATURATE), 0);
        assert_int_not_equal(at_encode(AT_E4M3, p * 256, AT_OVERFLOW_SATURATE), 0);
    }
    at_qkv_done(&qkv);
}

/* Kernels that go from the last key to the first see the leading key last or first. */
static void the_leading_key_is_where_told(void **state)
{
    (void)state;
    struct at_qkv qkv = sample_make("small-p-mass:depth=1", &problem, AT_FP32, 73);
    double scores[KEYS];
    sample_scores(&problem, &qkv, 0, 1, 3, scores);
    for (int64_t j = 0; j < KEYS - 1; j++)
        assert_true(scores[KEYS - 1] - scores[j] > 8);
    at_qkv_done(&qkv);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pinned),
        cmocka_unit_test(many_small_p_add_up),
        cmocka_unit_test(the_leading_key_is_where_told),
        cmocka_unit_test(e4m3_loses_them_without_an_offset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
