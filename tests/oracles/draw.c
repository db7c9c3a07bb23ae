/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "draw.h"

#include "core/format.h"
#include "core/random.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

const char *const draw_names[DRAW_KIND_COUNT] = {"fp16", "e4m3", "double", "large", "peaked", "cancel", "zero", "tiny", "wide", "huge"};

static double rounded(enum at_format format, double value)
{
    return at_decode(format, at_encode(format, (float)value, AT_OVERFLOW_SATURATE));
}

/* One element; `tensor` is 0, 1, 2 for q, k, v. */
static double element(enum draw_kind kind, struct at_random key, uint64_t counter, int tensor)
{
    double normal = at_random_normal(key, 2 * counter), uniform = at_random_uniform(key, 2 * counter + 1);
    switch (kind) {
    case DRAW_E4M3: /* 24-bit scale times 4-bit code: exact in a double */
        return rounded(AT_E4M3, 100 * normal) * (double)(float)(0.01 * (1 + at_random_uniform(key, UINT64_MAX)));
    case DRAW_DOUBLE:
        return normal;
    case DRAW_LARGE:
        return rounded(AT_FP16, (2 * uniform - 1) * 65504);
    case DRAW_TINY:
        return uniform < 0.3 ? ldexp(normal, -1070) : uniform < 0.6 ? ldexp(normal, -1022) : tensor == 2 ? 0 : normal;
    case DRAW_WIDE:
        return ldexp(normal, (int)(600 * uniform) - 300);
    case DRAW_HUGE:
        return uniform < 0.01 ? copysign(0x1.fffffffffffffp1023, normal) : ldexp(normal, 1000);
    default:
        return rounded(AT_FP16, normal);
    }
}

/* What a kind asks of the head as a whole. */
static void shape_values(struct draw *draw, enum draw_kind kind, uint64_t seed)
{
    int64_t dim = draw->problem.dim, keys = draw->problem.seq_k;
    if (kind == DRAW_PEAKED)
        for (int64_t c = 0; c < dim; c++) {
            draw->k[c] = 40 * draw->q[c];
            draw->v[c] = 0;
        }
    if (kind == DRAW_CANCEL)
        for (int64_t j = 1; j < keys; j += 2)
            for (int64_t c = 0; c < dim; c++) {
                draw->k[j * dim + c] = draw->k[(j - 1) * dim + c];
                draw->v[j * dim + c] = -draw->v[(j - 1) * dim + c] * (c == 0 ? 1 : 1 + (seed % 2 ? 0x1p-41 : 0x1p-10));
            }
    if (kind == DRAW_ZERO)
        for (int64_t j = 0; j < keys; j++)
            for (int64_t c = 0; c < dim; c += 2)
                draw->v[j * dim + c] = 0;
}

void draw_shape(struct draw *ret_draw, enum draw_kind kind, uint64_t seed, int64_t dim, int64_t seq_q, int64_t seq_k, bool causal,
                int64_t rows)
{
    assert(rows <= 8 && rows <= seq_q);
    *ret_draw = (struct draw){.problem = {1, 1, 1, seq_q, seq_k, dim, causal, 0}};
    double *array[3];
    int64_t count[3] = {rows * dim, seq_k * dim, seq_k * dim};
    for (int t = 0; t < 3; t++) {
        array[t] = malloc((size_t)count[t] * sizeof(double));
        struct at_random key = {seed, (uint64_t)(kind * 4 + t)};
        for (int64_t i = 0; i < count[t]; i++)
            array[t][i] = element(kind, key, (uint64_t)i, t);
    }
    ret_draw->q = array[0];
    ret_draw->k = array[1];
    ret_draw->v = array[2];
    for (int64_t i = 0; i < rows; i++)
        ret_draw->rows[i] = rows == 1 ? seq_q - 1 : i * (seq_q - 1) / (rows - 1);
    shape_values(ret_draw, kind, seed);
    ret_draw->head = (struct at_oracle_head){&ret_draw->problem, ret_draw->rows, rows, array[0], array[1], array[2], 0};
}

void draw_init(struct draw *ret_draw, enum draw_kind kind, uint64_t seed)
{
    static const int64_t dims[] = {32, 64, 128, 256};
    struct at_random key = {seed, 99};
    int64_t dim = dims[at_random_bits(key, 0) % 4], seq_k = 1 + (int64_t)(at_random_bits(key, 1) % 40);
    bool causal = at_random_bits(key, 2) % 2;
    int64_t seq_q = 3 + (int64_t)(at_random_bits(key, 3) % 50);
    draw_shape(ret_draw, kind, seed, dim, seq_q, seq_k, causal, 3);
    if (at_random_bits(key, 4) % 2)
        ret_draw->problem.scale = at_random_uniform(key, 5) * (at_random_bits(key, 6) % 2 ? 0.1 : 3);
}

void draw_done(struct draw *draw)
{
    free(draw->q);
    free(draw->k);
    free(draw->v);
}
