/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/gate.h"

#include <math.h>
#include <stdlib.h>

static const char query[] =
    "SELECT run.id AS run, study.name AS study, input.label AS label, variant.name AS variant, input.seed AS seed, input.seq_q AS seq_q,"
    " input.seq_k AS seq_k, run.rows AS rows, reference.undefined_rows AS undefined_rows, measure.value AS value, measure.radius AS radius"
    " FROM latest_run AS run"
    " JOIN study ON study.id = run.study JOIN input ON input.id = run.input JOIN variant ON variant.id = run.variant"
    " LEFT JOIN reference ON reference.run = run.id AND reference.against = :against"
    " LEFT JOIN measure ON measure.reference = reference.id AND measure.scope = 'case' AND measure.metric = :metric"
    " WHERE (:study_id IS NULL OR study.id = :study_id) AND (:study IS NULL OR study.name = :study)"
    " AND (:label IS NULL OR input.label = :label) AND (:variant IS NULL OR variant.name = :variant)"
    " ORDER BY run.id";

static struct at_cell text_cell(const char *text)
{
    return text ? (struct at_cell){.kind = AT_CELL_TEXT, .text = text} : (struct at_cell){.kind = AT_CELL_NULL};
}

static enum at_status ask(struct at_store *store, const struct at_gate_filter *filter, const struct at_requirement *requirement,
                          struct at_table *ret_table, struct at_error *error)
{
    struct at_cell id = {
        .kind = filter->study_id ? AT_CELL_INTEGER : AT_CELL_NULL, .integer = filter->study_id, .real = (double)filter->study_id};
    struct at_bind binds[] = {{":against", text_cell(requirement->against)},
                              {":metric", text_cell(requirement->metric->name)},
                              {":study_id", id},
                              {":study", text_cell(filter->study)},
                              {":label", text_cell(filter->label)},
                              {":variant", text_cell(filter->variant)}};
    return at_store_query(store, query, binds, sizeof binds / sizeof binds[0], ret_table, error);
}

static const struct at_cell *cell(const struct at_table *table, size_t row, const char *name)
{
    return &table->cells[row * table->columns + (size_t)at_table_column(table, name)];
}

static double real_or(const struct at_cell *cell, double otherwise)
{
    return cell->kind == AT_CELL_NULL ? otherwise : cell->real;
}

static struct at_gate_row judge(const struct at_table *table, size_t i, const struct at_requirement *requirement, size_t index)
{
    struct at_gate_row row = {.run = cell(table, i, "run")->integer,
                              .study = cell(table, i, "study")->text,
                              .label = cell(table, i, "label")->text,
                              .variant = cell(table, i, "variant")->text,
                              .seed = cell(table, i, "seed")->integer,
                              .seq_q = cell(table, i, "seq_q")->integer,
                              .seq_k = cell(table, i, "seq_k")->integer,
                              .rows = cell(table, i, "rows")->integer,
                              .requirement = index,
                              .undefined_rows = cell(table, i, "undefined_rows")->integer,
                              .value = real_or(cell(table, i, "value"), NAN),
                              .radius = real_or(cell(table, i, "radius"), 0)};
    row.verdict = at_requirement_judge(requirement, row.value, row.radius);
    if (row.verdict == AT_MET && row.undefined_rows > 0 && requirement->metric->radius)
        row.verdict = AT_CANNOT_SAY;
    return row;
}

static void count_verdicts(struct at_gate_result *result)
{
    for (size_t i = 0; i < result->count; i++) {
        enum at_verdict verdict = result->rows[i].verdict;
        result->met += verdict == AT_MET;
        result->not_met += verdict == AT_NOT_MET;
        result->cannot_say += verdict == AT_CANNOT_SAY;
        result->verdict = i ? at_verdict_both(result->verdict, verdict) : verdict;
    }
}

enum at_status at_gate_evaluate(struct at_store *store, const struct at_gate_filter *filter, const struct at_requirement *requirements,
                                size_t requirement_count, struct at_gate_result *ret_result, struct at_error *error)
{
    struct at_gate_result result = {.verdict = AT_CANNOT_SAY};
    enum at_status status = AT_OK;
    if (requirement_count && !(result.tables = calloc(requirement_count, sizeof *result.tables)))
        return at_fail(error, AT_ERR_MEMORY, "gate: out of memory");
    for (size_t r = 0; r < requirement_count && !status; r++) {
        status = ask(store, filter, &requirements[r], &result.tables[r], error);
        result.table_count += !status;
    }
    size_t runs = result.table_count ? result.tables[0].rows : 0;
    for (size_t r = 1; r < result.table_count; r++) /* another process may have stored a run in between */
        runs = result.tables[r].rows < runs ? result.tables[r].rows : runs;
    if (!status && runs && !(result.rows = calloc(runs * requirement_count, sizeof *result.rows)))
        status = at_fail(error, AT_ERR_MEMORY, "gate: out of memory");
    if (status) {
        at_gate_done(&result);
        return status;
    }
    for (size_t i = 0; i < runs; i++)
        for (size_t r = 0; r < requirement_count; r++)
            result.rows[result.count++] = judge(&result.tables[r], i, &requirements[r], r);
    count_verdicts(&result);
    *ret_result = result;
    return AT_OK;
}

void at_gate_done(struct at_gate_result *result)
{
    for (size_t r = 0; r < result->table_count; r++)
        at_table_done(&result->tables[r]);
    free(result->tables);
    free(result->rows);
    *result = (struct at_gate_result){0};
}
