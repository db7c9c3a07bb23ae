/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_ORACLES_MPFR_FAST_H
#define AT_ORACLES_MPFR_FAST_H

#include "oracles/mpfr/integer.h"
#include "oracles/mpfr/row.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The fast path of one row: scores are exact integers, mpfr_exp gives each weight to 128 bits, and weights times values are summed in
 * integers again. It either proves that everything fits or declines; it never rounds silently.
 */

/* Pieces of at most 48 bits let 2^16 keys be summed in 128 bits before MPFR has to take over; 3 of them hold any usual column of V. */
enum { AT_PIECE_BITS = 48, AT_PIECES_MAX = 3 };

/* K and V of a head as integers; keys at and beyond `keys` are not finite and are left out. */
struct at_mpfr_integers {
    int64_t keys, dim, score_dim;
    int64_t *k;                      /* [keys][score_dim]; element = k * 2^k_span[j].low */
    struct at_span *k_span;          /* [keys] */
    int v_pieces, v_width;           /* an element of V is cut into v_pieces integers below 2^v_width; 0: it does not fit */
    struct at_span *v_span;          /* [dim] */
    int64_t *v;                      /* [keys][dim][v_pieces]; element = sum over i of v[..][i] * 2^(v_span[c].low + i v_width) */
};

enum at_status at_mpfr_integers_init(struct at_mpfr_integers *ret_integers, const double *k, const double *v, int64_t keys, int64_t dim,
                                     int64_t score_dim, struct at_error *error);
void at_mpfr_integers_done(struct at_mpfr_integers *integers);

/* A weight p = (high * 2^64 + low) * 2^(exponent - 128) with 2^63 <= high; exponent INT_MIN: left out. */
struct at_mpfr_weight {
    uint64_t high, low;
    int exponent;
};

/* Sums of weight times value in two limbs: high * 2^64 + low; [0] over positive values, [1] over negative ones. */
struct at_mpfr_partial {
    at_uint128 high[2], low[2];
};

/* What one thread needs for one row. */
struct at_mpfr_fast {
    int64_t *q;                      /* [score_dim] */
    at_int128 *score;                /* [keys] q . k_j / 2^(q low + k_j low) */
    struct at_mpfr_weight *weight;   /* [keys] */
    int64_t *order;                  /* [keys] the keys by level, then by position */
    struct at_mpfr_partial *partial; /* [dim * AT_PIECES_MAX + 1]: each piece of each column, then the weights alone */
};

enum at_status at_mpfr_fast_init(struct at_mpfr_fast *ret_fast, int64_t keys, int64_t dim, int64_t score_dim,
                                 struct at_error *error);
void at_mpfr_fast_done(struct at_mpfr_fast *fast);

/* Whether the row's scores and sums fit, proved from the spans alone. */
bool at_mpfr_fast_fits(const struct at_mpfr_integers *integers, const struct at_mpfr_view *view);

/* Fills `sums` (128 bits) for a row that fits; ret_p as at_mpfr_plain. */
void at_mpfr_fast_row(struct at_mpfr_fast *fast, const struct at_mpfr_integers *integers, const struct at_mpfr_view *view,
                      struct at_mpfr_sums *sums, double *ret_p);

/* Adds sum_j weight[j] * (1, v_j1, v_j2, ...) to sums->weight, positive and negative: relative error 2^-112 + 3 keys 2^-128 (eq. 6). */
void at_mpfr_add_weighted(struct at_mpfr_fast *fast, const struct at_mpfr_integers *integers, int64_t keys, struct at_mpfr_sums *sums);

#ifdef __cplusplus
}
#endif

#endif
