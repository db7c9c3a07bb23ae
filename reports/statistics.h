/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_REPORTS_STATISTICS_H
#define AT_REPORTS_STATISTICS_H

#include "reports/pool.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * One metric over the query rows looked at, of all heads and seeds of a pool (queries/row_values.sql). Key/value heads are what
 * intervals draw: rows of one head, and query heads that share K and V, are not independent.
 */
struct at_row_statistics {
    int64_t key_heads;                     /* key/value heads of all seeds with at least one defined row */
    int64_t defined, undefined;            /* rows; what is undefined is left out */
    struct at_statistic mean, median, q95; /* q95: 95 % of the rows lie below it, type 7 */
    double worst;                          /* the worst row (at_metric.better); a maximum has no interval. NaN: no row */
    int64_t worst_run, worst_batch, worst_head, worst_row;
    const char *worst_seed; /* owned by the pools */
};

/*
 *   metric: a name of at_metrics; against: "original" or "dequantised"
 *   ret_statistics[pools->count]; without any row: defined and undefined are 0, every value NaN
 */
enum at_status at_row_statistics_load(struct at_store *store, const struct at_filter *filter, const struct at_pools *pools,
                                      const char *metric, const char *against, struct at_row_statistics *ret_statistics,
                                      struct at_error *error);

#ifdef __cplusplus
}
#endif

#endif
