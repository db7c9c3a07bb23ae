/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STATS_STATS_H
#define AT_STATS_STATS_H

#include "core/status.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Statistics behind one header; GSL does the work and does not appear here. */

struct at_interval {
    double low, high;
};

struct at_summary {
    int64_t count;     /* finite values */
    int64_t nonfinite; /* NaN and infinite values, left out of the rest */
    double mean, sd, min, median, max;
};

/* Of the finite ones of `values`. AT_ERR_UNDEFINED when none is finite; sd is NaN for one value. */
enum at_status at_stats_summary(const double *values, size_t count, struct at_summary *ret_summary);

/* Quantile 0 <= p <= 1 of the finite values by linear interpolation between order statistics (type 7). AT_ERR_UNDEFINED if none. */
enum at_status at_stats_quantile(const double *values, size_t count, double p, double *ret_quantile);

/*
 * A statistic of clusters: `pick` lists `count` cluster indices (a bootstrap sample or all of them); returns its value, NaN when
 * undefined.
 */
typedef double at_cluster_statistic(void *context, const size_t *pick, size_t count);

/*
 * Bias-corrected and accelerated bootstrap interval (Efron 1987) of a statistic of `clusters` clusters, which are the sampling unit
 * (heads: elements of one head are not independent); acceleration from leaving one cluster out; the nominal normal deviate is widened
 * to sqrt(n/(n-1)) Student's for n clusters (Hesterberg 2015), without which 24 clusters cover 93 % for a nominal 95 %.
 * Deterministic in `seed`.
 *   level: 0.95 for a 95 % interval; resamples: 2000 is usual, at least 2/(1 - level)
 * AT_ERR_UNDEFINED with fewer than 3 clusters, or when the statistic is NaN or infinite on them, on a resample or without one of them.
 * Not for a maximum: no bootstrap covers that.
 */
enum at_status at_stats_bootstrap(at_cluster_statistic *statistic, void *context, size_t clusters, double level, size_t resamples,
                                  uint64_t seed, struct at_interval *ret_interval);

/*
 * Clopper-Pearson interval of a proportion: `hits` of `trials`, two-sided at `level`. AT_ERR_UNDEFINED for no trials, or where GSL's beta
 * distribution fails at the limit (never seen for level >= 0.5).
 */
enum at_status at_stats_proportion(int64_t hits, int64_t trials, double level, struct at_interval *ret_interval);

/* Clopper-Pearson's one-sided limits: the share is below (above) the limit with `confidence`; 0 and 1 where nothing bounds it. */
enum at_status at_stats_proportion_upper(int64_t hits, int64_t trials, double confidence, double *ret_limit);
enum at_status at_stats_proportion_lower(int64_t hits, int64_t trials, double confidence, double *ret_limit);

/*
 * Ordinary least squares y = intercept + slope * x with the standard error of the slope. AT_ERR_UNDEFINED with fewer than 3 points or
 * equal x.
 */
struct at_line {
    double intercept, slope, slope_se;
};
enum at_status at_stats_line(const double *x, const double *y, size_t count, struct at_line *ret_line);

/*
 * The first `count` points of Sobol's sequence (Bratley and Fox, ACM TOMS 14 (1988) 88, by GSL; the point 0 is left out), in [0, 1):
 * ret_points[count * dimensions]. seed 0: as they are; else each axis is shifted modulo 1 by a draw of its own (Cranley and Patterson
 * 1976), so that several seeds are independent sets of points. AT_ERR_ARGUMENT unless 1 <= dimensions <= 40.
 */
enum at_status at_stats_sobol(size_t dimensions, size_t count, uint64_t seed, double *ret_points);

/*
 * A value that the largest of `draws` further ones exceeds with probability at most `level`, from `count` of their kind, none below 0,
 * whose upper tail falls no slower than a power. With the k = floor(sqrt(count)) largest above the next one t, S = sum ln(x_i / t): their
 * logarithms exceed ln t as exponential variables (Hill 1975), for which a further one y has P(y > s) = (1 + s/S)^-k whatever the tail's
 * index; a further one exceeds t with probability (k + 1)/(count + 1). So draws (k + 1)/(count + 1) (1 + s/S)^-k = level gives (Bonferroni:
 * draws may depend on each other)
 *   bound = t exp(S ((draws (k + 1) / ((count + 1) level))^(1/k) - 1)), at least t.
 * AT_ERR_UNDEFINED with fewer than 16 values, a value that is negative or not finite, t = 0, or without spread above t.
 */
enum at_status at_stats_tail_bound(const double *values, size_t count, double draws, double level, double *ret_bound);

/* Call once at program start: GSL's default error handler would abort. */
void at_stats_init(void);

#ifdef __cplusplus
}
#endif

#endif
