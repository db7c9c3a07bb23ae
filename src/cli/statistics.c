/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "cli/statistics.h"

#include "cli/grid.h"
#include "cli/output.h"
#include "metrics/metric.h"
#include "reports/number.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool pools(const char *metric)
{
    return strcmp(metric, "rmse") == 0 || strcmp(metric, "rel_rmse") == 0;
}

static enum at_status load(struct at_store *store, const struct at_filter *filter, struct at_shown_statistics *s, struct at_error *error)
{
    size_t n = s->pools.count, rows = 0;
    s->row = calloc(n + 1, sizeof *s->row);
    s->pooled = pools(s->metric) ? calloc(n + 1, sizeof *s->pooled) : NULL;
    if (!s->row || (pools(s->metric) && !s->pooled))
        return at_fail(error, AT_ERR_MEMORY, "statistics: no memory for %zu pools", n);
    enum at_status status = at_row_statistics_load(store, filter, &s->pools, s->metric, s->against, s->row, error);
    if (!status && s->pooled)
        status = at_pools_heads(store, filter, &s->pools, s->metric, s->against, s->pooled, error);
    for (size_t i = 0; !status && i < n; i++)
        rows += (size_t)(s->row[i].defined + s->row[i].undefined);
    if (!status && n && !rows)
        status = at_fail(error, AT_ERR_UNDEFINED, "statistics: no row has %s against %s; see attest show results --metric %s", s->metric,
                         s->against, s->metric);
    return status;
}

enum at_status at_statistics_load(struct at_store *store, const struct at_filter *filter, struct at_shown_statistics *ret_statistics,
                                  struct at_error *error)
{
    struct at_shown_statistics made = {.metric = filter->metric ? filter->metric : "rel_rmse",
                                       .against = filter->against ? filter->against : "original"};
    enum at_status status = at_pools_load(store, filter, AT_POOL_SEEDS, &made.pools, error);
    if (!status)
        status = load(store, filter, &made, error);
    if (status)
        at_statistics_done(&made);
    else
        *ret_statistics = made;
    return status;
}

void at_statistics_done(struct at_shown_statistics *s)
{
    at_pools_done(&s->pools);
    free(s->row);
    free(s->pooled);
    s->row = NULL;
    s->pooled = NULL;
}

/* "0.0812 (0.0798 to 0.0825)" */
static void add_statistic(struct at_grid *grid, const char *metric, struct at_statistic statistic)
{
    char value[AT_NUMBER_SIZE], low[AT_NUMBER_SIZE], high[AT_NUMBER_SIZE], text[3 * AT_NUMBER_SIZE + 16];
    at_value_print(metric, statistic.value, value);
    at_value_print(metric, statistic.interval.low, low);
    at_value_print(metric, statistic.interval.high, high);
    if (isnan(statistic.interval.low))
        snprintf(text, sizeof text, isnan(statistic.value) ? "%s" : "%s (" AT_NO_VALUE ")", value);
    else
        snprintf(text, sizeof text, "%s (%s to %s)", value, low, high);
    at_grid_add(grid, text);
}

/* "0.31 (seed 2, head 0/5, row 511)"; without the seed where there is one. */
static void add_worst(struct at_grid *grid, const char *metric, const struct at_pool *pool, const struct at_row_statistics *row)
{
    char value[AT_NUMBER_SIZE], seed[AT_NUMBER_SIZE] = "", text[3 * AT_NUMBER_SIZE + 128];
    at_value_print(metric, row->worst, value);
    if (pool->seeds > 1)
        snprintf(seed, sizeof seed, "seed %.20s, ", row->worst_seed);
    if (row->defined)
        snprintf(text, sizeof text, "%s (%shead %" PRId64 "/%" PRId64 ", row %" PRId64 ")", value, seed, row->worst_batch, row->worst_head,
                 row->worst_row);
    else
        snprintf(text, sizeof text, "%s", value);
    at_grid_add(grid, text);
}

