/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "reports/statistics.h"

#include "metrics/metric.h"
#include "reports/number.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Columns of row_values.sql. */
struct columns {
    size_t batch, head, key_head, row, value;
};

struct rows {
    const struct at_table *table;
    struct columns at;
    double *value;   /* [table->rows] */
    size_t *cluster; /* [table->rows] */
    size_t count, clusters;
};

static const struct at_cell *cell(const struct rows *rows, size_t row, size_t column)
{
    return &rows->table->cells[row * rows->table->columns + column];
}

static bool is_worse(enum at_better better, double a, double b)
{
    switch (better) {
    case AT_SMALLER_IS_BETTER: return a > b;
    case AT_LARGER_IS_BETTER: return a < b;
    case AT_NEARER_ZERO_IS_BETTER: return fabs(a) > fabs(b);
    }
    return false;
}

static void add_run(struct rows *rows, const struct at_pools *pools, size_t table_row, enum at_better better,
                    struct at_row_statistics *statistics)
{
    int64_t run = at_table_cell(&pools->table, table_row, "run")->integer, batch = -1, key_head = -1;
    size_t from, to;
    at_pool_range(rows->table, run, &from, &to);
    for (size_t i = from; i < to; i++) {
        double value = at_cell_number(cell(rows, i, rows->at.value));
        if (cell(rows, i, rows->at.batch)->integer != batch || cell(rows, i, rows->at.key_head)->integer != key_head)
            rows->clusters++;
        batch = cell(rows, i, rows->at.batch)->integer;
        key_head = cell(rows, i, rows->at.key_head)->integer;
        rows->value[rows->count] = value;
        rows->cluster[rows->count++] = rows->clusters;
        statistics->undefined += isnan(value);
        if (isnan(value) || (statistics->defined++ && !is_worse(better, value, statistics->worst)))
            continue;
        statistics->worst = value;
        statistics->worst_run = run;
        statistics->worst_batch = batch;
        statistics->worst_head = cell(rows, i, rows->at.head)->integer;
        statistics->worst_row = cell(rows, i, rows->at.row)->integer;
        statistics->worst_seed = at_table_cell(&pools->table, table_row, "seed")->text;
    }
}

static enum at_status of_pool(struct rows *rows, const struct at_pools *pools, const struct at_pool *pool, enum at_better better,
                              struct at_row_statistics *ret_statistics)
{
    struct at_row_statistics made = {.worst = NAN};
    struct at_clusters clusters;
    rows->count = rows->clusters = 0;
    for (size_t i = 0; i < pool->seeds; i++)
        add_run(rows, pools, pool->first + i, better, &made);
    enum at_status status = at_clusters_init(rows->value, rows->cluster, rows->count, &clusters);
    if (status)
        return status;
    made.key_heads = (int64_t)clusters.clusters;
    status = at_interval_clusters(&clusters, at_clusters_mean, &made.mean);
    clusters.p = 0.5;
    if (!status)
        status = at_interval_clusters(&clusters, at_clusters_quantile, &made.median);
    clusters.p = 0.95;
    if (!status)
        status = at_interval_clusters(&clusters, at_clusters_quantile, &made.q95);
    at_clusters_done(&clusters);
    if (!status)
        *ret_statistics = made;
    return status;
}

/* The pools of one variant, so that no more than its rows are in memory. */
static enum at_status of_variant(const struct at_table *table, const struct at_pools *pools, const char *variant, enum at_better better,
                                 struct at_row_statistics *ret_statistics)
{
    struct rows rows = {.table = table,
                        .at = {(size_t)at_table_column(table, "batch"), (size_t)at_table_column(table, "head"),
                               (size_t)at_table_column(table, "key_head"), (size_t)at_table_column(table, "row"),
                               (size_t)at_table_column(table, "value")},
                        .value = malloc((table->rows + 1) * sizeof(double)),
                        .cluster = malloc((table->rows + 1) * sizeof(size_t))};
    enum at_status status = rows.value && rows.cluster ? AT_OK : AT_ERR_MEMORY;
    for (size_t i = 0; !status && i < pools->count; i++)
        if (strcmp(pools->rows[i].variant, variant) == 0)
            status = of_pool(&rows, pools, &pools->rows[i], better, &ret_statistics[i]);
    free(rows.value);
    free(rows.cluster);
    return status;
}

static bool seen_before(const struct at_pools *pools, size_t i)
{
    for (size_t j = 0; j < i; j++)
        if (strcmp(pools->rows[j].variant, pools->rows[i].variant) == 0)
            return true;
    return false;
}

enum at_status at_row_statistics_load(struct at_store *store, const struct at_filter *filter, const struct at_pools *pools,
                                      const char *metric, const char *against, struct at_row_statistics *ret_statistics,
                                      struct at_error *error)
{
    const struct at_metric *found;
    enum at_status status = at_metric_find(metric, &found, error);
    for (size_t i = 0; !status && i < pools->count; i++) {
        if (seen_before(pools, i))
            continue;
        struct at_table table = {0};
        struct at_filter one = *filter;
        one.variant = pools->rows[i].variant;
        one.metric = metric;
        one.against = against;
        status = at_query_run(store, "row_values", &one, &table, error);
        if (!status) {
            status = of_variant(&table, pools, one.variant, found->better, ret_statistics);
            if (status)
                at_fail(error, status, "statistics: no memory for %zu rows", table.rows);
        }
        at_table_done(&table);
    }
    return status;
}
