/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "oracles/mpfr/row.h"

#include <math.h>
#include <stdlib.h>

enum { FIRST_PRECISION = 128 };

enum at_status at_mpfr_sums_init(struct at_mpfr_sums *ret_sums, int64_t dim, struct at_error *error)
{
    struct at_mpfr_sums sums = {.dim = dim, .precision = FIRST_PRECISION};
    sums.positive = malloc((size_t)dim * sizeof *sums.positive);
    sums.negative = malloc((size_t)dim * sizeof *sums.negative);
    if (!sums.positive || !sums.negative) {
        free(sums.positive);
        free(sums.negative);
        return at_fail(error, AT_ERR_MEMORY, "oracle mpfr: no memory for the sums of one row");
    }
    mpfr_inits2(FIRST_PRECISION, sums.scale, sums.score, sums.weight, (mpfr_ptr)NULL);
    for (int64_t c = 0; c < dim; c++)
        mpfr_inits2(FIRST_PRECISION, sums.positive[c], sums.negative[c], (mpfr_ptr)NULL);
    *ret_sums = sums;
    return AT_OK;
}

void at_mpfr_sums_done(struct at_mpfr_sums *sums)
{
    if (!sums->positive)
        return;
    mpfr_clears(sums->scale, sums->score, sums->weight, (mpfr_ptr)NULL);
    for (int64_t c = 0; c < sums->dim; c++)
        mpfr_clears(sums->positive[c], sums->negative[c], (mpfr_ptr)NULL);
    free(sums->positive);
    free(sums->negative);
    *sums = (struct at_mpfr_sums){0};
}

static void zero(mpfr_t x, mpfr_prec_t precision)
{
    mpfr_set_prec(x, precision);
    mpfr_set_zero(x, +1);
}

void at_mpfr_sums_start(struct at_mpfr_sums *sums, mpfr_prec_t precision, double scale)
{
    sums->precision = precision;
    zero(sums->score, precision);
    zero(sums->weight, precision);
    for (int64_t c = 0; c < sums->dim; c++) {
        zero(sums->positive[c], precision);
        zero(sums->negative[c], precision);
    }
    zero(sums->scale, precision);
    mpfr_set_d(sums->scale, scale, MPFR_RNDN);
    /* exact: 53 bits */
    if (scale == 0) {
        mpfr_set_si(sums->scale, (long)sums->dim, MPFR_RNDN);
        /* exact */
        mpfr_rec_sqrt(sums->scale, sums->scale, MPFR_RNDN);
        /* c (1 + d), |d| <= u */
    }
    sums->error = sums->score_error = INFINITY;
    sums->clipped = false;
}

double at_mpfr_radius_factor(double error, mpfr_prec_t precision)
{
    return 2.1 * error + ldexp(3.0, -(int)(precision < 1000 ? precision : 1000));
}

double at_mpfr_radius_goal(void)
{
    return 0x1p-102;
}
