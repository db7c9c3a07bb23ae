/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_TESTS_KERNELS_PLAIN_H
#define AT_TESTS_KERNELS_PLAIN_H

#include "kernels/operands.h"

/*
 * Attention of one query row in double precision from the quantised operands, without tiles, running maxima or rounding, and how far the
 * kernel that `numerics` describes may stray from it. The bounds are computed, from: the F-bit truncation of each instruction and
 * the size of the accumulator it meets, half a unit of P's, the scores' and the output's format, and unit roundoff 2^-24 for each fp32
 * operation.
 */
struct plain_head {
    const struct at_operands *operands;
    int64_t b, h, kv;
    float *k, *v;  /* codes, decoded: [seq_k][dim] */
    double v_most; /* the largest of V's scales */
};

struct plain_row {
    int64_t keys;
    double *w, *w_bound;         /* [seq_k] softmax weights */
    double *o, *o_bound;         /* [dim] */
    double *product_bound;       /* [dim] of the difference between O and (the weights really used) times V */
    double lse, lse_bound;       /* of the log-sum-exp */
    double sum_bound;            /* relative, of the row sum */
    double *score, *score_bound; /* [seq_k] natural units */
};

void plain_head_init(struct plain_head *head, const struct at_operands *operands, int64_t b, int64_t h);
void plain_head_done(struct plain_head *head);

/* Fills ret_row for query row `position`; free with plain_row_done. */
void plain_row_init(struct plain_row *ret_row, const struct plain_head *head, int64_t position);
void plain_row_done(struct plain_row *row);

/* O as V's elements weighted with p[seq_k], the mean added and the rotation undone, into ret_o[dim]. */
void plain_product(const struct plain_head *head, const double *p, int64_t keys, double *ret_o);

/* Half a unit in the last place of `format` at |x|, subnormals included. */
double half_ulp(enum at_format format, double x);

/* x <- x H / sqrt(width) D over groups of `width` columns, from the definition H_ij = (-1)^popcount(i & j). */
void plain_unrotate(double *x, int64_t dim, int width, uint64_t seed);

#endif
