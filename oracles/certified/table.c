/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "oracles/certified/table.h"

#include <mpfr.h>
#include <pthread.h>

enum { BITS = 320, STEP_BITS = 30 };

static struct at_certified_table table;
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* x as the nearest double and the nearest double of the rest: relative error 2^-106. Overwrites x. */
static void split(mpfr_t x, double *ret_high, double *ret_low)
{
    *ret_high = mpfr_get_d(x, MPFR_RNDN);
    mpfr_sub_d(x, x, *ret_high, MPFR_RNDN);
    /* exact: x holds 320 bits */
    *ret_low = mpfr_get_d(x, MPFR_RNDN);
}

static void fill_powers(mpfr_t x, long denominator, double *ret_high, double *ret_low)
{
    for (long i = 0; i < 64; i++) {
        mpfr_set_si(x, i, MPFR_RNDN);
        mpfr_div_si(x, x, denominator, MPFR_RNDN);
        mpfr_exp2(x, x, MPFR_RNDN);
        split(x, &ret_high[i], &ret_low[i]);
    }
}

static void fill(void)
{
    mpfr_t x, part;
    mpfr_init2(x, BITS);
    mpfr_init2(part, STEP_BITS);
    fill_powers(x, 64, table.coarse_high, table.coarse_low);
    fill_powers(x, 4096, table.fine_high, table.fine_low);
    mpfr_const_log2(x, MPFR_RNDN);
    mpfr_ui_div(x, 4096, x, MPFR_RNDN);
    table.steps = mpfr_get_d(x, MPFR_RNDN);
    mpfr_const_log2(x, MPFR_RNDN);
    mpfr_div_ui(x, x, 4096, MPFR_RNDN);
    for (int i = 0; i < 2; i++) {
        mpfr_set(part, x, MPFR_RNDZ);
        table.step[i] = mpfr_get_d(part, MPFR_RNDN);
        mpfr_sub(x, x, part, MPFR_RNDN);
    }
    table.step[2] = mpfr_get_d(x, MPFR_RNDN);
    mpfr_set_ui(x, 1, MPFR_RNDN);
    mpfr_div_ui(x, x, 6, MPFR_RNDN);
    split(x, &table.sixth[0], &table.sixth[1]);
    mpfr_clear(x);
    mpfr_clear(part);
    mpfr_free_cache();
}

const struct at_certified_table *at_certified_table(void)
{
    pthread_once(&once, fill);
    return &table;
}

void at_certified_scale(double scale, int64_t dim, int64_t factor, double ret[2])
{
    mpfr_t x;
    mpfr_init2(x, BITS);
    mpfr_set_d(x, scale, MPFR_RNDN);
    if (scale == 0) {
        mpfr_set_si(x, (long)dim, MPFR_RNDN);
        mpfr_rec_sqrt(x, x, MPFR_RNDN);
    }
    mpfr_mul_si(x, x, (long)factor, MPFR_RNDN);
    split(x, &ret[0], &ret[1]);
    mpfr_clear(x);
}
