/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "oracles/mpfr/row.h"

#include <float.h>
#include <math.h>

/*
 * From sums to values. Every radius is accumulated upwards (MPFR_RNDU) and ends as a double not below it. What clipped keys and their
 * weights can change is below TAIL (eq. 4 and 7).
 */
static const double TAIL_LOG2 = -3000;

struct registers {
    mpfr_t value, sum_abs, rest, radius, part;
};

/* Splits r->value into *ret_high + *ret_low and adds the error of that to r->radius, rounded up into *ret_radius. */
static void split(struct registers *r, double *ret_high, double *ret_low, double *ret_radius)
{
    *ret_high = mpfr_get_d(r->value, MPFR_RNDN);
    mpfr_sub_d(r->rest, r->value, *ret_high, MPFR_RNDN);
    /* exact: both are multiples of the unit of value or of 2^-1074, the difference is no longer than value */
    *ret_low = mpfr_get_d(r->rest, MPFR_RNDN);
    mpfr_sub_d(r->rest, r->rest, *ret_low, MPFR_RNDN);
    /* exact, likewise */
    mpfr_abs(r->rest, r->rest, MPFR_RNDU);
    mpfr_add(r->radius, r->radius, r->rest, MPFR_RNDU);
    *ret_radius = mpfr_get_d(r->radius, MPFR_RNDU);
}

static void add_tail(const struct at_mpfr_sums *sums, struct registers *r)
{
    if (!sums->clipped)
        return;
    mpfr_set_ui_2exp(r->part, 1, (mpfr_exp_t)TAIL_LOG2, MPFR_RNDU);
    mpfr_add(r->radius, r->radius, r->part, MPFR_RNDU);
}

static void finish_column(const struct at_mpfr_sums *sums, int64_t c, struct registers *r, double *ret_o, double *ret_o_low,
                          double *ret_radius, double *ret_sum_abs)
{
    mpfr_sub(r->value, sums->positive[c], sums->negative[c], MPFR_RNDN);
    /* |value - A| <= epsilon S + u (1 + epsilon) S */
    mpfr_div(r->value, r->value, sums->weight, MPFR_RNDN);
    /* |value - A/L| <= (2.03 epsilon + 2.1 u) S/L (eq. 7) */
    mpfr_add(r->sum_abs, sums->positive[c], sums->negative[c], MPFR_RNDN);
    mpfr_div(r->sum_abs, r->sum_abs, sums->weight, MPFR_RNDN);
    /* S/L <= 1.02 sum_abs */
    mpfr_mul_d(r->radius, r->sum_abs, at_mpfr_radius_factor(sums->error, sums->precision), MPFR_RNDU);
    add_tail(sums, r);
    split(r, ret_o, ret_o_low, ret_radius);
    *ret_sum_abs = mpfr_get_d(r->sum_abs, MPFR_RNDN);
    /* relative error below 2^-53 + 2^-101 above the subnormal range */
}

static void finish_lse(const struct at_mpfr_sums *sums, struct registers *r, double *ret_lse, double *ret_radius)
{
    mpfr_mul(r->value, sums->scale, sums->score, MPFR_RNDN);
    /* |value - c s_m| <= sigma + 2.1 u |value| */
    mpfr_log(r->rest, sums->weight, MPFR_RNDN);
    /* |rest - log L| <= 1.01 epsilon + u |rest| */
    mpfr_abs(r->radius, r->value, MPFR_RNDU);
    mpfr_abs(r->part, r->rest, MPFR_RNDU);
    mpfr_add(r->radius, r->radius, r->part, MPFR_RNDU);
    mpfr_add(r->value, r->value, r->rest, MPFR_RNDN);
    /* one more u |value| */
    mpfr_abs(r->part, r->value, MPFR_RNDU);
    mpfr_add(r->radius, r->radius, r->part, MPFR_RNDU);
    mpfr_mul_ui(r->radius, r->radius, 3, MPFR_RNDU);
    mpfr_div_2ui(r->radius, r->radius, (unsigned long)sums->precision, MPFR_RNDU);
    /* 3 u (|c s_m| + |log L| + |lse|) */
    mpfr_add_d(r->radius, r->radius, sums->score_error, MPFR_RNDU);
    mpfr_add_d(r->radius, r->radius, 1.01 * sums->error, MPFR_RNDU);
    add_tail(sums, r);
    *ret_lse = mpfr_get_d(r->value, MPFR_RNDN);
    if (isinf(*ret_lse)) { /* beyond the range of a double */
        *ret_lse = copysign(DBL_MAX, *ret_lse);
        *ret_radius = INFINITY;
        return;
    }
    mpfr_sub_d(r->rest, r->value, *ret_lse, MPFR_RNDN);
    /* exact, as in split */
    mpfr_abs(r->rest, r->rest, MPFR_RNDU);
    mpfr_add(r->radius, r->radius, r->rest, MPFR_RNDU);
    *ret_radius = mpfr_get_d(r->radius, MPFR_RNDU);
}

void at_mpfr_finish(struct at_mpfr_sums *sums, const struct at_mpfr_view *view, const bool *zero_column, int64_t i, int64_t seq_k,
                    struct at_oracle_truth *truth)
{
    struct registers r;
    mpfr_inits2(sums->precision, r.value, r.sum_abs, r.rest, r.radius, r.part, (mpfr_ptr)NULL);
    for (int64_t c = 0; c < view->dim; c++) {
        int64_t at = i * view->dim + c;
        if (zero_column[c])
            truth->o[at] = truth->o_low[at] = truth->radius[at] = truth->sum_abs[at] = 0;
        else
            finish_column(sums, c, &r, &truth->o[at], &truth->o_low[at], &truth->radius[at], &truth->sum_abs[at]);
    }
    finish_lse(sums, &r, &truth->lse[i], &truth->lse_radius[i]);
    if (truth->p) {
        double weight = mpfr_get_d(sums->weight, MPFR_RNDN), *p = truth->p + i * seq_k;
        /* p_j, L and the quotient each rounded once: 3 * 2^-53 and 2 epsilon, below 4e-16 */
        for (int64_t j = 0; j < seq_k; j++)
            p[j] = j < view->keys ? p[j] / weight : 0;
    }
    mpfr_clears(r.value, r.sum_abs, r.rest, r.radius, r.part, (mpfr_ptr)NULL);
}
