/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STATS_BINOMIAL_H
#define AT_STATS_BINOMIAL_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Most trials that the room's exact statements take. */
#define AT_TRIALS_MAX INT64_C(1000000000)

/*
 * P(X >= hits) for X ~ Binomial(trials, share), 0 <= share <= 1, trials <= AT_TRIALS_MAX. Relative error below 1e-7 for trials <= 1e6
 * (measured against sums of long doubles, tests/stats/test_binomial.c). Above 3e6 trials GSL's continued fraction gives up next to the
 * mean; the result there is exactly 1/2, to which the probability is close (0.2 to 0.8): callers ask for tails.
 */
double at_binomial_at_least(int64_t hits, int64_t trials, double share);

/* The fewest trials with at_binomial_at_least(hits, trials, share) >= confidence, which is at least 1/2; -1 when AT_TRIALS_MAX do not. */
int64_t at_binomial_fewest(int64_t hits, double share, double confidence);

#ifdef __cplusplus
}
#endif

#endif
