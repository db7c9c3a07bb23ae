/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "oracles/mpfr/integer.h"
#include "oracles/mpfr/row.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>

/*
 * The referee: attention written out in MPFR, one operation a line. Nothing is assumed of the inputs but that they are finite. u is
 * 2^-precision; every rounding is to nearest, so each leaves a factor (1 + d), |d| <= u. Equations: docs/oracles.md.
 */

/* The largest of at_top over the elements; INT_MIN if all are zero. */
static int top_of(const double *values, int64_t count)
{
    int top = INT_MIN;
    for (int64_t i = 0; i < count; i++) {
        int e = at_top(values[i]);
        top = e > top ? e : top;
    }
    return top;
}

/* Everything the a-priori bound needs, computed once a row. */
struct sizes {
    int top;       /* sum over the columns of |q_d k_jd|, times scale, is below dim * 2^top for every key; INT_MIN: it is 0 */
    int64_t dim, keys; /* dim: columns of a score */
};

static struct sizes sizes_of(const struct at_mpfr_view *view)
{
    int q = top_of(view->q, view->score_dim), k = top_of(view->k, view->keys * view->score_dim);
    int scale = at_top(view->scale > 0 ? view->scale : 1 / sqrt((double)view->dim)); /* rounding to nearest does not cross 2^scale */
    return (struct sizes){q == INT_MIN || k == INT_MIN ? INT_MIN : q + k + scale, view->score_dim, view->keys};
}

/* sigma (eq. 1) and epsilon (eq. 5) at `precision`. */
static void bound(const struct sizes *sizes, mpfr_prec_t precision, double *ret_score_error, double *ret_error)
{
    double u = ldexp(1.0, -(int)(precision < 1000 ? precision : 1000)); /* >= 2^-precision, and not below the range of a double */
    double dim = (double)sizes->dim, keys = (double)sizes->keys;
    double sigma = 0;
    if (sizes->top != INT_MIN)
        sigma = ldexp(1.02 * dim * dim, sizes->top - (int)precision) + 0x1p-1000; /* dim u / (1 - dim u) * dim 2^top */
    double argument = 2 * sigma + 0x1p14 * u;                                 /* eq. 2: |argument of exp - x_j| */
    double weight = 1.01 * argument + 2 * u;                                  /* eq. 3, if argument <= 2^-8 */
    *ret_score_error = sigma;
    *ret_error = argument <= 0x1p-8 ? 1.02 * (weight + (keys + 1) * u) : INFINITY; /* eq. 5 */
}

/* score = sum_d q_d k_d: |error| <= gamma_dim sum_d |q_d k_d| (eq. 1). */
static void dot(mpfr_t score, mpfr_t *q, const double *k, int64_t dim, mpfr_t key, mpfr_t product)
{
    mpfr_set_zero(score, +1);
    for (int64_t d = 0; d < dim; d++) {
        mpfr_set_d(key, k[d], MPFR_RNDN);
        /* exact: 53 bits */
        mpfr_mul(product, q[d], key, MPFR_RNDN);
        /* exact: 106 bits */
        mpfr_add(score, score, product, MPFR_RNDN);
        /* (sum so far + q_d k_d) (1 + d), |d| <= u */
    }
}

struct registers {
    mpfr_t value;        /* 53 bits: one element of K or V */
    mpfr_t product;      /* 106 bits: q_d k_d */
    mpfr_t x, p, term;   /* the working precision */
};

