/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/kpi_speed.h"

#include <math.h>

#define SHAPE "batch, heads_q, heads_kv, seq_q, seq_k, dim, causal"

/* Only what one process measured may be divided by one another. */
static const char query[] =
    "WITH timed AS ("
    " SELECT speed.*, variant.name AS variant_name,"
    "  CASE WHEN :whole THEN whole_low_ns ELSE low_ns END AS low, CASE WHEN :whole THEN whole_median_ns ELSE median_ns END AS median,"
    "  CASE WHEN :whole THEN whole_high_ns ELSE high_ns END AS high"
    " FROM speed JOIN variant ON variant.id = speed.variant),"
    "paired AS ("
    " SELECT mine.*, base.low AS base_low, base.median AS base_median, base.high AS base_high,"
    "  row_number() OVER (PARTITION BY mine.batch, mine.heads_q, mine.heads_kv, mine.seq_q, mine.seq_k, mine.dim, mine.causal"
    "   ORDER BY mine.bench DESC) AS place"
    " FROM timed AS mine JOIN timed AS base USING (bench, " SHAPE ")"
    " WHERE mine.variant_name = :variant AND base.variant_name = :baseline AND mine.median > 0 AND base.median > 0)"
    " SELECT * FROM paired WHERE place = 1 ORDER BY " SHAPE;

static const struct at_cell *cell(const struct at_table *table, size_t row, const char *name)
{
    return &table->cells[row * table->columns + (size_t)at_table_column(table, name)];
}

static int64_t integer(const struct at_table *table, size_t row, const char *name)
{
    return cell(table, row, name)->integer;
}

static bool in_scope(const struct at_kpi_scope *scope, const struct at_problem *p)
{
    size_t i = 0;
    while (i < scope->dim_count && scope->dims[i] != p->dim)
        i++;
    return (scope->dim_count == 0 || i < scope->dim_count) && p->seq_k >= scope->from && p->seq_k <= scope->to &&
           (scope->causal < 0 || scope->causal == (int)p->causal);
}

static struct at_kpi_speed judge(const struct at_table *t, size_t i, double bound)
{
    struct at_kpi_speed s = {.problem = {integer(t, i, "batch"), integer(t, i, "heads_q"), integer(t, i, "heads_kv"),
                                         integer(t, i, "seq_q"), integer(t, i, "seq_k"), integer(t, i, "dim"), integer(t, i, "causal") != 0,
                                         0},
                             .ratio = cell(t, i, "base_median")->real / cell(t, i, "median")->real,
                             .low = cell(t, i, "base_low")->real / cell(t, i, "high")->real,
                             .high = cell(t, i, "base_high")->real / cell(t, i, "low")->real,
                             .bench = integer(t, i, "bench")};
    s.verdict = s.low >= bound ? AT_MET : s.high < bound ? AT_NOT_MET : AT_CANNOT_SAY;
    return s;
}

enum at_status at_kpi_speed_judge(struct at_store *store, const struct at_kpi_cost *cost, const char *variant,
                                  struct at_kpi_speed *ret_speed, struct at_error *error)
{
    struct at_kpi_speed worst = {.verdict = AT_CANNOT_SAY, .ratio = NAN, .low = NAN, .high = NAN};
    struct at_table table;
    struct at_bind binds[] = {{":whole", {.kind = AT_CELL_INTEGER, .integer = cost->with_prepare}},
                              {":variant", {.kind = AT_CELL_TEXT, .text = variant}},
                              {":baseline", {.kind = AT_CELL_TEXT, .text = cost->relative_to}}};
    enum at_status status = at_store_query(store, query, binds, sizeof binds / sizeof binds[0], &table, error);
    if (status)
        return status;
    for (size_t i = 0; i < table.rows; i++) {
        struct at_kpi_speed one = judge(&table, i, cost->speed_at_least);
        if (!in_scope(&cost->scope, &one.problem))
            continue;
        size_t shapes = worst.shapes + 1;
        enum at_verdict verdict = shapes > 1 ? at_verdict_both(worst.verdict, one.verdict) : one.verdict;
        if (shapes == 1 || !(one.ratio >= worst.ratio))
            worst = one;
        worst.verdict = verdict;
        worst.shapes = shapes;
    }
    at_table_done(&table);
    *ret_speed = worst;
    return AT_OK;
}
