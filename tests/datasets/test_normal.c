/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "sample.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct at_problem problem = {.batch = 1, .heads_q = 4, .heads_kv = 2, .seq_q = 512, .seq_k = 384, .dim = 64};

static void pinned(void **state)
{
    (void)state;
    sample_assert_pinned("normal", "1a090a7b51c4d3eed7a5884f6421a708fa6be7bf5a495ecd0be53218d476c9a9");
}

static void is_normal(void **state)
{
    (void)state;
    const double sigma = 1.5;
    struct at_qkv qkv = sample_make("normal:sigma=1.5", &problem, AT_FP32, 2);
    const struct at_tensor *tensors[] = {&qkv.q, &qkv.k, &qkv.v};
    for (int t = 0; t < 3; t++) {
        double *values = sample_values(tensors[t]);
        sample_assert_moments(values, at_tensor_count(tensors[t]), 0, sigma * sigma, 3 * pow(sigma, 4));
        sample_assert_normal(values, at_tensor_count(tensors[t]), 0, sigma);
        free(values);
    }
    at_qkv_done(&qkv);
}

/* The mean product of elements that should be independent of each other is 0 within its standard error. */
static void assert_uncorrelated(const double *x, const double *y, int64_t count)
{
    double sum = 0;
    for (int64_t i = 0; i < count; i++)
        sum += x[i] * y[i];
    assert_true(fabs(sum / (double)count) <= SIGMAS / sqrt((double)count));
}

static void positions_are_independent(void **state)
{
    (void)state;
    struct at_qkv qkv = sample_make("normal", &problem, AT_FP32, 3), other = sample_make("normal", &problem, AT_FP32, 4);
    double *q = sample_values(&qkv.q), *k = sample_values(&qkv.k), *v = sample_values(&qkv.v), *q4 = sample_values(&other.q);
    int64_t head = problem.seq_k * problem.dim, n = at_tensor_count(&qkv.k);
    assert_uncorrelated(q, k, head);
    assert_uncorrelated(k, v, n);
    assert_uncorrelated(q, v, head);
    assert_uncorrelated(q, q4, at_tensor_count(&qkv.q));  /* seeds */
    assert_uncorrelated(k, k + head, head);                /* heads */
    assert_uncorrelated(k, k + problem.dim, head - problem.dim); /* rows */
    assert_uncorrelated(k, k + 1, head - 1);               /* columns */
    free(q), free(k), free(v), free(q4);
    at_qkv_done(&qkv);
    at_qkv_done(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pinned),
        cmocka_unit_test(is_normal),
        cmocka_unit_test(positions_are_independent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
