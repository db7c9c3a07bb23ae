/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "datasets/fill.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <string.h>

/*
 * `x` to fp32, rounded to odd: toward zero, the last bit set where inexact. A second rounding, to a format at least two bits
 * narrower, then gives what one rounding of `x` would (Boldo and Melquiond, IEEE Trans. Computers 57 (2008) 462).
 */
static float round_to_odd(double x)
{
    if (fabs(x) > FLT_MAX)
        return x > 0 ? FLT_MAX : -FLT_MAX;
    float nearest = (float)x;
    if ((double)nearest == x)
        return nearest;
    uint32_t bits;
    memcpy(&bits, &nearest, sizeof bits);
    if (fabs((double)nearest) > fabs(x))
        bits--;
    bits |= 1;
    memcpy(&nearest, &bits, sizeof bits);
    return nearest;
}

static void encode_row(const double *row, int64_t dim, enum at_format format, void *ret_codes)
{
    float narrow[AT_FILL_DIM_MAX];
    for (int64_t c = 0; c < dim; c++)
        narrow[c] = format == AT_FP32 ? (float)row[c] : round_to_odd(row[c]);
    at_encode_array(format, narrow, (size_t)dim, AT_OVERFLOW_SATURATE, ret_codes);
}

/* Elements of a head below which starting a team of threads takes longer than drawing them (about 0.1 ms). */
enum { TEAM_ELEMENTS = 4096 };

static void fill_tensor(const struct at_fill *fill, struct at_fill_head *head, struct at_tensor *tensor)
{
    for (head->b = 0; head->b < tensor->batch; head->b++) {
        for (head->h = 0; head->h < tensor->heads; head->h++) {
            memset(head->pattern, 0, sizeof head->pattern);
            if (fill->begin_head)
                fill->begin_head(head);
            char *codes = (char *)tensor->codes + (size_t)((head->b * tensor->heads + head->h) * tensor->seq * tensor->dim) *
                                                      at_format_size(tensor->format);
            size_t row_bytes = (size_t)tensor->dim * at_format_size(tensor->format);
#pragma omp parallel for schedule(static) if (tensor->seq * tensor->dim >= TEAM_ELEMENTS)
            for (int64_t s = 0; s < tensor->seq; s++) {
                double row[AT_FILL_DIM_MAX];
                fill->row(head, s, row);
                encode_row(row, tensor->dim, tensor->format, codes + (size_t)s * row_bytes);
            }
        }
    }
}

void at_fill(const struct at_fill *fill, const struct at_problem *problem, const void *context, uint64_t seed, struct at_qkv *qkv)
{
    assert(problem->dim <= AT_FILL_DIM_MAX);
    struct at_fill_head head = {.problem = problem, .context = context, .seed = seed};
    struct at_tensor *tensors[] = {[AT_FILL_Q] = &qkv->q, [AT_FILL_K] = &qkv->k, [AT_FILL_V] = &qkv->v};
    for (int t = AT_FILL_Q; t <= AT_FILL_V; t++) {
        head.tensor = (enum at_fill_tensor)t;
        fill_tensor(fill, &head, tensors[t]);
    }
}

enum { DATASET_STREAM = 'd', GROUP_TENSOR = 15 }; /* the first byte keeps these draws apart from those of other rooms */

/* 'd' (8 bits), purpose (4), tensor (4), b (24), h (24) */
static struct at_random key_of(uint64_t seed, enum at_fill_purpose purpose, unsigned tensor, int64_t b, int64_t h)
{
    uint64_t stream = (uint64_t)DATASET_STREAM << 56 | (uint64_t)purpose << 52 | (uint64_t)tensor << 48 | (uint64_t)b << 24 | (uint64_t)h;
    return (struct at_random){seed, stream};
}

struct at_random at_fill_key(const struct at_fill_head *head, enum at_fill_purpose purpose)
{
    return key_of(head->seed, purpose, head->tensor, head->b, head->h);
}

struct at_random at_fill_group_key(const struct at_fill_head *head, enum at_fill_purpose purpose)
{
    int64_t h = head->tensor == AT_FILL_Q ? head->h / at_problem_group(head->problem) : head->h;
    return key_of(head->seed, purpose, GROUP_TENSOR, 0, h);
}

_Static_assert(AT_FILL_DIM_MAX <= 1 << 16, "a column takes the low 16 bits of a counter");

uint64_t at_fill_counter(int64_t s, int64_t c)
{
    return (uint64_t)s << 16 | (uint64_t)c;
}

double at_fill_scale(const struct at_problem *problem)
{
    return problem->scale > 0 ? problem->scale : 1 / sqrt((double)problem->dim);
}

int64_t at_fill_token(const struct at_fill_head *head, int64_t s)
{
    return head->tensor == AT_FILL_Q ? s + head->problem->seq_k - head->problem->seq_q : s;
}

void at_fill_normal(const struct at_fill_head *head, int64_t s, double sigma, double *ret_row)
{
    struct at_random key = at_fill_key(head, AT_FILL_NOISE);
    for (int64_t c = 0; c < head->problem->dim; c++)
        ret_row[c] = sigma * at_random_normal(key, at_fill_counter(s, c));
}
