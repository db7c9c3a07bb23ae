/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/*
 * The enclosures of certified against those of mpfr, 2^10 times narrower, over every distribution, every format and every regime in which
 * an oracle could go wrong.   test_enclosure [seeds]          (default 1)
 */
#include "overlap.h"

#include "core/format.h"
#include "datasets/dataset.h"
#include "oracles/certified/certified.h"
#include "oracles/mpfr/mpfr.h"

#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum regime { AS_IT_IS, SHARP, ONE_KEY, CANCELLING, TO_65504, SUBNORMAL, REGIMES };

static const char *const regime_names[REGIMES] = {"as it is", "Q times 3000", "one key", "cancelling V", "scores to 65504", "subnormals"};

enum { ROWS = 8 };

static uint64_t seeds = 1;

static struct {
    int64_t outputs, declined, rows;
    double radius_log2, error_log2;
} seen = {0, 0, 0, -INFINITY, -INFINITY};

/* The tensors as doubles: codes times a scale where a format has 8 bits. */
static double *doubles(const struct at_tensor *tensor, double scale)
{
    int64_t count = at_tensor_count(tensor);
    float *x = malloc((size_t)count * sizeof *x);
    double *values = malloc((size_t)count * sizeof *values);
    at_tensor_decode_rows(tensor, 0, 0, 0, tensor->seq, x);
    for (int64_t i = 0; i < count; i++)
        values[i] = (double)x[i] * scale;
    free(x);
    return values;
}

static double largest_score(const double *q, const double *k, int64_t keys, int64_t dim)
{
    double largest = 0;
    for (int64_t i = 0; i < ROWS; i++)
        for (int64_t j = 0; j < keys; j++) {
            double s = 0;
            for (int64_t d = 0; d < dim; d++)
                s += q[i * dim + d] * k[j * dim + d];
            largest = fmax(largest, fabs(s));
        }
    return largest;
}

static void bend(enum regime regime, enum at_format format, int64_t keys, int64_t dim, double *q, double *k, double *v)
{
    double factor = 1;
    if (regime == SHARP)
        factor = 3000;
    if (regime == TO_65504) /* after the scale 1/sqrt(dim) */
        factor = ldexp(1, (int)floor(log2(65504 * sqrt((double)dim) / largest_score(q, k, keys, dim))));
    for (int64_t i = 0; i < ROWS * dim; i++)
        q[i] *= factor;
    for (int64_t j = 1; j < keys && regime == CANCELLING; j += 2)
        for (int64_t d = 0; d < dim; d++) {
            k[j * dim + d] = k[(j - 1) * dim + d];
            v[j * dim + d] = -v[(j - 1) * dim + d] * (d == 0 ? 1 : 1 + 0x1p-12);
        }
    for (int64_t i = 0; i < keys * dim && regime == SUBNORMAL; i++) {
        double unit = ldexp(1, at_formats[format].min_exponent - 1);
        k[i] = at_decode(format, at_encode(format, (float)(k[i] * unit), AT_OVERFLOW_SATURATE));
        v[i] = at_decode(format, at_encode(format, (float)(v[i] * unit), AT_OVERFLOW_SATURATE));
    }
}

/* Largest distance of the two values, as a fraction of sum p|v|. */
static void compare(const struct at_oracle_truth *mine, const struct at_oracle_truth *truth, int64_t dim, const char *what)
{
    assert_true(truths_overlap(truth, mine, ROWS, dim, what));
    if (!(mine->radius_log2 <= -80))
        fail_msg("%s: radius 2^%.1f of sum p|v|", what, mine->radius_log2);
    seen.radius_log2 = fmax(seen.radius_log2, mine->radius_log2);
    for (int64_t at = 0; at < ROWS * dim; at++) {
        double off = fabs((mine->o[at] - truth->o[at]) + (mine->o_low[at] - truth->o_low[at]));
        if (truth->sum_abs[at] > 0 && off > 0)
            seen.error_log2 = fmax(seen.error_log2, log2(off) - log2(truth->sum_abs[at]));
    }
    seen.outputs += ROWS * dim;
}

static void check(const struct at_distribution *distribution, enum at_format format, enum regime regime, uint64_t seed)
{
    static const int64_t dims[] = {64, 128, 32};
    int64_t dim = dims[(seed + (uint64_t)format + (uint64_t)regime) % 3], keys = regime == ONE_KEY ? 1 : 60 + (int64_t)(37 * seed % 101);
    struct at_problem problem = {1, 1, 1, ROWS, keys, dim, false, seed % 3 == 2 ? (double)(float)0.0883 : 0};
    struct at_distribution_choice choice = {.distribution = distribution};
    struct at_qkv qkv;
    struct at_error error;
    char what[160];
    snprintf(what, sizeof what, "%s, %s, %s, seed %" PRIu64, distribution->name, at_formats[format].name, regime_names[regime], seed);
    if (at_distribution_choose(distribution->name, &choice, &error) ||
        at_distribution_generate(&choice, &problem, format, seed, &qkv, &error))
        fail_msg("%s: %s", what, error.message);
    double scale = at_formats[format].bits == 8 ? (double)(float)(0.37 + 0.01 * (double)seed) : 1;
    double *q = doubles(&qkv.q, scale), *k = doubles(&qkv.k, scale), *v = doubles(&qkv.v, scale);
    bend(regime, format, keys, dim, q, k, v);
    int64_t rows[ROWS] = {0, 1, 2, 3, 4, 5, 6, 7}, declined;
    struct at_oracle_head head = {&problem, rows, ROWS, q, k, v, 0};
    struct at_oracle_truth mine, truth;
    assert_int_equal(at_oracle_truth_init(&mine, &problem, ROWS, 0, NULL) || at_oracle_truth_init(&truth, &problem, ROWS, 0, NULL), 0);
    assert_int_equal(at_certified_solve(&head, AT_SIMD_AUTO, &mine, &declined, NULL), AT_OK);
    assert_int_equal(at_mpfr_solve(&head, AT_MPFR_AUTO, &truth, NULL), AT_OK);
    compare(&mine, &truth, dim, what);
    seen.declined += declined;
    seen.rows += ROWS;
    if (declined > 0)
        printf("%s: %" PRId64 " rows left to mpfr\n", what, declined);
    at_oracle_truth_done(&mine);
    at_oracle_truth_done(&truth);
    at_qkv_done(&qkv);
    free(q);
    free(k);
    free(v);
}

static void test_every_input(void **state)
{
    (void)state;
    static const enum at_format formats[] = {AT_FP16, AT_BF16, AT_E4M3, AT_E5M2, AT_FP32};
    for (uint64_t seed = 1; seed <= seeds; seed++)
        for (size_t n = 0; n < at_distribution_count; n++)
            for (size_t f = 0; f < sizeof formats / sizeof *formats; f++)
                for (int regime = 0; regime < REGIMES; regime++)
                    check(at_distributions[n], formats[f], (enum regime)regime, seed);
    printf("%" PRId64 " outputs: no violation; largest radius 2^%.1f, largest error 2^%.1f of sum p|v|; %" PRId64 " of %" PRId64
           " rows left to mpfr\n", seen.outputs, seen.radius_log2, seen.error_log2, seen.declined, seen.rows);
    assert_true(seen.declined * 4 < seen.rows);
}

int main(int argc, char **argv)
{
    seeds = argc > 1 ? strtoull(argv[1], NULL, 10) : seeds;
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_input)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
