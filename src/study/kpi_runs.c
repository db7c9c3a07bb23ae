/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/kpi_facts.h"

#include "study/case_name.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Of a capture its input in the study's text: the n-th of that file and label, as each makes one case, planned in their order (two may
 * differ in the tensors that they take, which a description does not hold).
 */
#define DESCRIBED \
    "CASE WHEN pooled.source = 'capture' THEN (" \
    " SELECT of_name.value FROM (" \
    "  SELECT each.value AS value, row_number() OVER (ORDER BY each.key) - 1 AS place" \
    "  FROM study, json_each(CASE WHEN json_valid(study.text) THEN study.text ELSE '{}' END, '$.inputs') AS each" \
    "  WHERE study.id = pooled.study_id AND json_extract(each.value, '$.capture') = pooled.spelling" \
    "   AND json_extract(each.value, '$.label') = pooled.label) AS of_name" \
    " WHERE of_name.place = (" \
    "  SELECT count(DISTINCT earlier.description || '/' || earlier.copy) FROM planned AS earlier" \
    "  JOIN description ON description.id = earlier.description" \
    "  WHERE earlier.study = pooled.study_id AND earlier.id < pooled.planned AND description.source = 'capture'" \
    "   AND description.label = pooled.label AND description.spelling = pooled.spelling" \
    "   AND (earlier.description <> pooled.of_description OR earlier.copy <> pooled.copy))) END AS described"

#define ALIKE "label, source, spelling, format, batch, heads_q, heads_kv, seq_q, seq_k, dim, causal, scale, rows, rows_seed"

/* As in study/gate.c: of runs that several studies ask for one stands for all, one that the filter chooses before others. */
static const char query[] =
    "WITH asked_for AS ("
    " SELECT plan.planned, plan.run, plan.study AS study_id, plan.name, plan.description AS of_description, plan.copy,"
    "  plan.variant AS variant_id, plan.rows, plan.rows_seed, plan.input AS input_id, plan.oracle, description.*, variant.name AS variant,"
    "  (:study_id IS NULL OR plan.study = :study_id) AND (:study IS NULL OR plan.name = :study)"
    "  AND (:label IS NULL OR description.label = :label) AND (:variant IS NULL OR variant.name = :variant) AS chosen"
    " FROM plan JOIN description ON description.id = plan.description JOIN variant ON variant.id = plan.variant"
    " WHERE plan.counts OR plan.study = :study_id),"
    "placed AS ("
    " SELECT *, row_number() OVER (PARTITION BY CASE WHEN run IS NULL THEN name || '/' || of_description || '/' || copy ELSE input_id END,"
    "  run IS NULL, variant_id, rows, rows_seed ORDER BY chosen DESC, run DESC, planned) AS place"
    " FROM asked_for),"
    "pooled AS ("
    " SELECT *, min(planned) OVER (PARTITION BY " ALIKE ", CASE WHEN source = 'capture' THEN ifnull(input_id, -copy) END) AS pool"
    " FROM placed WHERE place = 1)"
    " SELECT pooled.*, pooled.source = 'capture' AS capture, input.sha256 AS digest, ifnull(input.nan, 0) AS nan,"
    "  ifnull(input.infinite, 0) AS infinite, " DESCRIBED
    " FROM pooled LEFT JOIN input ON input.id = pooled.input_id"
    " ORDER BY pooled.pool, min(planned) OVER (PARTITION BY pool, variant_id), planned";

static struct at_cell text_cell(const char *text)
{
    return text ? (struct at_cell){.kind = AT_CELL_TEXT, .text = text} : (struct at_cell){.kind = AT_CELL_NULL};
}

static const struct at_cell *cell(const struct at_table *table, size_t row, const char *name)
{
    return &table->cells[row * table->columns + (size_t)at_table_column(table, name)];
}

static int64_t integer(const struct at_table *table, size_t row, const char *name)
{
    return cell(table, row, name)->integer;
}

static struct at_kpi_run read_run(const struct at_table *t, size_t i)
{
    return (struct at_kpi_run){
        .id = integer(t, i, "run"),
        .pool = integer(t, i, "pool"),
        .chosen = integer(t, i, "chosen") != 0,
        .capture = integer(t, i, "capture") != 0,
        .study = cell(t, i, "name")->text,
        .label = cell(t, i, "label")->text,
        .variant = cell(t, i, "variant")->text,
        .spelling = cell(t, i, "spelling")->text,
        .format = cell(t, i, "format")->text,
        .oracle = cell(t, i, "oracle")->text,
        .digest = cell(t, i, "digest")->text,
        .described = cell(t, i, "described")->text,
        .seed = (uint64_t)integer(t, i, "seed"),
        .rows_seed = (uint64_t)integer(t, i, "rows_seed"),
        .problem = {integer(t, i, "batch"), integer(t, i, "heads_q"), integer(t, i, "heads_kv"), integer(t, i, "seq_q"),
                    integer(t, i, "seq_k"), integer(t, i, "dim"), integer(t, i, "causal") != 0, cell(t, i, "scale")->real},
        .rows = integer(t, i, "rows"),
        .nan = (double)integer(t, i, "nan"),
        .infinite = (double)integer(t, i, "infinite"),
    };
}

