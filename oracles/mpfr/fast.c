/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "oracles/mpfr/fast.h"

#include <gmp.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>

_Static_assert(GMP_NUMB_BITS == 64, "two limbs hold 128 bits");

enum { PRECISION = 128, MOST_KEYS = 1 << 20 };

enum at_status at_mpfr_fast_init(struct at_mpfr_fast *ret_fast, int64_t keys, int64_t dim, int64_t score_dim,
                                 struct at_error *error)
{
    size_t n = keys > 0 ? (size_t)keys : 1, columns = (size_t)dim;
    struct at_mpfr_fast fast = {
        .q = malloc((size_t)score_dim * sizeof(int64_t)),
        .score = malloc(n * sizeof(at_int128)),
        .weight = malloc(n * sizeof(struct at_mpfr_weight)),
        .order = malloc(n * sizeof(int64_t)),
        .partial = malloc((columns * AT_PIECES_MAX + 1) * sizeof(struct at_mpfr_partial)),
    };
    if (!fast.q || !fast.score || !fast.weight || !fast.order || !fast.partial) {
        at_mpfr_fast_done(&fast);
        return at_fail(error, AT_ERR_MEMORY, "oracle mpfr: no memory for the weights of one row");
    }
    *ret_fast = fast;
    return AT_OK;
}

void at_mpfr_fast_done(struct at_mpfr_fast *fast)
{
    free(fast->q);
    free(fast->score);
    free(fast->weight);
    free(fast->order);
    free(fast->partial);
    *fast = (struct at_mpfr_fast){0};
}

bool at_mpfr_fast_fits(const struct at_mpfr_integers *integers, const struct at_mpfr_view *view)
{
    struct at_span q = at_span_of(view->q, view->score_dim);
    int q_bits = q.high - q.low, k_bits = 0;
    for (int64_t j = 0; j < view->keys; j++) {
        int bits = integers->k_span[j].high - integers->k_span[j].low;
        k_bits = bits > k_bits ? bits : k_bits;
    }
    return view->keys <= MOST_KEYS && integers->v_pieces > 0 && q_bits <= AT_INTEGER_BITS && k_bits <= AT_INTEGER_BITS &&
           q_bits + k_bits + at_ceil_log2(view->score_dim) <= 127;
}

/* ret = value * 2^exponent, exactly: ret holds 128 bits. */
static void set_int128(mpfr_t ret, at_int128 value, int exponent)
{
    at_uint128 magnitude = value < 0 ? -(at_uint128)value : (at_uint128)value;
    mp_limb_t limbs[2] = {(mp_limb_t)magnitude, (mp_limb_t)(magnitude >> 64)};
    mpz_t integer;
    mp_size_t count = limbs[1] ? 2 : limbs[0] ? 1 : 0;
    mpz_roinit_n(integer, limbs, value < 0 ? -count : count);
    mpfr_set_z_2exp(ret, integer, exponent, MPFR_RNDN);
}

/* p, of 128 bits, as its integer significand and exponent; exact. */
static struct at_mpfr_weight weight_of(const mpfr_t p, mpz_t significand)
{
    mpfr_exp_t exponent = mpfr_get_z_2exp(significand, p);
    const mp_limb_t *limbs = mpz_limbs_read(significand);
    return (struct at_mpfr_weight){limbs[1], limbs[0], (int)exponent + PRECISION};
}

/* The scores, exactly, and the largest of them in sums->score. */
static void find_scores(struct at_mpfr_fast *fast, const struct at_mpfr_integers *integers, const struct at_mpfr_view *view, int q_low,
                        mpfr_t score, struct at_mpfr_sums *sums)
{
    for (int64_t j = 0; j < view->keys; j++) {
        fast->score[j] = at_integer_dot(fast->q, integers->k + j * view->score_dim, view->score_dim);
        set_int128(score, fast->score[j], q_low + integers->k_span[j].low);
        if (j == 0 || mpfr_greater_p(score, sums->score))
            mpfr_set(sums->score, score, MPFR_RNDN);
            /* exact */
    }
}

void at_mpfr_fast_row(struct at_mpfr_fast *fast, const struct at_mpfr_integers *integers, const struct at_mpfr_view *view,
                      struct at_mpfr_sums *sums, double *ret_p)
{
    int q_low = at_span_of(view->q, view->score_dim).low;
    for (int64_t d = 0; d < view->score_dim; d++)
        fast->q[d] = at_integer(view->q[d], q_low, AT_INTEGER_BITS);
    at_mpfr_sums_start(sums, PRECISION, view->scale);
    mpfr_t x, p;
    mpfr_inits2(PRECISION, x, p, (mpfr_ptr)NULL);
    mpz_t significand;
    mpz_init2(significand, PRECISION);
    find_scores(fast, integers, view, q_low, x, sums);
    for (int64_t j = 0; j < view->keys; j++) {
        set_int128(x, fast->score[j], q_low + integers->k_span[j].low);
        /* s_j, exactly */
        mpfr_sub(x, x, sums->score, MPFR_RNDN);
        /* (s_j - s_m) (1 + d) */
        mpfr_mul(x, x, sums->scale, MPFR_RNDN);
        /* x_j + e, |e| <= 2^14 u while x >= -AT_MPFR_CLIP (eq. 2, sigma = 0) */
        bool clipped = mpfr_cmp_si(x, -AT_MPFR_CLIP) < 0;
        if (!clipped)
            mpfr_exp(p, x, MPFR_RNDN);
            /* p_j (1 + d), |d| <= 1.01 * 2^14 u + 2 u (eq. 3) */
        fast->weight[j] = clipped ? (struct at_mpfr_weight){0, 0, INT_MIN} : weight_of(p, significand);
        if (ret_p)
            ret_p[j] = clipped ? 0 : mpfr_get_d(p, MPFR_RNDN);
        sums->clipped |= clipped;
    }
    mpfr_clears(x, p, (mpfr_ptr)NULL);
    mpz_clear(significand);
    at_mpfr_add_weighted(fast, integers, view->keys, sums);
    /* (1 + d), |d| <= 2^-112 + AT_PIECES_MAX keys u (eq. 6) */
    double u = 0x1p-128;
    sums->score_error = 0;
    sums->error = 1.02 * (1.01 * 0x1p14 * u + 2 * u + 0x1p-112 + AT_PIECES_MAX * (double)view->keys * u); /* eq. 5 with eq. 6 */
}
