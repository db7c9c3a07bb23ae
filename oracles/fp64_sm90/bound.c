/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "oracles/fp64_sm90/bound.h"

#include "oracles/fp64_sm90/config.h"

#include <math.h>
#include <mpfr.h>

static const double u = 0x1p-53;

/* gamma_n for n <= 2^32, from above */
static double gamma_of(double n)
{
    return 1.00001 * n * u;
}

struct at_fp64_bound at_fp64_bound_of(const struct at_fp64_row_facts *row)
{
    struct at_fp64_bound bound = {0};
    double n = (double)row->keys, share = fmin(n, row->split_keys), splits = row->splits;
    double spread = 1.0001 * row->scale * row->length * row->longest; /* |c log2(e) s| <= spread */
    bound.wants_reference = !(spread <= AT_FP64_LEAST);
    double farthest = bound.wants_reference ? 1 - AT_FP64_DROPPED : 1.01 * spread;
    double argument = spread * (gamma_of((double)row->score_dim + 1) + 1.01 * u) + farthest * u + 0x1p-900; /* eq. 43 */
    double weight = 0.695 * argument + 1.01 * 0x1p-52;                                                      /* eq. 45 */
    double sum = 1.01 * (weight + gamma_of(share + splits + 1));                                            /* eq. 46 */
    bound.total_rel = 1.01 * (weight + gamma_of(share / 4 + 8 + splits));
    bound.output_rel = 1.02 * (sum + bound.total_rel + 2 * u); /* eq. 47 */
    bound.underflow = 1.1 * (n + splits + 1) * 0x1p-1074;
    bound.dropped = bound.wants_reference ? n * 0x1p-998 : 0;
    bound.dropped_log = bound.wants_reference ? n * 0x1p-999 : 0;
    bound.stands = argument <= 0x1p-9 && bound.output_rel <= 0x1p-8 && row->value <= 0x1p400;
    return bound;
}

double at_fp64_scale(double scale, int64_t dim)
{
    mpfr_t c, log2;
    mpfr_init2(c, 256);
    mpfr_init2(log2, 256);
    mpfr_set_d(c, scale, MPFR_RNDN);
    if (scale == 0) {
        mpfr_set_si(c, (long)dim, MPFR_RNDN);
        mpfr_rec_sqrt(c, c, MPFR_RNDN);
    }
    mpfr_const_log2(log2, MPFR_RNDN);
    mpfr_div(c, c, log2, MPFR_RNDN);
    double result = mpfr_get_d(c, MPFR_RNDN);
    mpfr_clear(c);
    mpfr_clear(log2);
    mpfr_free_cache();
    return result;
}
