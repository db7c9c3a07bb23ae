/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/gate.h"

#include "study/case_name.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Of runs that several studies ask for, and of plans of one name for the same run to come, one stands for all. */
static const char query[] =
    "WITH asked_for AS ("
    " SELECT plan.*, description.label AS label, description.seed AS seed, description.seq_q AS seq_q, description.seq_k AS seq_k,"
    "  description.heads_q / description.heads_kv AS group_size, description.source = 'capture' AS capture,"
    "  description.spelling AS spelling, description.format AS format, description.batch AS batch, description.heads_q AS heads_q,"
    "  description.heads_kv AS heads_kv, description.dim AS dim, description.causal AS causal,"
    "  variant.name AS variant_name"
    " FROM plan JOIN description ON description.id = plan.description JOIN variant ON variant.id = plan.variant"
    " WHERE CASE WHEN :study_id IS NULL THEN plan.counts ELSE plan.study = :study_id END AND (:study IS NULL OR plan.name = :study)"
    "  AND (:label IS NULL OR description.label = :label) AND (:variant IS NULL OR variant.name = :variant)),"
    "question AS ("
    " SELECT *, row_number() OVER (PARTITION BY CASE WHEN run IS NULL THEN name || '/' || description || '/' || copy ELSE input END,"
    "  run IS NULL, variant, rows, rows_seed ORDER BY run DESC, planned) AS place"
    " FROM asked_for)"
    " SELECT question.planned AS planned, question.run AS run, question.name AS study, question.label AS label,"
    "  question.variant_name AS variant, question.seed AS seed, question.seq_q AS seq_q, question.seq_k AS seq_k, question.rows AS rows,"
    "  question.group_size AS group_size, question.capture AS capture, question.rows_seed AS rows_seed, question.input AS input,"
    "  question.spelling AS spelling, question.format AS format, question.batch AS batch, question.heads_q AS heads_q,"
    "  question.heads_kv AS heads_kv, question.dim AS dim, question.causal AS causal,"
    "  input.nan AS nan, input.infinite AS infinite, reference.against AS against, reference.undefined_rows AS undefined_rows,"
    "  measure.scope AS scope, measure.metric AS metric, measure.value AS value, measure.radius AS radius"
    " FROM question LEFT JOIN input ON input.id = question.input LEFT JOIN reference ON reference.run = question.run"
    " LEFT JOIN measure ON measure.reference = reference.id AND measure.scope IN ('case', 'head')"
    "  AND (measure.scope = 'case' OR measure.metric IN ('rmse', 'rel_rmse'))"
    " WHERE question.place = 1"
    " ORDER BY question.planned, reference.against, measure.scope, measure.batch, measure.head";

static struct at_cell text_cell(const char *text)
{
    return text ? (struct at_cell){.kind = AT_CELL_TEXT, .text = text} : (struct at_cell){.kind = AT_CELL_NULL};
}

