/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_KERNELS_OPERANDS_H
#define AT_KERNELS_OPERANDS_H

#include "core/hash.h"
#include "core/numerics.h"
#include "core/problem.h"
#include "core/tensor.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * What `prepare` hands to `attend`: Q, K and V rotated, smoothed, scaled and quantised. Index letters: b batch, h the tensor's own
 * heads, s row, c column.
 */
struct at_scales {
    enum at_scale_granularity granularity;
    int64_t batch, heads, groups; /* groups: scales for each (b, h): 1, blocks, rows, or columns */
    float *value;                 /* [batch][heads][groups]; tensor and head granularity have their value repeated */
};

/* Elements of one head that quantisation changed beyond rounding. */
struct at_clips {
    int64_t saturated;   /* finite elements clipped to the largest value */
    int64_t underflowed; /* nonzero elements that became zero */
};

struct at_operand {
    struct at_tensor codes; /* in the format at the matrix unit */
    struct at_scales scale; /* element = code * scale */
    float *mean;            /* what smoothing subtracted, after rotation; NULL without: K, V [b][h][c]; Q [b][h][s / 128][c] */
    float *values;          /* K with q.smooth: the unquantised elements [b][h][s][c] that Q's correction multiplies; else NULL */
    struct at_clips *clips; /* [b][h] */
};

struct at_operands {
    struct at_problem problem;
    struct at_numerics numerics; /* resolved */
    struct at_operand q, k, v;
    float *lse_shift; /* [b][h of Q][s]: q . mean(K) * scale, to be added to the kernel's log-sum-exp; NULL without k.smooth */
};

/* Rows of Q that share a smoothing mean. */
enum { AT_Q_MEAN_ROWS = 128 };

/* Those of the whole tensor. */
struct at_clips at_operand_clips(const struct at_operand *operand);

/* Those of Q, K and V together that query head h reads; heads of a group count the same K and V. */
struct at_clips at_operands_head_clips(const struct at_operands *operands, int64_t b, int64_t h);

/* Scales of one head of `seq` rows and `dim` columns: 1, blocks, rows, or columns. */
int64_t at_scale_groups(enum at_scale_granularity granularity, int64_t seq, int64_t dim);

/* The scale of element (b, h, s, c). */
float at_scale_of(const struct at_scales *scales, int64_t b, int64_t h, int64_t s, int64_t c);

void at_operands_done(struct at_operands *operands);

/* Digest of the codes, scales, means and kept elements of all three operands: equal digests dequantise to equal elements. */
struct at_sha256 at_operands_sha256(const struct at_operands *operands);

#ifdef __cplusplus
}
#endif

#endif
