/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "overlap.h"

#include <inttypes.h>
#include <math.h>
#include <mpfr.h>
#include <stdio.h>

enum { EXACT = 2200 }; /* bits that hold any sum of four doubles */

/* |a + a_low - b - b_low| <= ra + rb, evaluated exactly. */
static bool meet(double a, double a_low, double ra, double b, double b_low, double rb)
{
    if (isinf(a) || isinf(b))
        return a == b && ra == 0 && rb == 0;
    if (isnan(a) || isnan(b))
        return isnan(a) && isnan(b);
    if (isinf(ra) || isinf(rb))
        return true;
    mpfr_t distance, reach;
    mpfr_inits2(EXACT, distance, reach, (mpfr_ptr)NULL);
    mpfr_set_d(distance, a, MPFR_RNDN);
    mpfr_add_d(distance, distance, a_low, MPFR_RNDN);
    mpfr_sub_d(distance, distance, b, MPFR_RNDN);
    mpfr_sub_d(distance, distance, b_low, MPFR_RNDN);
    mpfr_set_d(reach, ra, MPFR_RNDN);
    mpfr_add_d(reach, reach, rb, MPFR_RNDN);
    bool met = mpfr_cmpabs(distance, reach) <= 0;
    mpfr_clears(distance, reach, (mpfr_ptr)NULL);
    return met;
}

bool truths_overlap(const struct at_oracle_truth *a, const struct at_oracle_truth *b, int64_t rows, int64_t dim, const char *what)
{
    for (int64_t at = 0; at < rows * dim; at++)
        if (!meet(a->o[at], a->o_low[at], a->radius[at], b->o[at], b->o_low[at], b->radius[at])) {
            printf("%s: row %" PRId64 " column %" PRId64 ": %a + %a within %a and %a + %a within %a have no point in common\n", what,
                   at / dim, at % dim, a->o[at], a->o_low[at], a->radius[at], b->o[at], b->o_low[at], b->radius[at]);
            return false;
        }
    for (int64_t i = 0; i < rows; i++)
        if (!meet(a->lse[i], 0, a->lse_radius[i], b->lse[i], 0, b->lse_radius[i])) {
            printf("%s: row %" PRId64 ": lse %a within %a and %a within %a have no point in common\n", what, i, a->lse[i], a->lse_radius[i],
                   b->lse[i], b->lse_radius[i]);
            return false;
        }
    return true;
}

bool radii_meet_target(const struct at_oracle_truth *truth, int64_t rows, int64_t dim, const char *what)
{
    for (int64_t at = 0; at < rows * dim; at++) {
        double radius = truth->radius[at], target = ldexp(truth->sum_abs[at], -100) + 0x1p-1073;
        if (!(radius >= 0 && radius <= target)) {
            printf("%s: row %" PRId64 " column %" PRId64 ": radius %a for sum p|v| = %a\n", what, at / dim, at % dim, radius,
                   truth->sum_abs[at]);
            return false;
        }
    }
    return true;
}
