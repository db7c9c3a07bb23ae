/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STATS_HEADS_H
#define AT_STATS_HEADS_H

#include "stats/stats.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * What a bootstrap interval needs to enter a verdict (docs/statistics.md, "Coverage"): with 12 heads an interval of a mean error, nominally
 * 95 %, covered in 93 % of simulations of heads as measured, with fewer in less; and so it did where few heads held most of the error,
 * which its acceleration shows.
 */
enum { AT_HEADS_FEWEST = 32 };
#define AT_HEADS_ACCELERATION 0.05

/*
 * at_stats_bootstrap for a verdict: AT_ERR_UNDEFINED also below AT_HEADS_FEWEST heads and above AT_HEADS_ACCELERATION, with a message that
 * says how many heads it would take.
 */
enum at_status at_heads_interval(at_cluster_statistic *statistic, void *context, size_t heads, double level, size_t resamples,
                                 uint64_t seed, struct at_interval *ret_interval, struct at_error *error);

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
