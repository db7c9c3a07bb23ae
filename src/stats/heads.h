/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STATS_HEADS_H
#define AT_STATS_HEADS_H

#include "stats/stats.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Heads from which on the interval below covers as it says (docs/statistics.md, "Coverage"). */
enum { AT_HEADS_FEWEST = 32 };

/*
 * The interval of a mean over heads, or of a quotient of two means, sum top / sum bottom: the studentised bootstrap by heads (Efron and
 * Tibshirani, An Introduction to the Bootstrap, 12.5; second-order right: Hall, Ann. Statist. 16 (1988) 927). With R the quotient of all
 * heads, se(R)^2 = n/(n - 1) sum (top - R bottom)^2 / (sum bottom)^2 and R*, se* those of a resample, it is
 *   R - t_high se(R) to R - t_low se(R), t the quantiles of (R* - R)/se*,
 * beyond which lies, at each end, what lies beyond Student's quantile for n heads times sqrt(n/(n - 1)) (Hesterberg 2015).
 *   bottom[heads]: not negative, or NULL: 1 each; level: 0.95 for a 95 % interval; resamples: 2000 is usual, at least 2/(1 - level)
 * Where no top is negative the lower end is not either. Deterministic in `seed`. AT_ERR_UNDEFINED with the reason: fewer than
 * AT_HEADS_FEWEST heads, a value that is not finite, or so many alike that resamples have no spread. No interval of a mean covers for all
 * sources (Bahadur and Savage, Ann. Math. Statist. 27 (1956) 1115): docs/statistics.md says for which this one was seen to.
 */
enum at_status at_heads_interval(const double *top, const double *bottom, size_t heads, double level, size_t resamples, uint64_t seed,
                                 struct at_interval *ret_interval, struct at_error *error);

/*
 * The interval of a mean that takes each element as independent: mean -+ z sd/sqrt(count). WRONG for elements of heads: it is too narrow by
 * the square root of the design effect, about 19 times for squared errors (docs/statistics.md), and is here to show that. No verdict uses
 * it. AT_ERR_UNDEFINED for fewer than 2 values or one that is not finite.
 */
enum at_status at_naive_mean_interval(const double *elements, size_t count, double level, struct at_interval *ret_interval);

#ifdef __cplusplus
}
#endif

#endif
