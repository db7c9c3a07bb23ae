/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/prepare/prepare.h"

#include "kernels/prepare/rotate.h"
#include "kernels/prepare/scale.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Rows whose partial sums are added first when a mean is taken (E2). */
enum { MEAN_BLOCK = 128 }; /* E2a */

/* One tensor on its way: its elements in fp32, [batch][heads][seq][dim]. */
struct stage {
    const struct at_operand_numerics *numerics;
    const struct at_tensor *input;
    float *values;
};

static enum at_status no_memory(struct at_error *error)
{
    return at_fail(error, AT_ERR_MEMORY, "prepare: no memory for the operands in fp32");
}

/* E1 */
static enum at_status decode_and_rotate(struct stage *stage, uint64_t seed, struct at_error *error)
{
    const struct at_tensor *t = stage->input;
    int width = at_rotation_width(stage->numerics->rotate, t->dim);
    float signs[256];
    stage->values = malloc((size_t)at_tensor_count(t) * sizeof *stage->values);
    if (!stage->values)
        return no_memory(error);
    for (int64_t c = 0; c < t->dim; c++)
        signs[c] = width ? at_rotation_sign(seed, c) : 1.0f;
#pragma omp parallel for schedule(static)
    for (int64_t row = 0; row < t->batch * t->heads * t->seq; row++) {
        float *x = stage->values + row * t->dim;
        at_decode_array(t->format, (const char *)t->codes + (size_t)(row * t->dim) * at_format_size(t->format), (size_t)t->dim, x);
        if (width)
            at_rotate_row(x, t->dim, width, signs);
    }
    return AT_OK;
}

/* E2: mean[dim] of `rows` rows: fp32 sums of 128 rows in order, those added in order, one fp32 division. */
static void mean_of_rows(const float *values, int64_t rows, int64_t dim, float *mean)
{
    memset(mean, 0, (size_t)dim * sizeof *mean);
    for (int64_t first = 0; first < rows; first += MEAN_BLOCK) {
        float part[256] = {0};
        int64_t last = first + MEAN_BLOCK < rows ? first + MEAN_BLOCK : rows;
        for (int64_t s = first; s < last; s++)
            for (int64_t c = 0; c < dim; c++)
                part[c] += values[s * dim + c]; /* E2b */
        for (int64_t c = 0; c < dim; c++)
            mean[c] += part[c]; /* E2c */
    }
    for (int64_t c = 0; c < dim; c++)
        mean[c] /= (float)rows; /* E2d */
}

/* E2, E3: subtracts the mean of every `group` rows of each head from them; the means are kept in ret_mean, owned by the caller. */
static enum at_status smooth(struct stage *stage, int64_t group, float **ret_mean, struct at_error *error)
{
    const struct at_tensor *t = stage->input;
    int64_t groups = (t->seq + group - 1) / group, heads = t->batch * t->heads, dim = t->dim;
    float *mean = malloc((size_t)(heads * groups * dim) * sizeof *mean);
    if (!mean)
        return no_memory(error);
#pragma omp parallel for schedule(static)
    for (int64_t i = 0; i < heads * groups; i++) {
        int64_t first = i % groups * group, rows = t->seq - first < group ? t->seq - first : group;
        float *x = stage->values + (i / groups * t->seq + first) * dim, *m = mean + i * dim;
        mean_of_rows(x, rows, dim, m);
        for (int64_t s = 0; s < rows; s++)
            for (int64_t c = 0; c < dim; c++)
                x[s * dim + c] -= m[c]; /* E3a */
    }
    *ret_mean = mean;
    return AT_OK;
}

/* Whether `value` rounds to more than the largest finite value. */
static bool overflows(enum at_format format, float value)
{
    return !isfinite(at_decode(format, at_encode(format, value, AT_OVERFLOW_IEEE)));
}

/* E5, E6: one row's codes; adds what was clipped and what vanished to the counts. */
static void quantise_row(const struct at_operand_numerics *numerics, const float *x, const float *reciprocal, int64_t dim, void *codes,
                         struct at_clips *clips)
{
    bool eight = at_formats[numerics->storage].bits == 8;
    enum at_overflow overflow = eight ? AT_OVERFLOW_SATURATE : AT_OVERFLOW_IEEE; /* E6b */
    double largest = at_formats[numerics->storage].max;
    for (int64_t c = 0; c < dim; c++) {
        float scaled = numerics->scale == AT_SCALE_NONE ? x[c] : x[c] * reciprocal[c]; /* E5b */
        uint32_t code = at_encode(numerics->storage, scaled, overflow);                /* E6a */
        float kept = at_decode(numerics->storage, code);
        clips->saturated += isfinite(x[c]) && !((double)fabsf(kept) < largest) && overflows(numerics->storage, scaled);
        clips->underflowed += kept == 0 && x[c] != 0;
        if (numerics->storage != numerics->format)
            code = at_encode(numerics->format, kept, overflow); /* E6c */
        if (at_formats[numerics->format].bits == 8)
            ((uint8_t *)codes)[c] = (uint8_t)code;
        else
            ((uint16_t *)codes)[c] = (uint16_t)code;
    }
}