static enum at_status name_runs(struct at_kpi_runs *runs, struct at_error *error)
{
    size_t chosen = 0, named = 0;
    struct at_case_facts *facts = calloc(runs->count + 1, sizeof *facts);
    if (!facts)
        return at_fail(error, AT_ERR_MEMORY, "KPI: out of memory for %zu runs", runs->count);
    for (size_t i = 0; i < runs->count; i++) {
        const struct at_kpi_run *r = &runs->rows[i];
        int64_t input = r->capture ? integer(&runs->table, i, "input_id") : 0;
        if (r->chosen)
            facts[chosen++] = (struct at_case_facts){r->label, r->spelling, r->format, r->problem, r->seed, r->rows, r->rows_seed, input};
    }
    enum at_status status = at_case_names(facts, chosen, true, &runs->names, error);
    free(facts);
    runs->name_count = status ? 0 : chosen;
    for (size_t i = 0; i < runs->count && !status; i++)
        runs->rows[i].name = runs->rows[i].chosen ? runs->names[named++] : NULL;
    return status;
}

enum at_status at_kpi_runs_load(struct at_store *store, const struct at_gate_filter *filter, struct at_kpi_runs *ret_runs,
                                struct at_error *error)
{
    struct at_kpi_runs runs = {0};
    struct at_cell id = {
        .kind = filter->study_id ? AT_CELL_INTEGER : AT_CELL_NULL, .integer = filter->study_id, .real = (double)filter->study_id};
    struct at_bind binds[] = {{":study_id", id},
                              {":study", text_cell(filter->study)},
                              {":label", text_cell(filter->label)},
                              {":variant", text_cell(filter->variant)}};
    enum at_status status = at_store_query(store, query, binds, sizeof binds / sizeof binds[0], &runs.table, error);
    if (status)
        return status;
    runs.rows = calloc(runs.table.rows + 1, sizeof *runs.rows);
    if (!runs.rows) {
        at_kpi_runs_done(&runs);
        return at_fail(error, AT_ERR_MEMORY, "KPI: out of memory for %zu runs", runs.table.rows);
    }
    for (; runs.count < runs.table.rows; runs.count++)
        runs.rows[runs.count] = read_run(&runs.table, runs.count);
    status = name_runs(&runs, error);
    if (status)
        at_kpi_runs_done(&runs);
    else
        *ret_runs = runs;
    return status;
}

void at_kpi_runs_done(struct at_kpi_runs *runs)
{
    at_table_done(&runs->table);
    free(runs->rows);
    at_case_names_done(runs->names, runs->name_count);
    *runs = (struct at_kpi_runs){0};
}

size_t at_kpi_runs_next(const struct at_kpi_runs *runs, size_t from)
{
    const struct at_kpi_run *first = &runs->rows[from];
    size_t to = from + 1;
    while (to < runs->count && runs->rows[to].pool == first->pool && strcmp(runs->rows[to].variant, first->variant) == 0)
        to++;
    return to;
}

const struct at_kpi_run *at_kpi_runs_baseline(const struct at_kpi_runs *runs, const struct at_kpi_run *run, const char *variant)
{
    const struct at_problem *p = &run->problem;
    for (size_t i = 0; i < runs->count && run->digest; i++) {
        const struct at_kpi_run *other = &runs->rows[i];
        const struct at_problem *q = &other->problem;
        if (other->id && other->digest && strcmp(other->variant, variant) == 0 && strcmp(other->digest, run->digest) == 0 &&
            p->batch == q->batch && p->heads_q == q->heads_q && p->heads_kv == q->heads_kv && p->seq_q == q->seq_q &&
            p->seq_k == q->seq_k && p->dim == q->dim && p->causal == q->causal && !(p->scale != q->scale) && other->rows == run->rows &&
            other->rows_seed == run->rows_seed && strcmp(other->oracle, run->oracle) == 0)
            return other;
    }
    return NULL;
}

char *at_kpi_runs_list(const struct at_kpi_runs *runs)
{
    enum { NUMBER_SIZE = 22 };
    size_t used = 1, room = runs->count * NUMBER_SIZE + 3;
    char *text = malloc(room);
    if (!text)
        return NULL;
    strcpy(text, "[");
    for (size_t i = 0; i < runs->count; i++)
        if (runs->rows[i].id)
            used += (size_t)snprintf(text + used, room - used, "%s%" PRId64, used > 1 ? "," : "", runs->rows[i].id);
    strcpy(text + used, "]");
    return text;
}

enum at_status at_kpi_runs_query(const struct at_kpi_runs *runs, struct at_store *store, const char *sql, const struct at_bind *binds,
                                 size_t count, struct at_table *ret_table, struct at_error *error)
{
    struct at_bind all[AT_KPI_QUERY_BINDS + 1];
    if (count > AT_KPI_QUERY_BINDS)
        return at_fail(error, AT_ERR_ARGUMENT, "KPI: a query with %zu parameters", count);
    char *list = at_kpi_runs_list(runs);
    if (!list)
        return at_fail(error, AT_ERR_MEMORY, "KPI: out of memory for %zu runs", runs->count);
    memcpy(all, binds, count * sizeof *binds);
    all[count] = (struct at_bind){":runs", {.kind = AT_CELL_TEXT, .text = list}};
    enum at_status status = at_store_query(store, sql, all, count + 1, ret_table, error);
    free(list);
    return status;
}

bool at_kpi_in_scope(const struct at_kpi_scope *scope, const struct at_kpi_run *run)
{
    size_t length = strcspn(run->spelling, ":"), i = 0;
    const char *wanted = scope->distribution;
    if (wanted && (run->capture || (strchr(wanted, ':') ? strcmp(wanted, run->spelling) != 0
                                                        : strlen(wanted) != length || strncmp(wanted, run->spelling, length) != 0)))
        return false;
    while (i < scope->dim_count && scope->dims[i] != run->problem.dim)
        i++;
    if (scope->dim_count && i == scope->dim_count)
        return false;
    return (!scope->label || strcmp(scope->label, run->label) == 0) && run->problem.seq_k >= scope->from &&
           run->problem.seq_k <= scope->to && (scope->causal < 0 || scope->causal == (int)run->problem.causal);
}