static void print_pool(const struct at_shown_statistics *s, size_t from, size_t to)
{
    static const char *const with[] = {"variant", ">K/V heads", ">rows", ">pooled", ">mean", ">median", ">95 % quantile", "worst row"};
    static const char *const without[] = {"variant", ">K/V heads", ">rows", ">mean", ">median", ">95 % quantile", "worst row"};
    const struct at_pool *largest = at_pools_largest(&s->pools, from, to);
    char looked_at[AT_POOL_TEXT_SIZE];
    struct at_grid grid;
    at_pool_looked_at(largest, looked_at);
    if (largest->seeds > 1)
        at_say(stdout, "%s, %zu seeds: %s", largest->title, largest->seeds, looked_at);
    else
        at_say(stdout, "%s: %s", largest->title, looked_at);
    at_grid_init(&grid, s->pooled ? sizeof with / sizeof with[0] : sizeof without / sizeof without[0], s->pooled ? with : without);
    for (size_t i = from; i < to; i++) {
        at_grid_add(&grid, s->pools.rows[i].variant);
        at_grid_number(&grid, (double)s->row[i].key_heads);
        at_grid_number(&grid, (double)s->row[i].defined);
        if (s->pooled)
            add_statistic(&grid, s->metric, s->pooled[i]);
        add_statistic(&grid, s->metric, s->row[i].mean);
        add_statistic(&grid, s->metric, s->row[i].median);
        add_statistic(&grid, s->metric, s->row[i].q95);
        add_worst(&grid, s->metric, &s->pools.rows[i], &s->row[i]);
    }
    at_grid_print(&grid);
    at_grid_done(&grid);
    for (size_t i = from; i < to; i++)
        if (s->row[i].undefined)
            at_say(stdout, "%s: undefined rows, left out: %" PRId64, s->pools.rows[i].variant, s->row[i].undefined);
    puts("");
}

void at_statistics_print(const struct at_shown_statistics *s)
{
    const struct at_metric *metric;
    if (s->pools.count && !at_metric_find(s->metric, &metric, NULL))
        printf("%s, row by row, %s\n\n", metric->label, strcmp(s->against, "original") == 0 ? "whole error" : "the kernel's part");
    for (size_t from = 0, to; from < s->pools.count; from = to) {
        to = at_pools_next(&s->pools, from);
        print_pool(s, from, to);
    }
    if (s->pools.count && s->pooled)
        puts("Pooled is over all outputs of these rows, not over rows.");
    if (s->pools.count)
        printf("In brackets: intervals (%g %%, bootstrap over key/value heads), which need %d of them. The worst row has none: no interval "
               "covers a\n"
               "maximum. A dash is undefined, never 0.\n",
               100 * at_interval_level, AT_INTERVAL_FEWEST);
}

static json_t *interval_json(struct at_interval interval)
{
    return isnan(interval.low) ? json_null() : json_pack("[o,o]", at_number_json(interval.low), at_number_json(interval.high));
}

static json_t *row_json(const struct at_shown_statistics *s, size_t i)
{
    const struct at_pool *pool = &s->pools.rows[i];
    const struct at_row_statistics *row = &s->row[i];
    const struct at_statistic pooled = s->pooled ? s->pooled[i] : (struct at_statistic){NAN, {NAN, NAN}};
    json_t *made = json_pack("{s:o, s:o, s:s, s:s, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "case",
                             at_text_json(pool->title), "variant", at_text_json(pool->variant), "metric", s->metric, "against", s->against,
                             "seeds", (json_int_t)pool->seeds, "key_heads", (json_int_t)row->key_heads, "rows", (json_int_t)row->defined,
                             "undefined", (json_int_t)row->undefined, "pooled", at_number_json(pooled.value), "pooled_interval",
                             interval_json(pooled.interval), "mean", at_number_json(row->mean.value), "mean_interval",
                             interval_json(row->mean.interval), "median", at_number_json(row->median.value), "median_interval",
                             interval_json(row->median.interval), "quantile_95", at_number_json(row->q95.value), "quantile_95_interval",
                             interval_json(row->q95.interval), "worst", at_number_json(row->worst));
    json_t *where = row->defined
                        ? json_pack("{s:I, s:s, s:I, s:I, s:I}", "run", (json_int_t)row->worst_run, "seed", row->worst_seed, "batch",
                                    (json_int_t)row->worst_batch, "head", (json_int_t)row->worst_head, "row", (json_int_t)row->worst_row)
                        : json_null();
    if (!made || json_object_set_new(made, "worst_at", where) != 0) {
        json_decref(made);
        return NULL;
    }
    return made;
}

json_t *at_statistics_json(const struct at_shown_statistics *s)
{
    json_t *rows = json_array();
    for (size_t i = 0; rows && i < s->pools.count; i++)
        if (json_array_append_new(rows, row_json(s, i)) != 0) {
            json_decref(rows);
            rows = NULL;
        }
    return rows;
}
