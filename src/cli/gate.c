/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "cli/database.h"
#include "cli/grid.h"
#include "cli/kpi.h"
#include "cli/output.h"
#include "cli/verb.h"

#include "reports/interval.h"
#include "study/gate.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Why one cannot say, and what the row does not show otherwise; "" where there is nothing to tell. */
static void explain(const struct at_gate_row *row, const struct at_requirement *requirement, bool by_interval, char ret_reason[static 192])
{
    char *at = ret_reason, *end = ret_reason + 192;
    *at = '\0';
    if (row->verdict == AT_CANNOT_SAY && !row->run)
        at += snprintf(at, (size_t)(end - at), "not run yet");
    else if (row->verdict == AT_CANNOT_SAY && isnan(row->value))
        at += snprintf(at, (size_t)(end - at), "undefined, or not measured against the %s truth", requirement->against);
    else if (row->verdict == AT_CANNOT_SAY && by_interval && isnan(row->interval.low))
        at += snprintf(at, (size_t)(end - at), "no interval can be derived: only of rel_rmse, from %d key/value heads on",
                       AT_INTERVAL_FEWEST);
    else if (row->verdict == AT_CANNOT_SAY && row->undefined_rows > 0)
        at += snprintf(at, (size_t)(end - at), "%" PRId64 " rows have no finite truth", row->undefined_rows);
    else if (row->verdict == AT_CANNOT_SAY && by_interval)
        at += snprintf(at, (size_t)(end - at), "the bound lies in the interval");
    else if (row->verdict == AT_CANNOT_SAY)
        at += snprintf(at, (size_t)(end - at), "the truth's own radius (%.2g) could turn it", row->radius);
    if (row->nan + row->infinite)
        snprintf(at, (size_t)(end - at), "%sthe input holds %" PRId64 " NaN and %" PRId64 " infinite elements", *ret_reason ? "; " : "",
                 row->nan, row->infinite);
}

static void add_integer(struct at_grid *grid, uint64_t value)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRIu64, value);
    at_grid_add(grid, text);
}

static void print_result(const struct at_gate_result *result, const struct at_requirement *requirements, bool by_interval)
{
    static const char *const headings[] = {"study",  "case", ">seed",   ">keys", "variant", "requirement",
                                           ">value", "95 %", "verdict", ">rows", "reason"};
    struct at_grid grid;
    at_grid_init(&grid, sizeof headings / sizeof headings[0], headings);
    for (size_t i = 0; i < result->count; i++) {
        const struct at_gate_row *row = &result->rows[i];
        char value[AT_NUMBER_SIZE], rows[64], low[AT_NUMBER_SIZE], high[AT_NUMBER_SIZE], interval[2 * AT_NUMBER_SIZE + 4] = "", reason[192];
        if (row->rows < 1 || row->rows >= row->seq_q)
            snprintf(rows, sizeof rows, "all %" PRId64, row->seq_q);
        else
            snprintf(rows, sizeof rows, "%" PRId64 " of %" PRId64, row->rows, row->seq_q);
        at_value_print(requirements[row->requirement].metric->name, row->value, value);
        at_number_print(row->interval.low, low);
        at_number_print(row->interval.high, high);
        if (!isnan(row->interval.low))
            snprintf(interval, sizeof interval, "%s to %s", low, high);
        explain(row, &requirements[row->requirement], by_interval, reason);
        at_grid_add(&grid, row->study);
        at_grid_add(&grid, row->name);
        if (row->capture)
            at_grid_add(&grid, AT_NO_VALUE);
        else
            add_integer(&grid, row->seed);
        add_integer(&grid, (uint64_t)row->seq_k);
        at_grid_add(&grid, row->variant);
        at_grid_add(&grid, requirements[row->requirement].text);
        at_grid_add(&grid, value);
        at_grid_add(&grid, interval);
        at_grid_add(&grid, at_verdict_name(row->verdict));
        at_grid_add(&grid, rows);
        at_grid_add(&grid, reason);
    }
    at_grid_print(&grid);
    at_grid_done(&grid);
    printf("\n%s: %zu met, %zu not met, %zu cannot say. Rows are the query rows looked at in each head: of the others nothing is said.\n",
           at_verdict_name(result->verdict), result->met, result->not_met, result->cannot_say);
    if (result->not_run)
        printf("%zu runs were asked for and are not there yet: attest run goes on where it stopped.\n", result->not_run);
    printf(by_interval ? "Judged by the 95 %% intervals over key/value heads.\n"
                       : "Judged by the values measured; --confidence 0.95 judges by the 95 %% intervals over key/value heads.\n");
}

static json_t *interval_json(const struct at_interval *interval)
{
    return isnan(interval->low) ? json_null() : json_pack("[o, o]", at_number_json(interval->low), at_number_json(interval->high));
}

