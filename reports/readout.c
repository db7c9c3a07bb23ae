/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "reports/readout.h"

#include "reports/number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Samples of one row of the statistics. */
struct samples {
    double *kl, *top; /* [count] */
    size_t *unit;     /* [count] */
    size_t count, units;
};

static const struct at_cell *cell(const struct at_table *t, size_t row, const char *column)
{
    return at_table_cell(t, row, column);
}

static int64_t integer_or(const struct at_cell *c, int64_t otherwise)
{
    return c->kind == AT_CELL_NULL ? otherwise : c->integer;
}

static const char *const units[2][2] = {{"sequence", "sequences"}, {"key/value head", "key/value heads"}};

const char *at_read_unit(const struct at_read_statistics *s, bool plural)
{
    return units[s->heads][plural];
}

/* Whether sample `row` of the table belongs to the readout and truth of sample `first`. */
static bool same_reading(const struct at_table *t, size_t first, size_t row)
{
    return cell(t, first, "readout_id")->integer == cell(t, row, "readout_id")->integer &&
           strcmp(cell(t, first, "against")->text, cell(t, row, "against")->text) == 0;
}

static void add_sample(const struct at_table *t, size_t row, struct samples *x, struct at_read_statistics *s)
{
    double kl = at_cell_number(cell(t, row, "kl")), radius = at_cell_number(cell(t, row, "kl_radius"));
    double top = at_cell_number(cell(t, row, "top_unchanged"));
    x->kl[x->count] = kl;
    x->top[x->count] = top;
    x->unit[x->count++] = x->units;
    s->undefined += isnan(kl);
    s->open += !isnan(kl) && isnan(top);
    if (isnan(kl))
        return;
    s->max_logit = fmax(s->max_logit, at_cell_number(cell(t, row, "max_logit")));
    s->radius = fmax(s->radius, isnan(radius) ? INFINITY : radius);
    if (s->samples++ && !(kl > s->max))
        return;
    s->max = kl;
    s->max_radius = radius;
    s->max_run = cell(t, row, "read_run")->integer;
    s->max_batch = cell(t, row, "batch")->integer;
    s->max_head = integer_or(cell(t, row, "head"), -1);
    s->max_row = cell(t, row, "row")->integer;
}

/* The samples of one run that belong to the reading of sample `first`. */
static void add_run(const struct at_table *t, int64_t run, size_t first, struct samples *x, struct at_read_statistics *s)
{
    int64_t batch = -1, key_head = -1;
    size_t from, to;
    at_pool_range(t, run, &from, &to);
    for (size_t i = from; i < to; i++) {
        if (!same_reading(t, first, i))
            continue;
        int64_t b = cell(t, i, "batch")->integer, h = integer_or(cell(t, i, "key_head"), -2);
        x->units += b != batch || h != key_head;
        batch = b;
        key_head = h;
        add_sample(t, i, x, s);
    }
}

static enum at_status conclude(const struct samples *x, struct at_read_statistics *s)
{
    struct at_clusters kl, top;
    enum at_status status = at_clusters_init(x->kl, x->unit, x->count, &kl);
    if (status)
        return status;
    static const double quantiles[AT_READ_NUMBERS] = {[AT_READ_MEDIAN] = 0.5, [AT_READ_Q99] = 0.99, [AT_READ_Q999] = 0.999};
    s->units = (int64_t)kl.clusters;
    status = at_read_mean(&kl, at_interval_level, units[s->heads], &s->numbers[AT_READ_MEAN]);
    for (int i = AT_READ_MEDIAN; i <= AT_READ_Q999 && !status; i++)
        status = at_read_quantile(&kl, quantiles[i], at_interval_level, units[s->heads], &s->numbers[i]);
    at_clusters_done(&kl);
    if (!status)
        status = at_clusters_init(x->top, x->unit, x->count, &top);
    if (status)
        return status;
    status = at_read_share(&top, at_interval_level, units[s->heads], &s->numbers[AT_READ_TOP]);
    at_clusters_done(&top);
    return status;
}

/* The reading of sample `first`, over all runs of a pool. */
static enum at_status add_reading(struct at_readouts *r, size_t pool, size_t first, struct samples *x)
{
    const struct at_table *t = &r->table;
    struct at_read_statistics *s = &r->rows[r->count];
    *s = (struct at_read_statistics){.pool = pool,
                                     .pool_id = r->pools.rows[pool].id,
                                     .readout = cell(t, first, "readout")->text,
                                     .against = cell(t, first, "against")->text,
                                     .sha256 = cell(t, first, "sha256")->text,
                                     .tokens = cell(t, first, "tokens")->integer,
                                     .width = cell(t, first, "width")->integer,
                                     .heads = cell(t, first, "head")->kind != AT_CELL_NULL,
                                     .max = NAN,
                                     .max_radius = NAN};
    x->count = x->units = 0;
    for (size_t i = 0; i < r->pools.rows[pool].seeds; i++)
        add_run(t, at_pool_run(&r->pools, &r->pools.rows[pool], i), first, x, s);
    enum at_status status = conclude(x, s);
    r->count += status == AT_OK;
    return status;
}

