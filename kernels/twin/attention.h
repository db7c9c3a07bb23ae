/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_KERNELS_TWIN_ATTENTION_H
#define AT_KERNELS_TWIN_ATTENTION_H

#include "core/rows.h"
#include "core/simd.h"
#include "kernels/operands.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Outputs of one query head for the chosen rows; the caller owns the arrays. */
struct at_attention {
    float *o;              /* [rows][dim], already rounded to numerics.output */
    float *row_max;        /* [rows], as the kernel holds it (E11): of the scores, or of coefficient * scores with K's scale per block */
    float *row_sum;        /* [rows], of P including its offset */
    float *lse;            /* [rows], natural log-sum-exp of the scaled scores, K's smoothing undone; -inf where no key is seen */
    double *p;             /* [rows][seq_k] the weights that V was really multiplied with, normalised; may be NULL */
    int64_t p_saturated;   /* P elements clipped to the largest value of p_format */
    int64_t p_underflowed; /* nonzero P elements that became zero */
};

/*
 * Attention of query head h of batch b on the CPU with the bits of the kernel that `operands->numerics` describes (docs/numerics.md,
 * E7 to E24). Rows are shared among OpenMP threads; neither their number nor `simd` changes a bit.
 */
enum at_status at_twin_attend(const struct at_operands *operands, int64_t b, int64_t h, const struct at_rows *rows, enum at_simd simd,
                              struct at_attention *attention, struct at_error *error);

#ifdef __cplusplus
}
#endif

#endif
