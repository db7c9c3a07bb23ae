/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "stats/binomial.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

double at_binomial_at_least(int64_t hits, int64_t trials, double share)
{
    if (hits <= 0)
        return 1;
    if (hits > trials)
        return 0;
    if (hits == 1)
        return -expm1((double)trials * log1p(-share));
    double p = gsl_cdf_binomial_Q((unsigned)(hits - 1), share, (unsigned)trials);
    return isnan(p) ? 0.5 : p;
}

int64_t at_binomial_fewest(int64_t hits, double share, double confidence)
{
    int64_t few = hits - 1, enough = AT_TRIALS_MAX; /* few trials never give so many hits */
    if (!(at_binomial_at_least(hits, enough, share) >= confidence))
        return -1;
    while (enough - few > 1) {
        int64_t middle = few + (enough - few) / 2;
        if (at_binomial_at_least(hits, middle, share) >= confidence)
            enough = middle;
        else
            few = middle;
    }
    return enough;
}
