/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "stats/heads.h"

enum at_status at_heads_interval(at_cluster_statistic *statistic, void *context, size_t heads, double level, size_t resamples,
                                 uint64_t seed, struct at_interval *ret_interval, struct at_error *error)
{
    if (heads < AT_HEADS_FEWEST)
        return at_fail(error, AT_ERR_UNDEFINED, "%zu heads: a bootstrap interval covers as it says from %d heads; measure more", heads,
                       AT_HEADS_FEWEST);
    enum at_status status = at_stats_bootstrap(statistic, context, heads, level, resamples, seed, ret_interval);
    if (status == AT_ERR_ARGUMENT)
        return at_fail(error, status, "level %g with %zu resamples: give a level between 0 and 1 and at least 2/(1 - level) resamples",
                       level, resamples);
    if (status == AT_ERR_UNDEFINED)
        return at_fail(error, status, "%zu heads: the statistic is not finite on all of them or on a resample of them", heads);
    return status ? at_fail(error, status, "no memory for %zu heads", heads) : AT_OK;
}