/* Adds key j's weight to the sums; returns its p_j, rounded to double, or 0 if it was left out. */
static double add_key(const struct at_mpfr_view *view, int64_t j, const mpfr_t score, struct registers *r, struct at_mpfr_sums *sums)
{
    mpfr_sub(r->x, score, sums->score, MPFR_RNDN);
    /* (score_j - score_m) (1 + d) */
    mpfr_mul(r->x, r->x, sums->scale, MPFR_RNDN);
    /* x_j + e, |e| <= 2 sigma + 2^14 u while x >= -AT_MPFR_CLIP (eq. 2) */
    if (mpfr_cmp_si(r->x, -AT_MPFR_CLIP) < 0) {
        sums->clipped = true;
        /* p_j < 2^-4094 (eq. 4) */
        return 0;
    }
    mpfr_exp(r->p, r->x, MPFR_RNDN);
    /* p_j (1 + d), |d| <= 1.01 (2 sigma + 2^14 u) + 2 u (eq. 3) */
    mpfr_add(sums->weight, sums->weight, r->p, MPFR_RNDN);
    /* keys additions of positive terms: (1 + d)^keys */
    for (int64_t c = 0; c < view->dim; c++) {
        double v = view->v[j * view->dim + c];
        if (v == 0)
            continue;
        mpfr_ptr sum = v > 0 ? sums->positive[c] : sums->negative[c];
        mpfr_set_d(r->value, fabs(v), MPFR_RNDN);
        /* exact: 53 bits */
        mpfr_mul(r->term, r->p, r->value, MPFR_RNDN);
        /* p |v| (1 + d), |d| <= u */
        mpfr_add(sum, sum, r->term, MPFR_RNDN);
        /* keys additions of positive terms: with the product (1 + d)^(keys + 1) */
    }
    return mpfr_get_d(r->p, MPFR_RNDN);
}

static void compute(const struct at_mpfr_view *view, mpfr_t *q, mpfr_t *score, struct at_mpfr_sums *sums, double *ret_p)
{
    struct registers r;
    mpfr_init2(r.value, 53);
    mpfr_init2(r.product, 106);
    mpfr_inits2(sums->precision, r.x, r.p, r.term, (mpfr_ptr)NULL);
    for (int64_t d = 0; d < view->score_dim; d++) {
        mpfr_init2(q[d], 53);
        mpfr_set_d(q[d], view->q[d], MPFR_RNDN);
        /* exact: 53 bits */
    }
    for (int64_t j = 0; j < view->keys; j++) {
        mpfr_init2(score[j], sums->precision);
        dot(score[j], q, view->k + j * view->score_dim, view->score_dim, r.value, r.product);
        if (j == 0 || mpfr_greater_p(score[j], sums->score))
            mpfr_set(sums->score, score[j], MPFR_RNDN);
            /* exact: the same precision */
    }
    for (int64_t j = 0; j < view->keys; j++) {
        double p = add_key(view, j, score[j], &r, sums);
        if (ret_p)
            ret_p[j] = p;
        mpfr_clear(score[j]);
    }
    for (int64_t d = 0; d < view->score_dim; d++)
        mpfr_clear(q[d]);
    mpfr_clears(r.value, r.product, r.x, r.p, r.term, (mpfr_ptr)NULL);
}

enum at_status at_mpfr_plain(const struct at_mpfr_view *view, mpfr_prec_t precision, struct at_mpfr_sums *sums, double *ret_p,
                             struct at_error *error)
{
    struct sizes sizes = sizes_of(view);
    double score_error, sum_error;
    mpfr_prec_t bits = precision ? precision : 128;
    bound(&sizes, bits, &score_error, &sum_error);
    while (precision == 0 && !(at_mpfr_radius_factor(sum_error, bits) <= at_mpfr_radius_goal())) {
        bits += 64;
        bound(&sizes, bits, &score_error, &sum_error);
    }
    mpfr_t *q = malloc((size_t)view->score_dim * sizeof *q), *score = malloc((size_t)view->keys * sizeof *score);
    if (!q || !score) {
        free(q);
        free(score);
        return at_fail(error, AT_ERR_MEMORY, "oracle mpfr: no memory for the scores of one row");
    }
    at_mpfr_sums_start(sums, bits, view->scale);
    compute(view, q, score, sums, ret_p);
    sums->error = sum_error;
    sums->score_error = score_error;
    free(q);
    free(score);
    return AT_OK;
}