/* Each reading that a run of the pool has and no earlier run of it. */
static enum at_status add_pool(struct at_readouts *r, size_t pool, struct samples *x)
{
    size_t begun = r->count;
    enum at_status status = AT_OK;
    for (size_t i = 0; i < r->pools.rows[pool].seeds; i++) {
        size_t from, to;
        at_pool_range(&r->table, at_pool_run(&r->pools, &r->pools.rows[pool], i), &from, &to);
        for (size_t row = from; row < to && !status; row++) {
            bool known = row > from && same_reading(&r->table, row - 1, row);
            for (size_t j = begun; j < r->count && !known; j++)
                known = strcmp(r->rows[j].sha256, cell(&r->table, row, "sha256")->text) == 0 &&
                        strcmp(r->rows[j].readout, cell(&r->table, row, "readout")->text) == 0 &&
                        strcmp(r->rows[j].against, cell(&r->table, row, "against")->text) == 0;
            if (!known)
                status = add_reading(r, pool, row, x);
        }
    }
    return status;
}

static int compare_tables(const struct at_read_statistics *a, const struct at_read_statistics *b)
{
    int order = (a->pool_id > b->pool_id) - (a->pool_id < b->pool_id);
    order = order ? order : strcmp(a->readout, b->readout);
    order = order ? order : strcmp(a->sha256, b->sha256);
    return order ? order : strcmp(b->against, a->against); /* the whole error first */
}

static int compare_rows(const void *x, const void *y)
{
    const struct at_read_statistics *a = x, *b = y;
    int order = compare_tables(a, b);
    return order ? order : (a->pool > b->pool) - (a->pool < b->pool);
}

enum at_status at_readouts_load(struct at_store *store, const struct at_filter *filter, struct at_readouts *ret_readouts,
                                struct at_error *error)
{
    struct at_readouts made = {.count = 0};
    enum at_status status = at_pools_load(store, filter, AT_POOL_SEEDS, &made.pools, error);
    if (!status)
        status = at_query_run(store, "readouts", filter, &made.table, error);
    size_t samples = made.table.rows;
    struct samples x = {malloc((samples + 1) * sizeof *x.kl), malloc((samples + 1) * sizeof *x.top), malloc((samples + 1) * sizeof *x.unit),
                        0, 0};
    made.rows = calloc(samples + 1, sizeof *made.rows);
    bool memory = x.kl && x.top && x.unit && made.rows;
    if (!status && !memory)
        status = AT_ERR_MEMORY;
    for (size_t i = 0; !status && i < made.pools.count; i++)
        status = add_pool(&made, i, &x);
    if (!status)
        qsort(made.rows, made.count, sizeof *made.rows, compare_rows);
    if (status == AT_ERR_MEMORY)
        at_fail(error, status, "readouts: no memory for %zu samples", samples);
    free(x.kl);
    free(x.top);
    free(x.unit);
    if (status)
        at_readouts_done(&made);
    else
        *ret_readouts = made;
    return status;
}

void at_readouts_done(struct at_readouts *readouts)
{
    at_pools_done(&readouts->pools);
    at_table_done(&readouts->table);
    free(readouts->rows);
    *readouts = (struct at_readouts){.count = 0};
}

size_t at_readouts_next(const struct at_readouts *r, size_t i)
{
    const struct at_read_statistics *first = &r->rows[i];
    while (i < r->count && compare_tables(&r->rows[i], first) == 0)
        i++;
    return i;
}

bool at_readouts_reason(const struct at_readouts *r, size_t from, size_t to, size_t n, char ret_text[AT_READ_REASON_SIZE])
{
    static const char *const names[AT_READ_NUMBERS] = {"mean", "median", "99 %", "99.9 %", "top token"};
    const char *reasons[AT_READ_NUMBERS * 2];
    size_t found = 0;
    for (size_t i = from; i < to; i++)
        for (int k = 0; k < AT_READ_NUMBERS; k++) {
            const char *why = r->rows[i].numbers[k].why;
            size_t j = 0;
            while (j < found && strcmp(reasons[j], why) != 0)
                j++;
            if (*why && j == found && found < sizeof reasons / sizeof reasons[0])
                reasons[found++] = why;
        }
    if (n >= found)
        return false;
    size_t used = 0;
    for (int k = 0; k < AT_READ_NUMBERS; k++) {
        bool of_this = false;
        for (size_t i = from; i < to; i++)
            of_this = of_this || strcmp(r->rows[i].numbers[k].why, reasons[n]) == 0;
        if (of_this)
            used += (size_t)snprintf(ret_text + used, AT_READ_REASON_SIZE - used, "%s%s", used ? ", " : "", names[k]);
    }
    snprintf(ret_text + used, AT_READ_REASON_SIZE - used, ": %s", reasons[n]);
    return true;
}
