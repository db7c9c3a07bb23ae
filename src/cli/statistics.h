/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_CLI_STATISTICS_H
#define AT_CLI_STATISTICS_H

#include "reports/statistics.h"

#include <jansson.h>

/* attest show statistics: one metric over query rows, heads and seeds. */
struct at_shown_statistics {
    const char *metric, *against; /* borrowed */
    struct at_pools pools;
    struct at_row_statistics *row; /* [pools.count] */
    struct at_statistic *pooled;   /* [pools.count]; NULL where the metric does not pool: neither rmse nor rel_rmse */
};

/*
 * filter->metric NULL: rel_rmse; filter->against NULL: original. AT_ERR_UNDEFINED where there are runs, but none has a row with that
 * metric. Without a run pools.count is 0. Free with at_statistics_done.
 */
enum at_status at_statistics_load(struct at_store *store, const struct at_filter *filter, struct at_shown_statistics *ret_statistics,
                                  struct at_error *error);

void at_statistics_done(struct at_shown_statistics *statistics);

/* A table a pool under a line that says what is pooled. */
void at_statistics_print(const struct at_shown_statistics *statistics);

/* The same as an array of objects. New reference. */
json_t *at_statistics_json(const struct at_shown_statistics *statistics);

#endif
