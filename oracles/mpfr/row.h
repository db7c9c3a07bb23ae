/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_ORACLES_MPFR_ROW_H
#define AT_ORACLES_MPFR_ROW_H

#include "core/status.h"
#include "oracles/oracle.h"

#include <mpfr.h>
#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Inside the mpfr oracle: one row of attention as three families of sums of non-negative terms, and the bound on their relative
 * error. Two paths fill them: the plain one (MPFR throughout, any input) and the fast one (exact integers around mpfr_exp, inputs of
 * limited span). Names and equation numbers are those of docs/oracles.md.
 */

/* What one query row sees: keys >= 1 finite keys and values. */
struct at_mpfr_view {
    const double *q;     /* [score_dim] */
    const double *k, *v; /* [keys][score_dim], [keys][dim] */
    int64_t keys, dim, score_dim;
    double scale;        /* 0: 1/sqrt(dim) */
};

/* Keys with scale * (score - largest) below -AT_MPFR_CLIP are left out: p < 2^-4094, which no double can show (eq. 4). */
enum { AT_MPFR_CLIP = 2840 };

/* Sums over the keys of p_j = exp(scale * (s_j - s_m)); m is a key of (nearly) the largest score. */
struct at_mpfr_sums {
    int64_t dim;
    mpfr_prec_t precision;
    mpfr_t scale, score;          /* c and s_m */
    mpfr_t weight;                /* L = sum p_j */
    mpfr_t *positive, *negative;  /* [dim] sums of p_j v_jc over v_jc > 0, and of p_j |v_jc| over v_jc < 0 */
    double error;                 /* epsilon: relative error of each of those sums (eq. 5) */
    double score_error;           /* sigma: error of scale * score that comes from s_m (eq. 1) */
    bool clipped;                 /* a key was left out */
};

enum at_status at_mpfr_sums_init(struct at_mpfr_sums *ret_sums, int64_t dim, struct at_error *error);
void at_mpfr_sums_done(struct at_mpfr_sums *sums);

/* Sets the precision of every number and zeroes the sums; scale becomes c, correctly rounded (1 + u). */
void at_mpfr_sums_start(struct at_mpfr_sums *sums, mpfr_prec_t precision, double scale);

/* kappa: |o - A/L| <= kappa * (sum of p|v| as computed) for sums of relative error `error` (eq. 7). */
double at_mpfr_radius_factor(double error, mpfr_prec_t precision);

/* 2^-102: the paths choose their precision so that at_mpfr_radius_factor is at most this, which leaves the target 2^-100 room. */
double at_mpfr_radius_goal(void);

/*
 * The plain path. Precision: the smallest multiple of 64 bits from 128 at which the a-priori bound meets at_mpfr_radius_goal, or
 * `precision` if that is not 0. ret_p (or NULL): [keys] p_j, not yet divided by L.
 */
enum at_status at_mpfr_plain(const struct at_mpfr_view *view, mpfr_prec_t precision, struct at_mpfr_sums *sums, double *ret_p,
                             struct at_error *error);

/*
 * Turns the sums into row i of `truth`: value, radius, sum_abs, lse, and p (whose row holds p_j; keys beyond view->keys become 0).
 * zero_column[c]: all the values that the row sees in column c are zero, so that the output is exactly 0.
 */
void at_mpfr_finish(struct at_mpfr_sums *sums, const struct at_mpfr_view *view, const bool *zero_column, int64_t i, int64_t seq_k,
                    struct at_oracle_truth *truth);

#ifdef __cplusplus
}
#endif

#endif
