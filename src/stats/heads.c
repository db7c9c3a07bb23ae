/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "stats/heads.h"

#include <math.h>

/* Acceleration falls with the square root of the heads. */
static enum at_status check_skewness(at_cluster_statistic *statistic, void *context, size_t heads, struct at_error *error)
{
    double a;
    enum at_status status = at_stats_acceleration(statistic, context, heads, &a);
    if (status)
        return at_fail(error, status, "%zu heads: the statistic is not finite without one of them", heads);
    if (fabs(a) <= AT_HEADS_ACCELERATION)
        return AT_OK;
    double needed = ceil((double)heads * a * a / (AT_HEADS_ACCELERATION * AT_HEADS_ACCELERATION));
    return at_fail(error, AT_ERR_UNDEFINED,
                   "%zu heads: a few of them hold so much of the error that the interval would not cover; needs about %.0f, or a bound of "
                   "all heads but a share", heads, needed);
}

enum at_status at_heads_interval(at_cluster_statistic *statistic, void *context, size_t heads, double level, size_t resamples,
                                 uint64_t seed, struct at_interval *ret_interval, struct at_error *error)
{
    if (heads < AT_HEADS_FEWEST)
        return at_fail(error, AT_ERR_UNDEFINED, "%zu heads: a bootstrap interval covers as it says from %d heads; measure more", heads,
                       AT_HEADS_FEWEST);
    struct at_interval interval;
    enum at_status status = at_stats_bootstrap(statistic, context, heads, level, resamples, seed, &interval);
    if (status == AT_ERR_ARGUMENT)
        return at_fail(error, status, "level %g with %zu resamples: give a level between 0 and 1, and 2/(1 - level) resamples or more",
                       level, resamples);
    if (status == AT_ERR_UNDEFINED)
        return at_fail(error, status, "%zu heads: the statistic is not finite on all of them or on a resample of them", heads);
    if (status)
        return at_fail(error, status, "no memory for %zu heads", heads);
    status = check_skewness(statistic, context, heads, error);
    if (!status)
        *ret_interval = interval;
    return status;
}
