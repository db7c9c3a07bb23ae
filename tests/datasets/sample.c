/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "sample.h"

#include "core/hash.h"

#include <math.h>
#include <omp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

struct at_qkv sample_make(const char *spelling, const struct at_problem *problem, enum at_format format, uint64_t seed)
{
    struct at_distribution_choice choice;
    struct at_error error = {{0}};
    struct at_qkv qkv = {0};
    if (at_distribution_choose(spelling, &choice, &error) || at_distribution_generate(&choice, problem, format, seed, &qkv, &error))
        fail_msg("%s", error.message);
    return qkv;
}

double *sample_values(const struct at_tensor *tensor)
{
    int64_t count = at_tensor_count(tensor);
    double *values = malloc((size_t)count * sizeof *values);
    assert_non_null(values);
    for (int64_t i = 0; i < count; i++) {
        float value;
        at_decode_array(tensor->format, (const char *)tensor->codes + (size_t)i * at_format_size(tensor->format), 1, &value);
        values[i] = value;
    }
    return values;
}

void sample_assert_pinned(const char *spelling, const char *sha256)
{
    struct at_problem problem = {.batch = 2, .heads_q = 4, .heads_kv = 2, .seq_q = 130, .seq_k = 160, .dim = 32, .causal = true};
    int before = omp_get_max_threads();
    for (int threads = 1; threads <= 3; threads++) {
        omp_set_num_threads(threads);
        struct at_qkv qkv = sample_make(spelling, &problem, AT_FP32, 1);
        assert_string_equal(at_sha256_of_qkv(&qkv).hex, sha256);
        at_qkv_done(&qkv);
    }
    omp_set_num_threads(before);
}

void sample_assert_moments(const double *values, int64_t count, double mean, double variance, double fourth)
{
    double n = (double)count, sum = 0, squares = 0;
    for (int64_t i = 0; i < count; i++)
        sum += values[i] - mean;
    double offset = sum / n;
    for (int64_t i = 0; i < count; i++)
        squares += (values[i] - mean - offset) * (values[i] - mean - offset);
    double mean_bound = SIGMAS * sqrt(variance / n), variance_bound = SIGMAS * sqrt((fourth - variance * variance) / n);
    if (!(fabs(offset) <= mean_bound))
        fail_msg("mean %.9g, wanted %.9g +- %.3g (%lld values)", mean + offset, mean, mean_bound, (long long)count);
    if (!(fabs(squares / (n - 1) - variance) <= variance_bound))
        fail_msg("variance %.9g, wanted %.9g +- %.3g (%lld values)", squares / (n - 1), variance, variance_bound, (long long)count);
}

static int ascending(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

void sample_assert_normal(double *values, int64_t count, double mean, double sd)
{
    double n = (double)count, farthest = 0, bound = sqrt(-log(1e-6 / 2) / 2) / sqrt(n); /* Dvoretzky-Kiefer-Wolfowitz-Massart */
    qsort(values, (size_t)count, sizeof *values, ascending);
    for (int64_t i = 0; i < count; i++) {
        double p = erfc(-(values[i] - mean) / sd / sqrt(2.0)) / 2;
        farthest = fmax(farthest, fmax(fabs(p - (double)i / n), fabs(p - (double)(i + 1) / n)));
    }
    if (!(farthest <= bound))
        fail_msg("distance from N(%g, %g^2) %.3g, above %.3g (%lld values)", mean, sd, farthest, bound, (long long)count);
}

void sample_assert_share(int64_t hits, int64_t count, double p)
{
    double share = (double)hits / (double)count, bound = SIGMAS * sqrt(p * (1 - p) / (double)count);
    if (!(fabs(share - p) <= bound))
        fail_msg("share %.9g, wanted %.9g +- %.3g (%lld values)", share, p, bound, (long long)count);
}

/* Largest rounding error that can have led to `value`. */
static double element_bound(enum at_format format, double value)
{
    const struct at_format_info *f = &at_formats[format];
    return fmax(ldexp(fabs(value), -f->mantissa_bits - 1), ldexp(1, f->min_exponent - f->mantissa_bits - 1));
}

enum { DIM_MAX = 256 };

static double rows_of(const struct at_problem *p, const struct at_qkv *x, int64_t b, int64_t h, int64_t i, int64_t j, float q[], float k[])
{
    at_tensor_decode_rows(&x->q, b, h, i, 1, q);
    at_tensor_decode_rows(&x->k, b, h / at_problem_group(p), j, 1, k);
    return p->scale > 0 ? p->scale : 1 / sqrt((double)p->dim);
}

double sample_score(const struct at_problem *p, const struct at_qkv *x, int64_t b, int64_t h, int64_t i, int64_t j)
{
    float q[DIM_MAX], k[DIM_MAX];
    double scale = rows_of(p, x, b, h, i, j, q, k), sum = 0;
    for (int64_t c = 0; c < p->dim; c++)
        sum += (double)q[c] * k[c];
    return scale * sum;
}

void sample_scores(const struct at_problem *p, const struct at_qkv *x, int64_t b, int64_t h, int64_t i, double *ret_scores)
{
    float q[DIM_MAX], *k = malloc((size_t)(p->seq_k * p->dim) * sizeof *k);
    assert_non_null(k);
    double scale = p->scale > 0 ? p->scale : 1 / sqrt((double)p->dim);
    at_tensor_decode_rows(&x->q, b, h, i, 1, q);
    at_tensor_decode_rows(&x->k, b, h / at_problem_group(p), 0, p->seq_k, k);
    for (int64_t j = 0; j < p->seq_k; j++) {
        double sum = 0;
        for (int64_t c = 0; c < p->dim; c++)
            sum += (double)q[c] * k[j * p->dim + c];
        ret_scores[j] = scale * sum;
    }
    free(k);
}

double sample_score_bound(const struct at_problem *p, const struct at_qkv *x, int64_t b, int64_t h, int64_t i, int64_t j)
{
    float q[DIM_MAX], k[DIM_MAX];
    double scale = rows_of(p, x, b, h, i, j, q, k), sum = 0, magnitude = 0;
    for (int64_t c = 0; c < p->dim; c++) {
        double eq = element_bound(x->q.format, q[c]), ek = element_bound(x->k.format, k[c]);
        sum += eq * fabs((double)k[c]) + ek * fabs((double)q[c]) + eq * ek;
        magnitude += fabs((double)q[c] * k[c]);
    }
    /* Building w, q and k and summing here take about 6 dim operations in double, each within 2^-53 of its terms' magnitude. */
    return scale * (sum + 6 * (double)p->dim * 0x1p-53 * magnitude);
}
