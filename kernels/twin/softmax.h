/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_KERNELS_TWIN_SOFTMAX_H
#define AT_KERNELS_TWIN_SOFTMAX_H

#include "kernels/operands.h"
#include "kernels/twin/lanes.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The online softmax of one query row, as a warpgroup does it: four lanes share a row of the accumulator. */

/* ln 2 rounded to fp32 (E24). */
extern const float at_softmax_ln2;

/* Lane t of the quad holds columns 8 i + 2 t and 8 i + 2 t + 1 of the tile (accumulator layout of WGMMA, PTX ISA, D fragment). */
enum { AT_QUAD = 4 };

/* What does not change along a row. */
struct at_softmax_rule {
    enum at_evaluation exp2, reciprocal;
    enum at_format p_format;
    enum at_row_sum row_sum;
    float offset;    /* log2 of the factor that P carries: 0, 8, or log2(448) */
    float factor;    /* 2^-offset: 1, 2^-8, 1/448 */
    const struct at_lanes *lanes; /* how the element-wise steps run */
    bool log2_units; /* the row maximum is kept times the coefficient, because that changes from tile to tile */
};

struct at_softmax_row {
    float max;          /* running maximum: of the scores, or of coefficient * scores in log2_units */
    float sum[AT_QUAD]; /* each lane's part of the row sum */
    bool started;
};

/* `simd` is not AT_SIMD_AUTO. */
struct at_softmax_rule at_softmax_rule_of(const struct at_numerics *numerics, bool log2_units, enum at_simd simd);

/* E13: x[i] <- 2^x[i] as the rule evaluates it. */
void at_softmax_exp2(const struct at_softmax_rule *rule, float *x, int64_t n);

/* The larger of two fp32 numbers as max.f32 takes it (PTX ISA): a NaN gives way to the other, and +0 is larger than -0. */
double at_softmax_larger(double a, double b);

/*
 * One tile: scores[n], those masked or of no key -infinity, become P before its cast; the maximum and, for unquantised row sums, the
 * sums move on (otherwise at_softmax_add does it after the cast). Returns what O and the row sum of the tiles before are multiplied with
 * (E17); 1 for the first tile. c: the coefficient, score -> log2 of P
 */
float at_softmax_tile(const struct at_softmax_rule *rule, struct at_softmax_row *row, float c, float *scores, int64_t n);

/*
 * E14: each lane's sum <- sum * rescale + p, in order of columns; the product and the first addition are one fused multiply-add, as the
 * compiler makes of FA3's source. The first tile starts the sums.
 */
void at_softmax_add(struct at_softmax_row *row, float rescale, const float *p, int64_t n);

/* The quad's sum: (lane 0 + lane 2) + (lane 1 + lane 3). */
float at_softmax_total(const struct at_softmax_row *row);

/* E20: 1/total, or 0 for a total that is 0 or NaN. */
float at_softmax_reciprocal(const struct at_softmax_rule *rule, float total);

/* E24: natural log-sum-exp from the row maximum, its coefficient to natural units, and the total; -infinity for a total of 0 or NaN. */
float at_softmax_lse(const struct at_softmax_rule *rule, float max, float max_to_natural, float total);

/*
 * E15: p[n] rounded to the rule's format, in place (as fp32 values); fold[n] (or NULL) multiplies each first. Counts what was clipped
 * and what vanished.
 */
void at_softmax_cast(const struct at_softmax_rule *rule, const float *fold, float *p, int64_t n, int64_t *saturated, int64_t *underflowed);

#ifdef __cplusplus
}
#endif

#endif