static enum at_status ask(struct at_store *store, const struct at_gate_filter *filter, struct at_table *ret_table, struct at_error *error)
{
    struct at_cell id = {
        .kind = filter->study_id ? AT_CELL_INTEGER : AT_CELL_NULL, .integer = filter->study_id, .real = (double)filter->study_id};
    struct at_bind binds[] = {{":study_id", id},
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

static bool is(const struct at_table *table, size_t i, const char *column, const char *text)
{
    const struct at_cell *c = cell(table, i, column);
    return c->kind == AT_CELL_TEXT && strcmp(c->text, text) == 0;
}

/* Rows [from, to) of the table are all that is stored of one planned run. */
struct span {
    const struct at_table *table;
    size_t from, to;
    double *rmse, *rel_rmse; /* room for the heads of one reference */
};

/* Value, radius and rows without truth of the requirement's metric; what is not stored stays NaN. */
static void find_value(const struct span *s, const struct at_requirement *requirement, struct at_gate_row *row)
{
    for (size_t i = s->from; i < s->to; i++) {
        if (!is(s->table, i, "against", requirement->against))
            continue;
        row->undefined_rows = cell(s->table, i, "undefined_rows")->integer;
        if (is(s->table, i, "scope", "case") && is(s->table, i, "metric", requirement->metric->name)) {
            row->value = real_or(cell(s->table, i, "value"), NAN);
            row->radius = real_or(cell(s->table, i, "radius"), 0);
        }
    }
}

static void find_interval(const struct span *s, const struct at_gate_rule *rule, const struct at_requirement *requirement,
                          struct at_gate_row *row)
{
    size_t heads = 0, rel_heads = 0;
    struct at_interval interval;
    size_t group = (size_t)cell(s->table, s->from, "group_size")->integer;
    if (!rule->interval || strcmp(requirement->metric->name, "rel_rmse") != 0)
        return;
    for (size_t i = s->from; i < s->to; i++) {
        if (!is(s->table, i, "against", requirement->against) || !is(s->table, i, "scope", "head"))
            continue;
        double value = real_or(cell(s->table, i, "value"), NAN);
        if (is(s->table, i, "metric", "rmse"))
            s->rmse[heads++] = value;
        else
            s->rel_rmse[rel_heads++] = value;
    }
    if (heads == rel_heads && rule->interval(s->rmse, s->rel_rmse, heads, group, row->value, &interval) == AT_OK)
        row->interval = interval;
}

static enum at_verdict judge_row(const struct at_gate_row *row, const struct at_gate_rule *rule, const struct at_requirement *requirement)
{
    if (!row->run)
        return AT_CANNOT_SAY;
    enum at_verdict verdict = at_requirement_judge(requirement, row->value, row->radius);
    if (rule->by_interval)
        verdict = at_requirement_judge_between(requirement, nextafter(row->interval.low - row->radius, -INFINITY),
                                               nextafter(row->interval.high + row->radius, INFINITY));
    return verdict == AT_MET && row->undefined_rows > 0 && requirement->metric->radius ? AT_CANNOT_SAY : verdict;
}

static struct at_gate_row judge(const struct span *s, const struct at_gate_rule *rule, const struct at_requirement *requirement,
                                size_t index)
{
    const struct at_table *t = s->table;
    struct at_gate_row row = {.run = cell(t, s->from, "run")->integer,
                              .study = cell(t, s->from, "study")->text,
                              .label = cell(t, s->from, "label")->text,
                              .variant = cell(t, s->from, "variant")->text,
                              .capture = cell(t, s->from, "capture")->integer != 0,
                              .seed = (uint64_t)cell(t, s->from, "seed")->integer,
                              .seq_q = cell(t, s->from, "seq_q")->integer,
                              .seq_k = cell(t, s->from, "seq_k")->integer,
                              .rows = cell(t, s->from, "rows")->integer,
                              .nan = cell(t, s->from, "nan")->integer,
                              .infinite = cell(t, s->from, "infinite")->integer,
                              .requirement = index,
                              .value = NAN,
                              .interval = {NAN, NAN}};
    find_value(s, requirement, &row);
    find_interval(s, rule, requirement, &row);
    row.verdict = judge_row(&row, rule, requirement);
    return row;
}

static size_t end_of_run(const struct at_table *table, size_t from)
{
    size_t to = from + 1;
    while (to < table->rows && cell(table, to, "planned")->integer == cell(table, from, "planned")->integer)
        to++;
    return to;
}

static struct at_case_facts facts_of(const struct at_table *t, size_t i)
{
    return (struct at_case_facts){.label = cell(t, i, "label")->text,
                                  .spelling = cell(t, i, "spelling")->text,
                                  .format = cell(t, i, "format")->text,
                                  .problem = {.batch = cell(t, i, "batch")->integer,
                                              .heads_q = cell(t, i, "heads_q")->integer,
                                              .heads_kv = cell(t, i, "heads_kv")->integer,
                                              .seq_q = cell(t, i, "seq_q")->integer,
                                              .seq_k = cell(t, i, "seq_k")->integer,
                                              .dim = cell(t, i, "dim")->integer,
                                              .causal = cell(t, i, "causal")->integer != 0},
                                  .seed = (uint64_t)cell(t, i, "seed")->integer,
                                  .rows = cell(t, i, "rows")->integer,
                                  .rows_seed = (uint64_t)cell(t, i, "rows_seed")->integer,
                                  .input = cell(t, i, "input")->integer};
}

/* Names of the runs, each judged by `each` requirements. */
static enum at_status name_rows(struct at_gate_result *result, size_t runs, size_t each, struct at_error *error)
{
    struct at_case_facts *facts = calloc(runs + 1, sizeof *facts);
    if (!facts)
        return at_fail(error, AT_ERR_MEMORY, "gate: out of memory for %zu runs", runs);
    for (size_t i = 0, run = 0; i < result->table.rows; i = end_of_run(&result->table, i))
        facts[run++] = facts_of(&result->table, i);
    enum at_status status = at_case_names(facts, runs, false, &result->names, error);
    free(facts);
    result->name_count = status ? 0 : runs;
    for (size_t i = 0; i < result->count && !status; i++)
        result->rows[i].name = result->names[i / each];
    return status;
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

enum at_status at_gate_evaluate(struct at_store *store, const struct at_gate_filter *filter, const struct at_gate_rule *rule,
                                const struct at_requirement *requirements, size_t requirement_count, struct at_gate_result *ret_result,
                                struct at_error *error)
{
    struct at_gate_result result = {.verdict = AT_CANNOT_SAY};
    enum at_status status = ask(store, filter, &result.table, error);
    if (status)
        return status;
    size_t runs = 0, rows = result.table.rows;
    for (size_t i = 0; i < rows; i = end_of_run(&result.table, i))
        runs++;
    result.rows = calloc(runs * requirement_count + 1, sizeof *result.rows);
    double *room = calloc(2 * rows + 1, sizeof *room);
    if (!result.rows || !room) {
        free(room);
        at_gate_done(&result);
        return at_fail(error, AT_ERR_MEMORY, "gate: out of memory for %zu runs", runs);
    }
    struct span s = {.table = &result.table, .rmse = room, .rel_rmse = room + rows};
    for (; s.from < rows; s.from = s.to) {
        s.to = end_of_run(&result.table, s.from);
        for (size_t r = 0; r < requirement_count; r++)
            result.rows[result.count++] = judge(&s, rule, &requirements[r], r);
        result.not_run += cell(&result.table, s.from, "run")->kind == AT_CELL_NULL;
    }
    free(room);
    count_verdicts(&result);
    status = name_rows(&result, runs, requirement_count, error);
    if (status)
        at_gate_done(&result);
    else
        *ret_result = result;
    return status;
}

void at_gate_done(struct at_gate_result *result)
{
    at_table_done(&result->table);
    free(result->rows);
    at_case_names_done(result->names, result->name_count);
    *result = (struct at_gate_result){0};
}
