/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "trial.h"

#include "core/format.h"
#include "core/random.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

const char *const trial_names[TRIAL_KINDS] = {"fp16", "bf16", "e4m3", "outlier", "sharp", "cancel", "equal", "sink"};

static int64_t between(struct at_random key, uint64_t counter, int64_t least, int64_t most)
{
    return least + (int64_t)(at_random_bits(key, counter) % (uint64_t)(most - least + 1));
}

static double rounded(enum at_format format, double value)
{
    return (double)at_decode(format, at_encode(format, (float)value, AT_OVERFLOW_SATURATE));
}

/* `tensor` is 0, 1, 2 for q, k, v. */
static double element(const struct trial *t, struct at_random key, uint64_t counter, int tensor)
{
    double normal = at_random_normal(key, 2 * counter), uniform = at_random_uniform(key, 2 * counter + 1);
    switch (t->kind) {
    case TRIAL_BF16: return rounded(AT_BF16, normal + (tensor == 2));
    case TRIAL_E4M3: return rounded(AT_E4M3, 100 * normal) * (double)(float)(0.01 * (1 + at_random_uniform(key, UINT64_MAX)));
    case TRIAL_OUTLIER: return rounded(AT_FP16, uniform < 0.001 ? 100 * normal : normal);
    case TRIAL_SHARP: return rounded(AT_FP16, normal) * (tensor == 0 ? floor(30 * exp2(7 * at_random_uniform(key, UINT64_MAX))) : 1);
    default: return rounded(AT_FP16, normal);
    }
}

/* What a kind asks of one head as a whole. */
static void shape_values(const struct trial *t, const double *q, double *k, double *v, int64_t width)
{
    int64_t dim = t->problem.dim, keys = t->problem.seq_k;
    for (int64_t c = 0; t->kind == TRIAL_SINK && c < width; c++)
        k[c] = 8 * q[c];
    for (int64_t c = 0; t->kind == TRIAL_SINK && c < dim; c++)
        v[c] = 0;
    for (int64_t j = 1; j < keys; j++)
        for (int64_t c = 0; c < width; c++)
            if (t->kind == TRIAL_EQUAL || (t->kind == TRIAL_CANCEL && j % 2 == 1))
                k[j * width + c] = k[(j - 1) * width + c];
    for (int64_t j = 1; j < keys && t->kind == TRIAL_CANCEL; j += 2)
        for (int64_t c = 0; c < dim; c++)
            v[j * dim + c] = -v[(j - 1) * dim + c] * (1 + 0x1p-10);
}

static double *drawn(const struct trial *t, uint64_t seed, int tensor, int64_t count)
{
    double *x = malloc((size_t)count * sizeof *x);
    struct at_random key = {seed, (uint64_t)(100 + tensor)};
#pragma omp parallel for schedule(static)
    for (int64_t i = 0; i < count; i++)
        x[i] = element(t, key, (uint64_t)i, tensor);
    return x;
}

void trial_init(struct trial *ret_trial, uint64_t seed, const struct trial_size *most)
{
    static const int64_t dims[] = {32, 64, 128, 128, 256};
    struct trial *t = ret_trial;
    struct at_random key = {seed, 1};
    int64_t dim = dims[between(key, 0, 0, 4)], keys = between(key, 1, 0, 9) ? between(key, 2, 1, most->keys) : between(key, 2, 1, 3);
    int64_t rows = between(key, 3, 1, most->rows), seq_q = rows + (between(key, 4, 0, 1) ? between(key, 5, 0, most->rows) : 0);
    *t = (struct trial){.kind = (enum trial_kind)between(key, 6, 0, TRIAL_KINDS - 1), .count = between(key, 7, 1, 4)};
    t->problem = (struct at_problem){1, t->count, 1, seq_q, keys, dim, between(key, 8, 0, 1), 0};
    if (between(key, 9, 0, 3) == 0)
        t->problem.scale = 0.3 * at_random_uniform(key, 10);
    t->want = between(key, 11, 0, 2) ? AT_FP64_SUMS : AT_FP64_VALUES;
    int64_t width = dim < 256 && between(key, 12, 0, 3) == 0 ? 2 * dim : dim, shared = between(key, 13, 1, t->count);
    t->rows = malloc((size_t)rows * sizeof *t->rows);
    for (int64_t i = 0; i < rows; i++) /* spread over the sequence, ascending */
        t->rows[i] = i + (seq_q - rows) * i / rows;
    int64_t kv_heads = (t->count + shared - 1) / shared;
    t->q = drawn(t, seed, 0, t->count * rows * width);
    t->k = drawn(t, seed, 1, kv_heads * keys * width);
    t->v = drawn(t, seed, 2, kv_heads * keys * dim);
    for (int64_t n = 0; n < kv_heads; n++)
        shape_values(t, t->q + n * shared * rows * width, t->k + n * keys * width, t->v + n * keys * dim, width);
    for (int64_t h = 0; h < t->count; h++)
        t->heads[h] = (struct at_oracle_head){&t->problem,
                                              t->rows,
                                              rows,
                                              t->q + h * rows * width,
                                              t->k + h / shared * keys * width,
                                              t->v + h / shared * keys * dim,
                                              width == dim ? 0 : width};
}

