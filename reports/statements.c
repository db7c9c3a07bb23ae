/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "reports/statements.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* snprintf whose text is either whole or, with a false answer, not there. */
static bool __attribute__((format(printf, 2, 3))) name(char ret_name[AT_STATED_NAME_SIZE], const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int length = vsnprintf(ret_name, AT_STATED_NAME_SIZE, format, args);
    va_end(args);
    return length >= 0 && length < AT_STATED_NAME_SIZE;
}

/* The first of spelling and label that leaves room for the shape. */
static void name_source(const struct at_pools *pools, const struct at_pool *pool, bool sample, char ret_source[AT_STATED_NAME_SIZE])
{
    const struct at_table *t = &pools->table;
    const char *spelling = at_table_cell(t, pool->first, "spelling")->text;
    const char *const names[] = {sample ? spelling : pool->title, pool->title, "this source"};
    char shape[96], looked_at[48], scale[32] = "";
    double given = at_table_cell(t, pool->first, "scale")->real;
    if (given > 0)
        snprintf(scale, sizeof scale, ", scale %.10g", given);
    if (pool->rows == pool->seq_q)
        snprintf(looked_at, sizeof looked_at, "%" PRId64 " query rows", pool->rows);
    else
        snprintf(looked_at, sizeof looked_at, "%" PRId64 " of %" PRId64 " query rows", pool->rows, pool->seq_q);
    snprintf(shape, sizeof shape, "%" PRId64 " keys, d %" PRId64 ", %.12s%s%s, ", at_table_cell(t, pool->first, "seq_k")->integer,
             at_table_cell(t, pool->first, "dim")->integer, at_table_cell(t, pool->first, "format")->text,
             at_table_cell(t, pool->first, "causal")->integer ? ", causal" : "", scale);
    for (int i = 0; i < 3 && !name(ret_source, "%s (%s%s)", names[i], shape, looked_at); i++)
        ;
}

static void name_what(const struct at_statements *s, const struct at_pool *pool, char ret_what[AT_STATED_NAME_SIZE])
{
    const struct at_metric *metric = s->metric;
    int64_t group = at_table_cell(&s->pools.table, pool->first, "head_group")->integer;
    bool size = metric->better == AT_NEARER_ZERO_IS_BETTER, unit = *metric->unit && strcmp(metric->unit, "outputs") != 0;
    const char *const variants[] = {pool->variant, "this variant"};
    char label[64], of_group[64] = "", aside[96];
    snprintf(label, sizeof label, "%s%.40s%s%s%s%s", size ? "|" : "", metric->label, size ? "|" : "", unit ? " (" : "",
             unit ? metric->unit : "", unit ? ")" : "");
    bool whole = strcmp(s->against, "original") == 0;
    if (group > 1)
        snprintf(of_group, sizeof of_group, "the %s of its %" PRId64 " query heads",
                 metric->better == AT_LARGER_IS_BETTER ? "smallest" : "largest", group);
    snprintf(aside, sizeof aside, "%s%s%s%s%s", whole && !*of_group ? "" : " (", whole ? "" : "the kernel's part",
             !whole && *of_group ? ", " : "", of_group, whole && !*of_group ? "" : ")");
    for (int i = 0; i < 2 && !name(ret_what, "%s of %s%s", label, variants[i], aside); i++)
        ;
}

static enum at_status state(struct at_statements *s, const struct at_table *values, const struct at_statement_question *question,
                            size_t *ret_heads, struct at_error *error)
{
    enum at_status status = AT_OK;
    for (size_t i = 0; i < s->pools.count && !status; i++) {
        const struct at_pool *pool = &s->pools.rows[i];
        struct at_stated *row = &s->rows[i];
        bool sample = strcmp(at_table_cell(&s->pools.table, pool->first, "source")->text, "distribution") == 0;
        name_source(&s->pools, pool, sample, row->source);
        name_what(s, pool, row->what);
        status = at_units_of(&s->pools, pool, values, s->metric->better, &row->units);
        if (status)
            return at_fail(error, status, "statements: no memory for %" PRId64 " heads", pool->heads);
        *ret_heads += row->units.count;
        status = at_statement_of(&row->units, s->metric->better, sample, question, (struct at_subject){row->what, row->source},
                                 &row->statement, error);
    }
    return status;
}

static enum at_status load(struct at_store *store, const struct at_filter *filter, const struct at_statement_question *question,
                           struct at_statements *s, struct at_error *error)
{
    struct at_table values = {0};
    size_t heads = 0;
    s->rows = calloc(s->pools.count + 1, sizeof *s->rows);
    if (!s->rows)
        return at_fail(error, AT_ERR_MEMORY, "statements: no memory for %zu pools", s->pools.count);
    enum at_status status = at_query_run(store, "head_values", filter, &values, error);
    if (!status)
        status = state(s, &values, question, &heads, error);
    if (!status && s->pools.count && !heads)
        status = at_fail(error, AT_ERR_UNDEFINED, "statements: no head has %s against %s; see attest show results --metric %s",
                         filter->metric, filter->against, filter->metric);
    at_table_done(&values);
    return status;
}

enum at_status at_statements_load(struct at_store *store, const struct at_filter *filter, const struct at_statement_question *question,
                                  struct at_statements *ret_statements, struct at_error *error)
{
    struct at_filter of = *filter;
    of.metric = filter->metric ? filter->metric : "rel_rmse";
    of.against = filter->against ? filter->against : "original";
    struct at_statements made = {.against = of.against};
    enum at_status status = at_metric_find(of.metric, &made.metric, error);
    if (!status)
        status = at_pools_load(store, &of, AT_POOL_SEEDS, &made.pools, error);
    if (!status)
        status = load(store, &of, question, &made, error);
    if (status)
        at_statements_done(&made);
    else
        *ret_statements = made;
    return status;
}

void at_statements_done(struct at_statements *s)
{
    for (size_t i = 0; s->rows && i < s->pools.count; i++)
        at_units_done(&s->rows[i].units);
    at_pools_done(&s->pools);
    free(s->rows);
    s->rows = NULL;
}
