/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STATS_ORDER_H
#define AT_STATS_ORDER_H

#include "stats/stats.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * What order statistics of n independent heads say about all heads of their source, whatever the distribution (Wilks, Ann. Math. Statist.
 * 12 (1941) 91; 13 (1942) 400). With B ~ Binomial(n, 1 - coverage):
 *   upper: at least the share `coverage` of heads has a value <= the rank-th largest, with confidence P(B >= rank)
 *   lower: at least the share `coverage` has a value >= the rank-th smallest, with the same confidence
 *   two-sided: at least the share `coverage` lies between the rank-th smallest and the rank-th largest, P(B >= 2 rank)
 * The confidence is exact for continuous values, and no less with ties. It holds for one n fixed beforehand, not for the best of several
 * looks (stats/sequential.h).
 *   0.5 <= confidence < 1, 0 < coverage < 1, rank >= 1, heads <= 1e9 (AT_TRIALS_MAX): else AT_ERR_ARGUMENT
 */
enum at_side { AT_SIDE_UPPER, AT_SIDE_LOWER, AT_SIDE_BOTH };

/* The confidence reached; 0 when rank (two-sided: 2 rank) is above the number of heads. */
enum at_status at_order_confidence(enum at_side side, int64_t heads, int64_t rank, double coverage, double *ret_confidence);

/* The fewest heads that reach it. AT_ERR_UNSUPPORTED when 1e9 do not. */
enum at_status at_order_fewest(enum at_side side, double confidence, double coverage, int64_t rank, int64_t *ret_heads);

/* The largest rank that still reaches it, 0 when not even rank 1 does. A larger rank is a tighter bound, less moved by one freak head. */
enum at_status at_order_largest_rank(enum at_side side, int64_t heads, double confidence, double coverage, int64_t *ret_rank);

/* A bound with all that its sentence needs. */
struct at_order_bound {
    enum at_side side;
    int64_t heads, rank;
    double confidence, coverage; /* as asked for */
    double attained;             /* the confidence reached, >= confidence */
    struct at_interval bound;    /* low is -INFINITY for an upper bound, high INFINITY for a lower one */
};

/*
 * The bound from `values`, one for each head. A NaN is a head about which nothing is known: it counts as +INFINITY above and as -INFINITY
 * below, so a bound may be infinite.
 *   rank: 0 for the largest usable
 * AT_ERR_UNDEFINED with too few heads; the message says how many are needed.
 */
enum at_status at_order_bound(const double *values, size_t heads, enum at_side side, double confidence, double coverage, int64_t rank,
                              struct at_order_bound *ret_bound, struct at_error *error);

/*
 * Interval of the p-quantile, 0 < p < 1, from two order statistics: each end fails with probability at most (1 - level)/2 (David and
 * Nagaraja, Order Statistics, 2003, section 7.1); NaN as above. ret_attained: P(both ends hold), exact for continuous values.
 * AT_ERR_UNDEFINED with too few heads; the message says how many are needed.
 */
enum at_status at_order_quantile(const double *values, size_t heads, double p, double level, struct at_interval *ret_interval,
                                 double *ret_attained, struct at_error *error);

#ifdef __cplusplus
}
#endif

#endif
