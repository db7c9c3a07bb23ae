/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_REPORTS_INTERVAL_H
#define AT_REPORTS_INTERVAL_H

#include "stats/cluster.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Level and resamples of every interval on a page. */
extern const double at_interval_level;
enum { AT_INTERVAL_RESAMPLES = 2000 };

/* Clusters from which on 95 % was seen to cover in 93 or more (docs/statistics.md, "Coverage"): there is no interval of fewer. */
enum { AT_INTERVAL_FEWEST = 12 };

/* A number with its interval: value NaN where it is undefined; both limits NaN where there is no interval. */
struct at_statistic {
    double value;
    struct at_interval interval;
};

/*
 * The interval of a statistic of clusters at this level; NaN limits with fewer than AT_INTERVAL_FEWEST clusters, or where
 * at_stats_bootstrap calls it undefined.
 */
enum at_status at_interval_of(at_cluster_statistic *statistic, void *context, size_t clusters, struct at_interval *ret_interval);

/* A statistic over all clusters, and its interval where it is finite. */
enum at_status at_interval_clusters(struct at_clusters *clusters, at_cluster_statistic *statistic, struct at_statistic *ret_statistic);

/*
 * Root-mean-square error over all outputs of some heads, which have the same number of outputs each: sqrt(sum rmse_h^2 / sum truth_h^2)
 * with truth_h = rmse_h / rel_rmse_h, the root mean square of the head's truth; or, where rel_rmse is NULL, truth_h = 1: sqrt of the
 * mean of rmse_h^2. The interval is clustered by key/value head, from AT_HEADS_FEWEST on that of stats/heads.h: groups of
 * query heads that share K and V are drawn with replacement, because their errors are not independent.
 *   rmse[heads], rel_rmse[heads]: of each query head; group: consecutive heads that share K and V, a divisor of heads
 * NaN with a head that is undefined, and, if relative, with one that is exactly 0 (its truth is then unknown) unless all are. Infinite
 * with a head that is infinite. No interval where the value is not positive and finite.
 */
enum at_status at_interval_pool(const double *rmse, const double *rel_rmse, size_t heads, size_t group, struct at_statistic *ret_pooled);

/* The value of at_interval_pool alone. */
double at_interval_pooled(const double *rmse, const double *rel_rmse, size_t heads);

/* Whether `pooled` is `stored`, the value of the case, to 1 part in 10^6: if not, its heads differ in their number of outputs. */
bool at_interval_agrees(double pooled, double stored);

/*
 * Interval of the relative RMSE of a case, at_interval_pool of its heads.
 *   value: the stored relative RMSE of the case
 * AT_ERR_UNDEFINED where there is none, and when the heads do not agree with `value`: then they are not the facts that the case was
 * made of.
 */
enum at_status at_interval_rel_rmse(const double *rmse, const double *rel_rmse, size_t heads, size_t group, double value,
                                    struct at_interval *ret_interval);

#ifdef __cplusplus
}
#endif

#endif
