/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "reports/pool.h"

#include "reports/number.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int64_t integer(const struct at_table *t, size_t row, const char *column)
{
    return at_table_cell(t, row, column)->integer;
}

enum at_status at_pools_load(struct at_store *store, const struct at_filter *filter, enum at_pooling pooling, struct at_pools *ret_pools,
                             struct at_error *error)
{
    struct at_pools made = {0};
    enum at_status status = at_query_run(store, "pools", filter, &made.table, error);
    if (status)
        return status;
    const struct at_table *t = &made.table;
    made.rows = malloc((t->rows + 1) * sizeof *made.rows);
    if (!made.rows) {
        at_pools_done(&made);
        return at_fail(error, AT_ERR_MEMORY, "pools: no memory for %zu runs", t->rows);
    }
    for (size_t i = 0; i < t->rows; i++) {
        struct at_pool *last = made.count ? &made.rows[made.count - 1] : NULL;
        if (pooling == AT_POOL_SEEDS && last && integer(t, i, "pool") == last->id &&
            integer(t, i, "variant_id") == integer(t, last->first, "variant_id")) {
            last->seeds++;
            last->heads += integer(t, i, "heads");
            continue;
        }
        made.rows[made.count++] = (struct at_pool){
            .id = integer(t, i, "pool"),
            .title = at_table_cell(t, i, pooling == AT_POOL_SEEDS ? "title" : "case")->text,
            .variant = at_table_cell(t, i, "variant")->text,
            .rows = integer(t, i, "rows"),
            .seq_q = integer(t, i, "seq_q"),
            .heads = integer(t, i, "heads"),
            .first = i,
            .seeds = 1,
        };
    }
    *ret_pools = made;
    return AT_OK;
}

void at_pools_done(struct at_pools *pools)
{
    free(pools->rows);
    at_table_done(&pools->table);
    *pools = (struct at_pools){0};
}

size_t at_pools_next(const struct at_pools *pools, size_t i)
{
    int64_t id = pools->rows[i].id;
    while (i < pools->count && pools->rows[i].id == id)
        i++;
    return i;
}

const struct at_pool *at_pools_largest(const struct at_pools *pools, size_t from, size_t to)
{
    const struct at_pool *largest = &pools->rows[from];
    for (size_t i = from; i < to; i++)
        if (pools->rows[i].seeds > largest->seeds)
            largest = &pools->rows[i];
    return largest;
}

void at_pool_looked_at(const struct at_pool *pool, char ret_text[AT_POOL_TEXT_SIZE])
{
    if (pool->rows == pool->seq_q)
        snprintf(ret_text, AT_POOL_TEXT_SIZE, "all %" PRId64 " query rows of each of %" PRId64 " heads", pool->seq_q, pool->heads);
    else
        snprintf(ret_text, AT_POOL_TEXT_SIZE, "%" PRId64 " of %" PRId64 " query rows of each of %" PRId64 " heads", pool->rows, pool->seq_q,
                 pool->heads);
}

int64_t at_pool_run(const struct at_pools *pools, const struct at_pool *pool, size_t i)
{
    return integer(&pools->table, pool->first + i, "run");
}

/* The first row whose run is not below `run`. */
static size_t lower_bound(const struct at_table *t, size_t column, int64_t run)
{
    size_t low = 0, high = t->rows;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (t->cells[middle * t->columns + column].integer < run)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void at_pool_range(const struct at_table *table, int64_t run, size_t *ret_from, size_t *ret_to)
{
    int column = at_table_column(table, "run");
    *ret_from = lower_bound(table, (size_t)column, run);
    *ret_to = lower_bound(table, (size_t)column, run + 1);
}

/* The metric of the whole case of `run`, NaN where it is undefined. */
static double stored(const struct at_table *cases, int64_t run)
{
    for (size_t i = 0; i < cases->rows; i++)
        if (integer(cases, i, "run") == run)
            return at_cell_number(at_table_cell(cases, i, "value"));
    return NAN;
}

/* Appends the heads of one run at rmse[n], rel_rmse[n]; returns how many, and how many share K and V. */
static size_t heads_of(const struct at_table *heads, int64_t run, const char *against, double *rmse, double *rel_rmse, size_t *ret_group)
{
    size_t from, to, n = 0;
    at_pool_range(heads, run, &from, &to);
    for (size_t i = from; i < to; i++)
        if (strcmp(at_table_cell(heads, i, "against")->text, against) == 0) {
            rmse[n] = at_cell_number(at_table_cell(heads, i, "rmse"));
            rel_rmse[n++] = at_cell_number(at_table_cell(heads, i, "rel_rmse"));
            *ret_group = (size_t)at_table_cell(heads, i, "head_group")->integer;
        }
    return n;
}

/* rmse and rel_rmse have room for every row of `heads`. */
static enum at_status pool_heads(const struct at_pools *pools, const struct at_pool *pool, const struct at_table *heads,
                                 const struct at_table *cases, const char *against, bool relative, double *rmse, double *rel_rmse,
                                 struct at_statistic *ret_pooled)
{
    size_t n = 0, group = 1; /* one for the pool: its inputs differ in their seed alone */
    for (size_t i = 0; i < pool->seeds; i++) {
        int64_t run = at_pool_run(pools, pool, i);
        size_t more = heads_of(heads, run, against, rmse + n, rel_rmse + n, &group);
        if (!at_interval_agrees(at_interval_pooled(rmse + n, relative ? rel_rmse + n : NULL, more), stored(cases, run)))
            return AT_OK;
        n += more;
    }
    return at_interval_pool(rmse, relative ? rel_rmse : NULL, n, group, ret_pooled);
}

enum at_status at_pools_heads(struct at_store *store, const struct at_filter *filter, const struct at_pools *pools, const char *metric,
                              const char *against, struct at_statistic *ret_pooled, struct at_error *error)
{
    struct at_table heads = {0}, cases = {0};
    struct at_filter one = *filter;
    one.metric = metric;
    one.against = against;
    enum at_status status = at_query_run(store, "head_errors", &one, &heads, error);
    if (!status)
        status = at_query_run(store, "results", &one, &cases, error);
    if (!status) {
        double *rmse = malloc((2 * heads.rows + 1) * sizeof *rmse);
        status = rmse ? AT_OK : AT_ERR_MEMORY;
        for (size_t i = 0; !status && i < pools->count; i++) {
            ret_pooled[i] = (struct at_statistic){NAN, {NAN, NAN}};
            status = pool_heads(pools, &pools->rows[i], &heads, &cases, against, strcmp(metric, "rel_rmse") == 0, rmse, rmse + heads.rows,
                                &ret_pooled[i]);
        }
        if (status)
            at_fail(error, status, "pools: no memory for %zu heads", heads.rows);
        free(rmse);
    }
    at_table_done(&heads);
    at_table_done(&cases);
    return status;
}