static int print_json(const struct at_gate_result *result, const struct at_requirement *requirements, bool by_interval)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < result->count; i++) {
        const struct at_gate_row *row = &result->rows[i];
        const struct at_requirement *requirement = &requirements[row->requirement];
        char reason[192];
        explain(row, requirement, by_interval, reason);
        json_t *made = json_pack("{s:o, s:o, s:o, s:o, s:o}", "run", row->run ? json_integer((json_int_t)row->run) : json_null(), "study",
                                 at_text_json(row->study), "case", at_text_json(row->name), "label", at_text_json(row->label), "seed",
                                 row->capture ? json_null() : json_integer((json_int_t)row->seed));
        json_t *judged =
            json_pack("{s:I, s:I, s:I, s:o, s:s, s:s, s:s, s:o, s:o, s:o, s:I, s:I, s:I, s:s, s:s}", "seq_q", (json_int_t)row->seq_q,
                      "seq_k", (json_int_t)row->seq_k, "rows", (json_int_t)row->rows, "variant", at_text_json(row->variant), "requirement",
                      requirement->text, "metric", requirement->metric->name, "against", requirement->against, "value",
                      at_number_json(row->value), "radius", at_number_json(row->radius), "interval", interval_json(&row->interval),
                      "undefined_rows", (json_int_t)row->undefined_rows, "nan", (json_int_t)row->nan, "infinite",
                      (json_int_t)row->infinite, "verdict", at_verdict_name(row->verdict), "reason", reason);
        json_object_update(made, judged);
        json_decref(judged);
        json_array_append_new(rows, made);
    }
    return at_json_print("gate", "gate",
                         json_pack("{s:s, s:o, s:I, s:o}", "verdict", at_verdict_name(result->verdict), "confidence",
                                   by_interval ? json_real(at_interval_level) : json_null(), "not_run", (json_int_t)result->not_run,
                                   "judgements", rows));
}

/* The command line, understood. */
struct question {
    struct at_gate_filter filter;
    struct at_gate_rule rule;
    struct at_requirement *requirements;
    size_t count;
    struct at_kpi kpi; /* in place of requirements where it has some */
};

static enum at_status explain_nothing(struct at_store *store, const struct at_arguments *arguments, const struct question *q,
                                      struct at_error *error)
{
    const struct at_filter chosen = at_database_filter(arguments);
    enum at_status status = AT_ERR_NOT_FOUND;
    if (!q->filter.study_id)
        status = at_database_explain(store, at_database_path(arguments), &chosen, error);
    else
        at_fail(error, status, "%s: no study %" PRId64 " asks for that; attest show studies lists them", at_database_path(arguments),
                q->filter.study_id);
    return status;
}

static int exit_code(enum at_verdict verdict)
{
    return verdict == AT_MET ? AT_EXIT_OK : verdict == AT_NOT_MET ? AT_EXIT_NOT_MET : AT_EXIT_CANNOT;
}

static int gate(const struct at_arguments *arguments, struct at_store *store, const struct question *q)
{
    struct at_error error;
    struct at_gate_result result = {0};
    enum at_status status = at_gate_evaluate(store, &q->filter, &q->rule, q->requirements, q->count, &result, &error);
    if (!status && result.count == 0)
        status = explain_nothing(store, arguments, q, &error);
    int code = AT_EXIT_CANNOT;
    if (status) {
        at_could_not(status, &error);
    } else {
        code = exit_code(result.verdict);
        if (!at_argument_given(arguments, "json"))
            print_result(&result, q->requirements, q->rule.by_interval);
        else if (print_json(&result, q->requirements, q->rule.by_interval) != AT_EXIT_OK)
            code = AT_EXIT_CANNOT;
    }
    at_gate_done(&result);
    return code;
}

static int gate_kpi(const struct at_arguments *arguments, struct at_store *store, const struct question *q)
{
    struct at_error error;
    struct at_kpi_result result = {0};
    enum at_status status = at_kpi_evaluate(store, &q->kpi, &q->filter, &result, &error);
    if (!status && result.count == 0)
        status = explain_nothing(store, arguments, q, &error);
    int code = AT_EXIT_CANNOT;
    if (status) {
        at_could_not(status, &error);
    } else {
        code = exit_code(result.verdict);
        if (!at_argument_given(arguments, "json"))
            at_kpi_print(&q->kpi, &result);
        else if (at_json_print("kpi", "kpi", at_kpi_json(&q->kpi, &result)) != AT_EXIT_OK)
            code = AT_EXIT_CANNOT;
    }
    at_kpi_result_done(&result);
    return code;
}

/* Intervals have one level everywhere. */
static enum at_status read_confidence(const struct at_arguments *arguments, bool *ret_by_interval, struct at_error *error)
{
    const char *text = at_argument(arguments, "confidence", 0);
    char *end;
    if (text && (strtod(text, &end) < at_interval_level || strtod(text, &end) > at_interval_level || end == text || *end))
        return at_fail(error, AT_ERR_ARGUMENT, "option '--confidence': '%s' is not %g, the level of every interval of attest", text,
                       at_interval_level);
    *ret_by_interval = text != NULL;
    return AT_OK;
}

