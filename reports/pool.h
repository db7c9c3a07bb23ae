/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_REPORTS_POOL_H
#define AT_REPORTS_POOL_H

#include "reports/interval.h"
#include "reports/query.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Runs pooled for statistics (queries/pools.sql): those of one variant whose inputs differ only in their seed, or each by itself. */

enum at_pooling { AT_POOL_SEEDS, AT_POOL_NONE };

/* One pool and variant. */
struct at_pool {
    int64_t id;                 /* equal for the variants of one pool, which follow each other */
    const char *title;          /* the case's title, without the seed where seeds are pooled; owned by the table */
    const char *variant;        /* owned by the table */
    int64_t rows, seq_q, heads; /* rows of each head; heads of all seeds */
    size_t first, seeds;        /* rows [first, first + seeds) of the table, one a run */
};

struct at_pools {
    struct at_pool *rows;
    size_t count;
    struct at_table table;
};

/* Free with at_pools_done. No row is no failure. */
enum at_status at_pools_load(struct at_store *store, const struct at_filter *filter, enum at_pooling pooling, struct at_pools *ret_pools,
                             struct at_error *error);

void at_pools_done(struct at_pools *pools);

/* The first row of the pool after that of row `i`; the loop over pools. */
size_t at_pools_next(const struct at_pools *pools, size_t i);

/* The one of rows [from, to) with the most seeds: a variant that was not run on all of them has fewer. */
const struct at_pool *at_pools_largest(const struct at_pools *pools, size_t from, size_t to);

/* "16 of 8192 query rows of each of 48 heads"; "all 128 query rows of each of 12 heads". */
enum { AT_POOL_TEXT_SIZE = 128 };
void at_pool_looked_at(const struct at_pool *pool, char ret_text[AT_POOL_TEXT_SIZE]);

/* The id of the i-th run of a pool. */
int64_t at_pool_run(const struct at_pools *pools, const struct at_pool *pool, size_t i);

/* The rows [*ret_from, *ret_to) of a table sorted by its column "run" that belong to `run`. */
void at_pool_range(const struct at_table *table, int64_t run, size_t *ret_from, size_t *ret_to);

/*
 * RMSE or relative RMSE over all outputs of all heads and seeds, with its interval (at_interval_pool).
 *   metric: "rmse" or "rel_rmse"; against: "original" or "dequantised"
 *   ret_pooled[pools->count]: NaN also where the heads of a run do not agree with its case, whose rows are then not as many in each head
 */
enum at_status at_pools_heads(struct at_store *store, const struct at_filter *filter, const struct at_pools *pools, const char *metric,
                              const char *against, struct at_statistic *ret_pooled, struct at_error *error);

#ifdef __cplusplus
}
#endif

#endif
