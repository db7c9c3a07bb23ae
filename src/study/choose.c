/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/choose.h"

#include "core/random.h"
#include "study/case_name.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/*
 * Every run, superseded ones too, and those whose input, variant or study is gone: what was deleted must not hide them. What a study asks
 * for is found by what it planned and what its inputs were found to be.
 */
static const char query[] =
    "SELECT run.id AS run, run.input AS input_id, study.name AS study, study.text AS study_text, run.rows AS rows,"
    " run.rows_seed AS rows_seed, run.operands_sha256 AS operands_sha256, run.output_sha256 AS output_sha256, run.created AS created,"
    " input.source AS source, input.spelling AS spelling, input.label AS label, input.format AS format, input.seed AS seed,"
    " input.batch AS batch, input.heads_q AS heads_q, input.heads_kv AS heads_kv, input.seq_q AS seq_q, input.seq_k AS seq_k,"
    " input.dim AS dim, input.causal AS causal, input.scale AS scale, input.sha256 AS input_sha256,"
    " variant.name AS variant, variant.numerics AS numerics, device.kind AS device_kind, device.name AS device,"
    " device.details AS device_details, build.sha256 AS build_sha256, build.version AS version, build.revision AS revision,"
    " run.kernel AS kernel, (SELECT count(*) FROM run) AS stored"
    " FROM run LEFT JOIN study ON study.id = run.study LEFT JOIN input ON input.id = run.input"
    " LEFT JOIN variant ON variant.id = run.variant LEFT JOIN device ON device.id = run.device LEFT JOIN build ON build.id = run.build"
    " WHERE (:label IS NULL OR input.label = :label) AND (:variant IS NULL OR variant.name = :variant)"
    "  AND (:study IS NULL OR study.name = :study OR EXISTS ("
    "   SELECT 1 FROM planned JOIN study AS asking ON asking.id = planned.study AND asking.name = :study"
    "   JOIN found ON found.description = planned.description AND found.copy = planned.copy AND found.input = run.input"
    "   JOIN study AS finding ON finding.id = found.study AND finding.name = :study"
    "   WHERE planned.variant = run.variant AND planned.rows = run.rows AND planned.rows_seed = run.rows_seed"
    "    AND planned.oracle = run.oracle))"
    " ORDER BY run.input, run.id";

static struct at_cell text_cell(const char *text)
{
    return text ? (struct at_cell){.kind = AT_CELL_TEXT, .text = text} : (struct at_cell){.kind = AT_CELL_NULL};
}

static const struct at_cell *cell(const struct at_table *table, size_t row, const char *name)
{
    return &table->cells[row * table->columns + (size_t)at_table_column(table, name)];
}

/* "" where something else than text is stored: SQLite lets anything into a column. */
static const char *text_of(const struct at_table *table, size_t row, const char *name)
{
    const struct at_cell *found = cell(table, row, name);
    return found->kind == AT_CELL_TEXT ? found->text : "";
}

static int64_t integer_of(const struct at_table *table, size_t row, const char *name)
{
    const struct at_cell *found = cell(table, row, name);
    return found->kind == AT_CELL_INTEGER ? found->integer : 0;
}

static struct at_input_fact input_of(const struct at_table *t, size_t i)
{
    const struct at_cell *scale = cell(t, i, "scale");
    return (struct at_input_fact){.source = text_of(t, i, "source"),
                                  .spelling = text_of(t, i, "spelling"),
                                  .label = text_of(t, i, "label"),
                                  .format = text_of(t, i, "format"),
                                  .seed = (uint64_t)integer_of(t, i, "seed"),
                                  .problem = {.batch = integer_of(t, i, "batch"),
                                              .heads_q = integer_of(t, i, "heads_q"),
                                              .heads_kv = integer_of(t, i, "heads_kv"),
                                              .seq_q = integer_of(t, i, "seq_q"),
                                              .seq_k = integer_of(t, i, "seq_k"),
                                              .dim = integer_of(t, i, "dim"),
                                              .causal = integer_of(t, i, "causal") != 0,
                                              .scale = scale->kind == AT_CELL_REAL || scale->kind == AT_CELL_INTEGER ? scale->real : -1},
                                  .input_sha256 = text_of(t, i, "input_sha256")};
}

static struct at_chosen_run run_of(const struct at_table *t, size_t i)
{
    struct at_chosen_run run = {.input_id = integer_of(t, i, "input_id"),
                                .input = input_of(t, i),
                                .study_text = text_of(t, i, "study_text"),
                                .numerics = text_of(t, i, "numerics")};
    run.row = (struct at_verify_row){
        .run = integer_of(t, i, "run"),
        .study = text_of(t, i, "study"),
        .label = run.input.label,
        .variant = text_of(t, i, "variant"),
        .created = text_of(t, i, "created"),
        .device_kind = text_of(t, i, "device_kind"),
        .device = text_of(t, i, "device"),
        .device_details = text_of(t, i, "device_details"),
        .build_sha256 = text_of(t, i, "build_sha256"),
        .version = text_of(t, i, "version"),
        .revision = text_of(t, i, "revision"),
        .kernel = text_of(t, i, "kernel"),
        .capture = strcmp(run.input.source, "capture") == 0,
        .seed = run.input.seed,
        .seq_q = run.input.problem.seq_q,
        .seq_k = run.input.problem.seq_k,
        .rows = integer_of(t, i, "rows"),
        .rows_seed = (uint64_t)integer_of(t, i, "rows_seed"),
        .stored = {run.input.input_sha256, text_of(t, i, "operands_sha256"), text_of(t, i, "output_sha256")},
    };
    return run;
}