void trial_done(struct trial *t)
{
    free(t->rows);
    free(t->q);
    free(t->k);
    free(t->v);
}

/* Whether a lies within its radius of b + b_low, itself known to rb; *ratio becomes |a - b - b_low| / ra if that is larger. */
static bool holds(double a, double ra, double b, double b_low, double rb, double *ratio)
{
    if (isinf(b) || isnan(b))
        return isnan(b) ? isnan(a) : a == b;
    double off = (double)fabsl((long double)a - b - b_low); /* a and b are near each other or the check fails anyway */
    if (ra > 0)
        *ratio = fmax(*ratio, off / ra);
    return off <= (ra + rb) * (1 + 0x1p-50);
}

/* The largest radius over sum p |v| of a row whose bound stands: what its sum_abs and p are good to. */
static double relative(const struct at_oracle_truth *truth, int64_t i, int64_t dim)
{
    double most = 0;
    for (int64_t c = 0; c < dim; c++)
        if (truth->sum_abs[i * dim + c] > 0)
            most = fmax(most, truth->radius[i * dim + c] / truth->sum_abs[i * dim + c]);
    return most + 1e-15;
}

static bool row_holds(const struct trial *t, const struct at_oracle_truth *a, const struct at_oracle_truth *b, int64_t i,
                      struct trial_result *result)
{
    int64_t dim = t->problem.dim, keys = t->problem.seq_k;
    double rel = relative(a, i, dim);
    bool good = holds(a->lse[i], a->lse_radius[i], b->lse[i], 0, b->lse_radius[i], &result->lse_ratio);
    for (int64_t at = i * dim; at < (i + 1) * dim; at++) {
        bool within = holds(a->o[at], a->radius[at], b->o[at], b->o_low[at], b->radius[at], &result->ratio);
        double least = t->want == AT_FP64_SUMS ? fabs(a->sum_abs[at] - b->sum_abs[at]) : b->sum_abs[at] - a->sum_abs[at];
        within = within && !(least > rel * b->sum_abs[at] + a->radius[at]);
        result->violations += !within;
        good = good && within;
        if (a->o_low[at] == 0 && a->sum_abs[at] > 0 && isfinite(a->radius[at]))
            result->radius_log2 = fmax(result->radius_log2, log2(a->radius[at] / a->sum_abs[at]));
    }
    for (int64_t j = i * keys; a->p && t->want == AT_FP64_SUMS && j < (i + 1) * keys; j++)
        good = good && (isnan(b->p[j]) ? isnan(a->p[j]) : fabs(a->p[j] - b->p[j]) <= rel * b->p[j] + 0x1p-990);
    return good;
}

static int64_t compare(const struct trial *t, int64_t h, const struct at_oracle_truth *a, const struct at_oracle_truth *b, uint64_t seed,
                       struct trial_result *result, FILE *out)
{
    int64_t bad = 0;
    for (int64_t i = 0; i < t->heads[h].row_count; i++) {
        bool good = row_holds(t, a, b, i, result);
        if (!good && bad++ == 0)
            fprintf(out,
                    "seed %" PRIu64 ", %s, head %" PRId64 " of %" PRId64 ", row %" PRId64 " of %" PRId64 "/%" PRId64 ", %" PRId64
                    " keys, dim %" PRId64 ", columns %" PRId64 "%s%s: o %a, truth %a, radius %a; lse %a, truth %a, radius %a\n",
                    seed, trial_names[t->kind], h, t->count, t->rows[i], t->heads[h].row_count, t->problem.seq_q, t->problem.seq_k,
                    t->problem.dim, t->heads[h].score_dim, t->problem.causal ? ", causal" : "", t->want == AT_FP64_SUMS ? "" : ", values",
                    a->o[i * t->problem.dim], b->o[i * t->problem.dim], a->radius[i * t->problem.dim], a->lse[i], b->lse[i],
                    a->lse_radius[i]);
    }
    result->outputs += t->heads[h].row_count * t->problem.dim;
    return bad;
}

enum at_status trial_run(const struct trial *t, struct at_gpu *gpu, uint64_t seed, struct trial_result *result, FILE *out,
                         struct at_error *error)
{
    struct at_oracle_truth truths[4] = {{0}}, truth = {0};
    const struct at_oracle *certified;
    int64_t rows = t->heads[0].row_count, declined = 0;
    bool with_p = rows * t->problem.seq_k <= 1 << 22;
    enum at_status status = at_oracle_find("certified", &certified, error);
    for (int64_t h = 0; h < t->count && !status; h++)
        status = at_oracle_truth_init(&truths[h], &t->problem, rows, with_p, error);
    if (!status)
        status = at_oracle_truth_init(&truth, &t->problem, rows, with_p, error);
    if (!status)
        status = at_fp64_solve(gpu, t->heads, t->count, t->want, truths, &declined, error);
    for (int64_t h = 0; h < t->count && !status; h++) {
        status = certified->solve(&t->heads[h], &truth, error);
        if (!status && compare(t, h, &truths[h], &truth, seed, result, out) && result->violations == 0)
            result->violations = 1; /* of lse or p alone */
    }
    result->declined += declined;
    for (int64_t h = 0; h < t->count; h++)
        at_oracle_truth_done(&truths[h]);
    at_oracle_truth_done(&truth);
    return status;
}
