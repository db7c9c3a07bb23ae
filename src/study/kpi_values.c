/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/kpi_facts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char query[] =
    "SELECT reference.run AS run, reference.undefined_rows AS undefined_rows, measure.batch AS batch, measure.head AS head,"
    "  measure.row AS row, measure.value AS value, measure.radius AS radius, measure.id AS measure"
    " FROM json_each(:runs) AS wanted JOIN reference ON reference.run = wanted.value AND reference.against = :against"
    " LEFT JOIN measure ON measure.reference = reference.id AND measure.scope = :scope AND measure.metric = :metric"
    " ORDER BY reference.run, measure.batch, measure.head, measure.row";

enum { RUN, UNDEFINED_ROWS, BATCH, HEAD, ROW, VALUE, RADIUS, MEASURE, COLUMNS };

static const char *scope_of(const struct at_kpi_requirement *requirement)
{
    switch (requirement->statistic) {
    case AT_KPI_VALUE: return "case";
    case AT_KPI_WORST_ROW: return "row";
    case AT_KPI_MAXIMUM: return requirement->metric->add ? "row" : "head";
    default: return "head";
    }
}

enum at_status at_kpi_values_load(struct at_store *store, const struct at_kpi_runs *runs, const struct at_kpi_requirement *requirement,
                                  struct at_kpi_values *ret_values, struct at_error *error)
{
    const struct at_bind binds[] = {{":against", {.kind = AT_CELL_TEXT, .text = requirement->against}},
                                    {":scope", {.kind = AT_CELL_TEXT, .text = scope_of(requirement)}},
                                    {":metric", {.kind = AT_CELL_TEXT, .text = requirement->metric->name}}};
    return at_kpi_runs_query(runs, store, query, binds, sizeof binds / sizeof binds[0], &ret_values->table, error);
}

void at_kpi_values_done(struct at_kpi_values *values)
{
    at_table_done(&values->table);
}

static const struct at_cell *cells_of(const struct at_kpi_values *values, size_t row)
{
    return &values->table.cells[row * COLUMNS];
}

/* The first row whose run is not below `run`. */
static size_t lower_bound(const struct at_kpi_values *values, int64_t run)
{
    size_t low = 0, high = values->table.rows;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (cells_of(values, middle)[RUN].integer < run)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool same_place(const struct at_cell *a, const struct at_cell *b)
{
    return a[BATCH].integer == b[BATCH].integer && a[HEAD].integer == b[HEAD].integer && a[ROW].integer == b[ROW].integer;
}

static bool takes_head(const struct at_kpi_scope *scope, const struct at_cell *head)
{
    size_t i = 0;
    while (i < scope->head_count && (head->kind == AT_CELL_NULL || scope->heads[i] != head->integer))
        i++;
    return scope->head_count == 0 || i < scope->head_count;
}

static double real_or(const struct at_cell *cell, double otherwise)
{
    return cell->kind == AT_CELL_NULL ? otherwise : cell->real;
}

static int64_t integer_or_none(const struct at_cell *cell)
{
    return cell->kind == AT_CELL_NULL ? -1 : cell->integer;
}

/* `base`: of the baseline, or NULL. */
static struct at_kpi_item item_of(const struct at_cell *cells, const struct at_cell *base, size_t unit)
{
    double of_base = base ? real_or(&base[VALUE], NAN) : 1;
    return at_kpi_item_make(real_or(&cells[VALUE], NAN), real_or(&cells[RADIUS], 0), base ? &of_base : NULL,
                            base ? real_or(&base[RADIUS], 0) : 0, unit);
}

void at_kpi_gather(const struct at_kpi_values *values, const struct at_kpi_runs *runs, const struct at_kpi_run *run,
                   const struct at_kpi_requirement *requirement, struct at_kpi_gathering *g)
{
    const struct at_kpi_run *baseline = requirement->relative_to ? at_kpi_runs_baseline(runs, run, requirement->relative_to) : NULL;
    g->runs++;
    if (!run->id || (requirement->relative_to && !baseline)) {
        g->missing_runs += !run->id;
        g->missing_baselines += run->id != 0;
        g->unpaired = run->id && !g->unpaired ? run : g->unpaired;
        return;
    }
    size_t from = lower_bound(values, run->id), to = lower_bound(values, run->id + 1), base = from, before = g->count, units = g->units;
    int64_t group = run->problem.heads_q / run->problem.heads_kv, last_batch = -1, last_key = -1;
    for (size_t i = from; i < to; i++) {
        const struct at_cell *cells = cells_of(values, i);
        int64_t key = cells[HEAD].integer / group;
        if (i == from)
            g->undefined_rows += cells[UNDEFINED_ROWS].integer;
        if (baseline)
            base = lower_bound(values, baseline->id) + (i - from);
        bool paired = base < values->table.rows && cells_of(values, base)[RUN].integer == (baseline ? baseline : run)->id &&
                      same_place(cells, cells_of(values, base));
        if (!takes_head(&requirement->scope, &cells[HEAD]) || cells[MEASURE].kind == AT_CELL_NULL)
            continue;
        g->units += g->count == before || cells[BATCH].integer != last_batch || key != last_key;
        last_batch = cells[BATCH].integer;
        last_key = key;
        g->places[g->count] =
            (struct at_kpi_place){run, integer_or_none(&cells[BATCH]), integer_or_none(&cells[HEAD]), integer_or_none(&cells[ROW])};
        g->items[g->count++] = !baseline ? item_of(cells, NULL, g->units - 1)
                               : !paired ? (struct at_kpi_item){NAN, NAN, NAN, g->units - 1}
                                         : item_of(cells, cells_of(values, base), g->units - 1);
    }
    bool whole = requirement->statistic == AT_KPI_VALUE;
    g->heads += whole ? run->problem.batch * run->problem.heads_kv : (int64_t)(g->units - units);
    g->unmeasured += g->count == before;
}