static enum at_status quantise(const struct stage *stage, int64_t share, struct at_operand *operand, struct at_error *error)
{
    const struct at_tensor *t = stage->input;
    enum at_status status =
        at_scales_init(&operand->scale, stage->numerics, stage->values, t->batch, t->heads, t->seq, t->dim, share, error);
    if (!status)
        status = at_tensor_init(&operand->codes, stage->numerics->format, t->batch, t->heads, t->seq, t->dim, error);
    if (status)
        return status;
    operand->clips = calloc((size_t)(t->batch * t->heads), sizeof *operand->clips);
    if (!operand->clips)
        return no_memory(error);
    size_t size = at_format_size(stage->numerics->format);
#pragma omp parallel for schedule(static)
    for (int64_t row = 0; row < t->batch * t->heads * t->seq; row++) {
        int64_t head = row / t->seq, s = row % t->seq;
        float reciprocal[256];
        struct at_clips clips = {0, 0};
        for (int64_t c = 0; c < t->dim; c++)
            reciprocal[c] = 1.0f / at_scale_of(&operand->scale, head / t->heads, head % t->heads, s, c); /* E5a */
        quantise_row(stage->numerics, stage->values + row * t->dim, reciprocal, t->dim,
                     (char *)operand->codes.codes + (size_t)(row * t->dim) * size, &clips);
#pragma omp atomic
        operand->clips[head].saturated += clips.saturated;
#pragma omp atomic
        operand->clips[head].underflowed += clips.underflowed;
    }
    return AT_OK;
}

/* E3: what K's smoothing took from the log-sum-exp of each query row: scale * (q . mean(K)), an fp32 fma chain in order of columns. */
static enum at_status shift_of_lse(struct at_operands *operands, const float *q_values, struct at_error *error)
{
    const struct at_problem *p = &operands->problem;
    int64_t rows = p->batch * p->heads_q * p->seq_q, group = at_problem_group(p);
    float scale = at_problem_scale_fp32(p), *shift = malloc((size_t)rows * sizeof *shift);
    if (!shift)
        return no_memory(error);
#pragma omp parallel for schedule(static)
    for (int64_t row = 0; row < rows; row++) {
        int64_t head = row / p->seq_q, b = head / p->heads_q, kv = head % p->heads_q / group;
        const float *mean = operands->k.mean + (b * p->heads_kv + kv) * p->dim, *q = q_values + row * p->dim;
        float dot = 0;
        for (int64_t c = 0; c < p->dim; c++)
            dot = fmaf(q[c], mean[c], dot); /* E3b */
        shift[row] = dot * scale;           /* E3c */
    }
    operands->lse_shift = shift;
    return AT_OK;
}

static enum at_status prepare_stages(struct stage stages[3], struct at_operands *operands, struct at_error *error)
{
    const struct at_problem *p = &operands->problem;
    struct at_operand *made[3] = {&operands->q, &operands->k, &operands->v};
    /* E2e */
    const int64_t groups[3] = {AT_Q_MEAN_ROWS, p->seq_k, p->seq_k}, shares[3] = {at_problem_group(p), 1, 1};
    enum at_status status = AT_OK;
    for (int i = 0; i < 3 && !status; i++)
        status = decode_and_rotate(&stages[i], operands->numerics.rotation_seed, error);
    if (!status && operands->numerics.k.smooth)
        status = smooth(&stages[1], groups[1], &operands->k.mean, error);
    if (!status && operands->numerics.k.smooth)
        status = shift_of_lse(operands, stages[0].values, error);
    if (!status && operands->numerics.q.smooth)
        status = smooth(&stages[0], groups[0], &operands->q.mean, error);
    if (!status && operands->numerics.v.smooth)
        status = smooth(&stages[2], groups[2], &operands->v.mean, error);
    for (int i = 0; i < 3 && !status; i++)
        status = quantise(&stages[i], shares[i], made[i], error);
    if (!status && operands->numerics.q.smooth) {
        operands->k.values = stages[1].values;
        stages[1].values = NULL;
    }
    return status;
}

enum at_status at_prepare(const struct at_problem *problem, const struct at_numerics *numerics, const struct at_qkv *inputs,
                          struct at_operands *ret_operands, struct at_error *error)
{
    struct at_operands operands = {.problem = *problem};
    enum at_status status = at_problem_check(problem, error);
    if (!status)
        status = at_numerics_resolve(numerics, problem, &operands.numerics, error);
    if (status)
        return status;
    struct stage stages[3] = {
        {&operands.numerics.q, &inputs->q, NULL}, {&operands.numerics.k, &inputs->k, NULL}, {&operands.numerics.v, &inputs->v, NULL}};
    status = prepare_stages(stages, &operands, error);
    for (int i = 0; i < 3; i++)
        free(stages[i].values);
    if (status)
        at_operands_done(&operands);
    else
        *ret_operands = operands;
    return status;
}