/*
 * Nanoseconds of one core, measured to within a factor of two: only the progress shown depends on them. An element is drawn in 30 or read
 * in 5, hashed and prepared in 25; a query row takes 2 x dim multiply-adds for each key it sees at 4 in a nanosecond.
 */
static void estimate(struct at_chosen_run *run, bool first)
{
    const struct at_problem *p = &run->input.problem;
    double batch = (double)p->batch, dim = (double)p->dim, keys = (double)p->seq_k * (p->causal ? 0.5 : 1);
    double elements = batch * dim * ((double)p->heads_q * (double)p->seq_q + 2 * (double)p->heads_kv * (double)p->seq_k);
    run->input_work = first ? elements * (run->row.capture ? 5 : 30) : 0;
    run->attend_work = elements * 25 + batch * (double)p->heads_q * (double)run->row.rows * keys * dim * 2 / 4;
}

/* What decides whether a run is drawn: the runs with the smallest draws are. */
struct draw {
    uint64_t bits;
    size_t index;
};

static int by_bits(const void *a, const void *b)
{
    const struct draw *x = a, *y = b;
    return x->bits != y->bits ? (x->bits > y->bits) - (x->bits < y->bits) : (x->index > y->index) - (x->index < y->index);
}

/* Clears wanted[i] of all but question->sample runs. */
static enum at_status draw_sample(const struct at_table *table, const struct at_verify_question *question, bool *wanted,
                                  struct at_error *error)
{
    const struct at_random key = {question->sample_seed, 0};
    struct draw *draws = calloc(table->rows + 1, sizeof *draws);
    size_t count = 0;
    if (!draws)
        return at_fail(error, AT_ERR_MEMORY, "verify: out of memory for %zu runs", table->rows);
    for (size_t i = 0; i < table->rows; i++)
        if (wanted[i])
            draws[count++] = (struct draw){at_random_bits(key, (uint64_t)integer_of(table, i, "run")), i};
    qsort(draws, count, sizeof *draws, by_bits);
    for (size_t i = (size_t)question->sample; i < count; i++)
        wanted[draws[i].index] = false;
    free(draws);
    return AT_OK;
}

/* Sets wanted[i] of the runs asked for by their numbers, or of all. */
static enum at_status want(const struct at_table *table, const struct at_verify_question *question, bool *wanted, struct at_error *error)
{
    for (size_t i = 0; i < table->rows && !question->run_count; i++)
        wanted[i] = true;
    for (size_t r = 0; r < question->run_count; r++) {
        bool there = false;
        for (size_t i = 0; i < table->rows; i++)
            if (integer_of(table, i, "run") == question->runs[r])
                wanted[i] = there = true;
        if (!there)
            return at_fail(error, AT_ERR_NOT_FOUND, "there is no run %" PRId64 " (attest show runs)", question->runs[r]);
    }
    return AT_OK;
}

static enum at_status choose(struct at_chosen *chosen, const struct at_verify_question *question, bool *wanted, struct at_error *error)
{
    const struct at_table *table = &chosen->table;
    enum at_status status = want(table, question, wanted, error);
    for (size_t i = 0; i < table->rows; i++)
        chosen->matching += wanted[i];
    if (!status && question->sample)
        status = draw_sample(table, question, wanted, error);
    for (size_t i = 0; i < table->rows && !status; i++) {
        if (!wanted[i])
            continue;
        struct at_chosen_run *run = &chosen->runs[chosen->count];
        *run = run_of(table, i);
        estimate(run, chosen->count == 0 || run[-1].input_id != run->input_id);
        chosen->count++;
    }
    return status;
}

static enum at_status name_runs(struct at_chosen *chosen, struct at_error *error)
{
    struct at_case_facts *facts = calloc(chosen->count + 1, sizeof *facts);
    if (!facts)
        return at_fail(error, AT_ERR_MEMORY, "verify: out of memory for %zu runs", chosen->count);
    for (size_t i = 0; i < chosen->count; i++) {
        const struct at_chosen_run *run = &chosen->runs[i];
        const struct at_input_fact *input = &run->input;
        facts[i] = (struct at_case_facts){input->label,  input->spelling, input->format,      input->problem,
                                          input->seed, run->row.rows,   run->row.rows_seed, run->input_id};
    }
    enum at_status status = at_case_names(facts, chosen->count, false, &chosen->names, error);
    for (size_t i = 0; i < chosen->count && !status; i++)
        chosen->runs[i].row.name = chosen->names[i];
    free(facts);
    return status;
}

enum at_status at_choose_runs(struct at_store *store, const struct at_verify_question *question, struct at_chosen *ret_chosen,
                              struct at_error *error)
{
    struct at_chosen chosen = {0};
    const struct at_bind binds[] = {
        {":study", text_cell(question->study)}, {":label", text_cell(question->label)}, {":variant", text_cell(question->variant)}};
    enum at_status status = at_store_query(store, query, binds, sizeof binds / sizeof binds[0], &chosen.table, error);
    if (status)
        return status;
    chosen.stored = chosen.table.rows ? (size_t)integer_of(&chosen.table, 0, "stored") : 0;
    chosen.runs = calloc(chosen.table.rows + 1, sizeof *chosen.runs);
    bool *wanted = calloc(chosen.table.rows + 1, sizeof *wanted);
    status = chosen.runs && wanted ? choose(&chosen, question, wanted, error)
                                   : at_fail(error, AT_ERR_MEMORY, "verify: out of memory for %zu runs", chosen.table.rows);
    free(wanted);
    if (!status)
        status = name_runs(&chosen, error);
    if (status) {
        free(chosen.runs);
        at_table_done(&chosen.table);
    } else {
        *ret_chosen = chosen;
    }
    return status;
}
