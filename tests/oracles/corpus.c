/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "corpus.h"

#include "core/format.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { ROWS = CORPUS_ROWS };

const enum at_format corpus_formats[CORPUS_FORMATS] = {AT_FP16, AT_BF16, AT_E4M3, AT_E5M2, AT_FP32};

static const char *const regime_names[CORPUS_REGIMES] = {"as it is",    "Q times 3000", "one key",        "cancelling V",
                                                         "to 65504",    "subnormals",   "scaled by block", "53 bits"};

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

static double largest_score(const struct corpus_head *head)
{
    double largest = 0;
    int64_t dim = head->problem.dim;
    for (int64_t i = 0; i < ROWS; i++)
        for (int64_t j = 0; j < head->problem.seq_k; j++) {
            double s = 0;
            for (int64_t d = 0; d < dim; d++)
                s += head->q[i * dim + d] * head->k[j * dim + d];
            largest = fmax(largest, fabs(s));
        }
    return largest;
}

/* x[i] *= factor(i / group) */
static void scale(double *x, int64_t count, int64_t group, double first, double step)
{
    for (int64_t i = 0; i < count; i++)
        x[i] *= (double)(float)(first + step * (double)(i / group));
}

static void bend(struct corpus_head *head, enum corpus_regime regime, enum at_format format)
{
    int64_t dim = head->problem.dim, keys = head->problem.seq_k;
    double *q = head->q, *k = head->k, *v = head->v;
    if (regime == CORPUS_SHARP)
        scale(q, ROWS * dim, ROWS * dim, 3000, 0);
    if (regime == CORPUS_TO_65504) /* after the scale 1/sqrt(dim) */
        scale(q, ROWS * dim, ROWS * dim, ldexp(1, (int)floor(log2(65504 * sqrt((double)dim) / largest_score(head)))), 0);
    for (int64_t j = 1; j < keys && regime == CORPUS_CANCELLING; j += 2)
        for (int64_t d = 0; d < dim; d++) {
            k[j * dim + d] = k[(j - 1) * dim + d];
            v[j * dim + d] = -v[(j - 1) * dim + d] * (d == 0 ? 1 : 1 + 0x1p-12);
        }
    for (int64_t i = 0; i < keys * dim && regime == CORPUS_SUBNORMAL; i++) {
        double unit = ldexp(1, at_formats[format].min_exponent - 1);
        k[i] = at_decode(format, at_encode(format, (float)(k[i] * unit), AT_OVERFLOW_SATURATE));
        v[i] = at_decode(format, at_encode(format, (float)(v[i] * unit), AT_OVERFLOW_SATURATE));
    }
    if (regime == CORPUS_BLOCKS) {
        scale(q, ROWS * dim, dim, 0.3, 0.41);
        scale(k, keys * dim, 16 * dim, 0.7, 0.13);
        scale(v, keys * dim, 16 * dim, 0.01, 1.7);
    }
    for (int64_t i = 0; i < keys * dim && regime == CORPUS_DOUBLES; i++) {
        q[i % (ROWS * dim)] *= i < ROWS * dim ? sqrt(0.5) : 1;
        k[i] = k[i] * sqrt(0.7) + 0x1p-40 * (double)(i % 3);
        v[i] = v[i] * sqrt(0.3) + 0.1;
    }
}

bool corpus_is_due(size_t distribution, int format, int regime, uint64_t seed)
{
    return (2 * distribution + (size_t)format + (size_t)regime + seed + seed / 3) % 3 == 0;
}

void corpus_init(struct corpus_head *ret_head, const struct at_distribution *distribution, enum at_format format, enum corpus_regime regime,
                 uint64_t seed)
{
    static const int64_t dims[] = {64, 128, 32};
    int64_t dim = dims[(seed + (uint64_t)format + (uint64_t)regime) % 3];
    int64_t keys = regime == CORPUS_ONE_KEY ? 1 : 60 + (int64_t)(37 * (seed + (uint64_t)format) % 101);
    struct at_distribution_choice choice;
    struct at_qkv qkv;
    struct at_error error;
    *ret_head = (struct corpus_head){.problem = {1, 1, 1, ROWS, keys, dim, false, seed % 3 == 2 ? (double)(float)0.0883 : 0}};
    snprintf(ret_head->what, sizeof ret_head->what, "%s, %s, %s, seed %" PRIu64, distribution->name, at_formats[format].name,
             regime_names[regime], seed);
    if (at_distribution_choose(distribution->name, &choice, &error) ||
        at_distribution_generate(&choice, &ret_head->problem, format, seed, &qkv, &error)) {
        fprintf(stderr, "%s: %s\n", ret_head->what, error.message);
        abort();
    }
    double unit = at_formats[format].bits == 8 ? (double)(float)(0.37 + 0.01 * (double)seed) : 1;
    ret_head->q = doubles(&qkv.q, unit);
    ret_head->k = doubles(&qkv.k, unit);
    ret_head->v = doubles(&qkv.v, unit);
    at_qkv_done(&qkv);
    bend(ret_head, regime, format);
    for (int64_t i = 0; i < ROWS; i++)
        ret_head->rows[i] = i;
    ret_head->head = (struct at_oracle_head){&ret_head->problem, ret_head->rows, ROWS, ret_head->q, ret_head->k, ret_head->v, 0};
}

void corpus_done(struct corpus_head *head)
{
    free(head->q);
    free(head->k);
    free(head->v);
}
