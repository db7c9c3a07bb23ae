/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "reports/comparison.h"

#include "reports/number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Errors of both on each head, in pairs. */
struct pairs {
    double *own, *base; /* room for every row of the table of heads */
    size_t count;
};

/* Geometric means of the query heads that share K and V, appended to `ret`; returns how many. */
static size_t key_heads(const struct at_table *heads, int64_t run, const char *against, double *ret)
{
    size_t from, to, members = 0, count = 0;
    double sum = 0;
    at_pool_range(heads, run, &from, &to);
    for (size_t i = from; i < to; i++) {
        if (strcmp(at_table_cell(heads, i, "against")->text, against) != 0)
            continue;
        sum += log(at_cell_number(at_table_cell(heads, i, "rmse")));
        if (++members == (size_t)at_table_cell(heads, i, "head_group")->integer) {
            ret[count++] = exp(sum / (double)members);
            sum = 0;
            members = 0;
        }
    }
    return count;
}

static int64_t input_of(const struct at_pools *pools, const struct at_pool *pool, size_t i)
{
    return at_table_cell(&pools->table, pool->first + i, "input")->integer;
}

/* The heads of inputs on which both were run. */
static void pair_up(const struct at_pools *pools, const struct at_pool *own, const struct at_pool *base, const struct at_table *heads,
                    const char *against, struct pairs *pairs)
{
    pairs->count = 0;
    for (size_t i = 0; i < own->seeds; i++)
        for (size_t j = 0; j < base->seeds; j++) {
            if (input_of(pools, own, i) != input_of(pools, base, j))
                continue;
            size_t of_own = key_heads(heads, at_pool_run(pools, own, i), against, pairs->own + pairs->count);
            size_t of_base = key_heads(heads, at_pool_run(pools, base, j), against, pairs->base + pairs->count);
            pairs->count += of_own < of_base ? of_own : of_base;
        }
}

enum at_status at_comparison_of(const double *own, const double *base, size_t heads, struct at_comparison *c)
{
    struct at_error error = {""};
    double sum = 0;
    for (size_t i = 0; i < heads; i++)
        sum += log(own[i]) - log(base[i]);
    c->heads = heads;
    c->why[0] = '\0';
    c->p = c->adjusted = NAN;
    c->ratio = (struct at_ratio){heads && isfinite(sum) ? exp(sum / (double)heads) : NAN, {NAN, NAN}};
    if (isnan(c->ratio.ratio)) {
        snprintf(c->why, sizeof c->why, "%s", heads ? "a head is exact, or its error not finite" : "no input has both");
        return AT_OK;
    }
    enum at_status status = at_paired_geometric(own, base, heads, at_interval_level, AT_INTERVAL_RESAMPLES, 1, &c->ratio, &error);
    if (status == AT_ERR_UNDEFINED)
        snprintf(c->why, sizeof c->why, "%.159s", error.message);
    if (status && status != AT_ERR_UNDEFINED)
        return status;
    status = at_paired_signed_rank(own, base, heads, &c->test);
    if (!status)
        c->p = c->test.two_sided;
    return status == AT_ERR_UNDEFINED ? AT_OK : status;
}

/* A comparison without a test counts as one that shows nothing: the family stays as large as what is shown. */
static enum at_status adjust(struct at_comparisons *c)
{
    double *p = malloc((2 * c->count + 1) * sizeof *p);
    if (!p)
        return AT_ERR_MEMORY;
    for (size_t i = 0; i < c->count; i++)
        p[i] = isnan(c->rows[i].p) ? 1 : c->rows[i].p;
    enum at_status status = c->count ? at_holm(p, c->count, p + c->count) : AT_OK;
    for (size_t i = 0; i < c->count && !status; i++)
        c->rows[i].adjusted = isnan(c->rows[i].p) ? NAN : p[c->count + i];
    free(p);
    return status;
}

/* Compares every variant of each pool that has the baseline. */
static enum at_status compare_all(struct at_comparisons *c, const struct at_table *heads, const char *against, const char *baseline,
                                  struct pairs *pairs, bool *ret_found)
{
    enum at_status status = AT_OK;
    for (size_t from = 0, to; from < c->pools.count && !status; from = to) {
        to = at_pools_next(&c->pools, from);
        size_t base = from;
        while (base < to && strcmp(c->pools.rows[base].variant, baseline) != 0)
            base++;
        *ret_found |= base < to;
        for (size_t i = from; i < to && base < to && !status; i++) {
            if (i == base)
                continue;
            struct at_comparison *row = &c->rows[c->count++];
            row->pool = i;
            pair_up(&c->pools, &c->pools.rows[i], &c->pools.rows[base], heads, against, pairs);
            status = at_comparison_of(pairs->own, pairs->base, pairs->count, row);
        }
    }
    return status ? status : adjust(c);
}

static enum at_status load(struct at_store *store, const struct at_filter *filter, const char *baseline, struct at_comparisons *c,
                           struct at_error *error)
{
    struct at_table heads = {0};
    bool found = false;
    enum at_status status = at_query_run(store, "head_errors", filter, &heads, error);
    if (status)
        return status;
    struct pairs pairs = {malloc((heads.rows + 1) * sizeof(double)), malloc((heads.rows + 1) * sizeof(double)), 0};
    c->rows = calloc(c->pools.count + 1, sizeof *c->rows);
    status = pairs.own && pairs.base && c->rows
                 ? compare_all(c, &heads, filter->against ? filter->against : "original", baseline, &pairs, &found)
                 : AT_ERR_MEMORY;
    if (status)
        at_fail(error, status, "comparison: no memory for %zu heads", heads.rows);
    else if (!found && c->pools.count)
        status =
            at_fail(error, AT_ERR_NOT_FOUND, "no run looked at is of variant '%s'; attest show variants lists those there are", baseline);
    free(pairs.own);
    free(pairs.base);
    at_table_done(&heads);
    return status;
}

enum at_status at_comparisons_load(struct at_store *store, const struct at_filter *filter, const char *baseline,
                                   struct at_comparisons *ret_comparisons, struct at_error *error)
{
    struct at_comparisons made = {.count = 0};
    struct at_filter of = *filter;
    of.variant = of.metric = NULL;
    enum at_status status = at_pools_load(store, &of, AT_POOL_SEEDS, &made.pools, error);
    if (!status)
        status = load(store, &of, baseline, &made, error);
    if (status)
        at_comparisons_done(&made);
    else
        *ret_comparisons = made;
    return status;
}

void at_comparisons_done(struct at_comparisons *c)
{
    at_pools_done(&c->pools);
    free(c->rows);
    c->rows = NULL;
    c->count = 0;
}