/* Requirements from the command line or from a KPI, not from both. */
static enum at_status read_terms(const struct at_arguments *arguments, struct question *q, struct at_error *error)
{
    const char *text = at_argument(arguments, "require", 0), *kpi = at_argument(arguments, "kpi", 0);
    if (kpi && text)
        return at_fail(error, AT_ERR_ARGUMENT, "--kpi and --require both say what to judge by; give one");
    if (kpi && at_argument_given(arguments, "confidence"))
        return at_fail(error, AT_ERR_ARGUMENT, "--confidence: a KPI file holds its own");
    if (!kpi && !text)
        return at_fail(error, AT_ERR_ARGUMENT,
                       "nothing to judge by: give --kpi, as in --kpi production, or --require 'rel_rmse<=0.05,nonfinite==0'");
    return kpi ? at_kpi_read(kpi, &q->kpi, error) : at_requirements_parse(text, &q->requirements, &q->count, error);
}

/* The caller frees ret_question->requirements and kpi. */
static enum at_status read_question(const struct at_arguments *arguments, struct question *ret_question, struct at_error *error)
{
    const struct at_filter chosen = at_database_filter(arguments);
    struct question q = {.filter = {.study = chosen.study,
                                    .label = chosen.label,
                                    .variant = chosen.variant,
                                    .db = at_argument(arguments, "db", 0)},
                         .rule = {.interval = at_interval_rel_rmse}};
    enum at_status status = at_words_at_most(arguments, 0, error);
    if (!status)
        status = at_argument_integer(arguments, "study-id", 1, INT64_MAX, 0, &q.filter.study_id, error);
    if (!status)
        status = read_confidence(arguments, &q.rule.by_interval, error);
    if (!status)
        status = read_terms(arguments, &q, error);
    if (!status)
        *ret_question = q;
    return status;
}

static int run(const struct at_arguments *arguments)
{
    struct at_error error;
    struct question question;
    if (read_question(arguments, &question, &error))
        return at_misused("gate", &error);
    struct at_store *store;
    enum at_status status = at_store_open(at_database_path(arguments), AT_STORE_READ, &store, &error);
    int code = AT_EXIT_CANNOT;
    if (status)
        at_could_not(status, &error);
    else
        code = question.kpi.requirement_count ? gate_kpi(arguments, store, &question) : gate(arguments, store, &question);
    if (!status)
        at_store_close(store);
    free(question.requirements);
    at_kpi_done(&question.kpi);
    return code;
}

static const struct at_option options[] = {
    {.name = "kpi", .value = "FILE", .help = "a KPI file, or the name of a ready-made one (attest list kpis)"},
    {.name = "require", .value = "LIST", .help = "requirements parted by commas: [original.|dequantised.]metric RELATION number"},
    {.name = "confidence", .value = "0.95", .help = "judge by the 95 % interval, not by the value measured"},
    AT_OPTION_DB,
    AT_OPTION_STUDY,
    {.name = "study-id", .value = "N", .help = "only that study (attest show studies), also an older text of its name"},
    AT_OPTION_CASE,
    AT_OPTION_VARIANT,
    {0},
};

const struct at_verb at_verb_gate = {
    .name = "gate",
    .summary = "judges the results by requirements and tells the shell",
    .usage = "  attest gate --kpi FILE|NAME [--study NAME] [--study-id N] [--case LABEL] [--variant NAME] [--db FILE] [--json]\n"
             "  attest gate --require LIST [--confidence 0.95] [--study NAME] [--study-id N] [--case LABEL] [--variant NAME]\n"
             "              [--db FILE] [--json]\n",
    .help = "A KPI file (YAML, docs/kpi.md) holds requirements on metrics, as a value, a mean, a share of heads or a worst row or head,\n"
            "alone or as a multiple of another variant's, figures of a readout, inputs that must pass, and the speed that must be\n"
            "gained. Each variant is judged by all of it. With 'looks: any' a share of heads may be judged after every head.\n"
            "\nWith --require, a requirement is a metric (attest list metrics), one of <= < >= > ==, and a number. It is judged\n"
            "on every case and variant that the studies ask for; a run that was asked for and is not there yet is 'cannot say'.\n"
            "'dequantised.rel_rmse' is the kernel's own part of the error; without a prefix, or with 'original.', the whole.\n"
            "\nWhat is judged is the value measured over the query rows looked at, within the radius that the oracle certifies: a fact\n"
            "about these rows. Beside the relative RMSE stands its 95 % interval over heads: where it would lie for other heads of\n"
            "the kind. --confidence 0.95 judges by it: met if all of the interval meets the requirement, not met if all of it\n"
            "misses, else cannot say; where there is no interval (another metric, fewer than 12 key/value heads), cannot say.\n"
            "\nNaN never passes. An undefined metric, a missing measurement, rows without a finite truth and a value that the truth's\n"
            "own radius could carry across the bound are 'cannot say', never 'met'.\n",
    .examples = "  attest gate --kpi production --variant fp8-hadamard\n"
                "  attest gate --require 'rel_rmse<=0.05,nonfinite==0'\n"
                "  attest gate --require 'dequantised.rel_rmse<=0.001' --variant fa3-fp8\n"
                "  attest gate --require 'rel_rmse<=0.05' --confidence 0.95\n"
                "  attest gate --require 'cosine_min>=0.999' --case gpt-layer0 --json\n",
    .options = options,
    .run = run,
};
