/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "core/hash.h"
#include "sample.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct at_problem problem = {.batch = 1, .heads_q = 4, .heads_kv = 2, .seq_q = 64, .seq_k = 256, .dim = 64};

static void pinned(void **state)
{
    (void)state;
    sample_assert_pinned("structured:probability=0.1,sigma=20,logits=2,gap=9,depth=0.5,k-mean=3,v-mean=-4,cancellation=2",
                         "652606c19cfc9988dd6e9eddaa67d3ca9b50bb921f341919f968ec4bf6bb506d");
}

static void all_off_is_normal(void **state)
{
    (void)state;
    struct at_qkv off = sample_make("structured", &problem, AT_FP16, 3), normal = sample_make("normal", &problem, AT_FP16, 3);
    assert_string_equal(at_sha256_of_qkv(&off).hex, at_sha256_of_qkv(&normal).hex);
    at_qkv_done(&off);
    at_qkv_done(&normal);
}

/* Element by element beside N(0, 1) of the same seed: the factor of q, the means of k and v. */
static void factor_and_means(void **state)
{
    (void)state;
    struct at_qkv off = sample_make("normal", &problem, AT_FP32, 4);
    struct at_qkv on = sample_make("structured:logits=8,k-mean=2,v-mean=-3", &problem, AT_FP32, 4);
    double *a[] = {sample_values(&off.q), sample_values(&off.k), sample_values(&off.v)};
    double *b[] = {sample_values(&on.q), sample_values(&on.k), sample_values(&on.v)};
    int64_t plus = 0, keys = at_tensor_count(&on.k);
    for (int64_t i = 0; i < at_tensor_count(&on.q); i++)
        assert_true(b[0][i] == 8 * a[0][i]);
    for (int64_t i = 0; i < keys; i++) {
        assert_true(fabs(fabs(b[1][i] - a[1][i]) - 2) <= 0x1p-20); /* a few ulps of numbers up to 7 */
        assert_true(fabs(b[2][i] - a[2][i] + 3) <= 0x1p-20);
        assert_true((b[1][i] > a[1][i]) == (b[1][i % problem.dim + i / (problem.seq_k * problem.dim) * problem.seq_k * problem.dim] >
                                            a[1][i % problem.dim + i / (problem.seq_k * problem.dim) * problem.seq_k * problem.dim]));
        plus += b[1][i] > a[1][i];
    }
    assert_true(plus > 0 && plus < keys);
    for (int t = 0; t < 3; t++) {
        free(a[t]);
        free(b[t]);
    }
    at_qkv_done(&off);
    at_qkv_done(&on);
}

static void outliers_have_their_share_and_size(void **state)
{
    (void)state;
    struct at_qkv qkv = sample_make("structured:probability=0.25,sigma=1000", &problem, AT_FP32, 5);
    double *v = sample_values(&qkv.v);
    int64_t count = at_tensor_count(&qkv.v), large = 0;
    for (int64_t i = 0; i < count; i++)
        large += fabs(v[i]) > 6.5; /* an outlier is below with a probability of 2 phi(0) 6.5 / 1000 = 0.00519 */
    sample_assert_share(large, count, 0.25 * (1 - 0.0051863));
    free(v);
    at_qkv_done(&qkv);
}

/* The mean over rows of the scaled score is the gap: its deviation in one row is sqrt(1 + 2 scale gap), and w is common to the rows. */
static void one_key_is_ahead(void **state)
{
    (void)state;
    const struct at_problem p = {.batch = 1, .heads_q = 4, .heads_kv = 2, .seq_q = 64, .seq_k = 256, .dim = 64};
    struct at_qkv qkv = sample_make("structured:gap=40,depth=0.2", &p, AT_FP32, 6);
    double ahead = 0, others = 0, deviation = sqrt(1 + 2 * 40 / 8.0);
    for (int64_t h = 0; h < 4; h++)
        for (int64_t i = 0; i < p.seq_q; i++) {
            ahead += sample_score(&p, &qkv, 0, h, i, 51); /* round(0.2 * 255) */
            others += sample_score(&p, &qkv, 0, h, i, 52);
        }
    /* w . k, common to the rows of a group, moves both means by as much as one row's score varies */
    assert_true(fabs(ahead / 256 - 40) < SIGMAS * deviation / sqrt(2));
    assert_true(fabs(others / 256) < SIGMAS * deviation / sqrt(2));
    at_qkv_done(&qkv);
}

/* Odd rows: variance 1 as all others, and the correlation with the row before is 1 - 2^-b in K and its negative in V. */
static void pairs_are_alike(void **state)
{
    (void)state;
    struct at_qkv qkv = sample_make("structured:cancellation=2", &problem, AT_FP32, 7);
    const struct at_tensor *tensors[] = {&qkv.k, &qkv.v};
    for (int t = 0; t < 2; t++) {
        double *x = sample_values(tensors[t]), square = 0, product = 0;
        int64_t dim = problem.dim, pairs = at_tensor_count(tensors[t]) / (2 * dim), count = pairs * dim;
        for (int64_t i = 0; i < pairs; i++)
            for (int64_t c = 0; c < dim; c++) {
                double even = x[2 * i * dim + c], odd = x[(2 * i + 1) * dim + c];
                square += odd * odd;
                product += even * odd;
            }
        double r = t ? -0.75 : 0.75; /* the product of the two has variance 1 + r^2 */
        assert_true(fabs(product / (double)count - r) < SIGMAS * sqrt((1 + r * r) / (double)count));
        assert_true(fabs(square / (double)count - 1) < SIGMAS * sqrt(2 / (double)count));
        free(x);
    }
    at_qkv_done(&qkv);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pinned),           cmocka_unit_test(all_off_is_normal),
        cmocka_unit_test(factor_and_means), cmocka_unit_test(outliers_have_their_share_and_size),
        cmocka_unit_test(one_key_is_ahead), cmocka_unit_test(pairs_are_alike),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
