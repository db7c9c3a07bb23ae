/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "cli/database.h"
#include "cli/grid.h"
#include "cli/output.h"
#include "cli/verb.h"

#include "study/gate.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Why one cannot say; "" where one can. */
static void explain(const struct at_gate_row *row, const struct at_requirement *requirement, char *ret_reason, size_t size)
{
    *ret_reason = '\0';
    if (row->verdict != AT_CANNOT_SAY)
        return;
    if (isnan(row->value))
        snprintf(ret_reason, size, "undefined, or not measured against the %s truth", requirement->against);
    else if (row->undefined_rows > 0)
        snprintf(ret_reason, size, "%" PRId64 " rows have no finite truth", row->undefined_rows);
    else
        snprintf(ret_reason, size, "the truth's own radius (%.2g) could turn it", row->radius);
}

static void print_result(const struct at_gate_result *result, const struct at_requirement *requirements)
{
    static const char *const headings[] = {"study",       "case",   ">seed",   ">keys", "variant",
                                           "requirement", ">value", "verdict", ">rows", "reason"};
    struct at_grid grid;
    at_grid_init(&grid, sizeof headings / sizeof headings[0], headings);
    for (size_t i = 0; i < result->count; i++) {
        const struct at_gate_row *row = &result->rows[i];
        char rows[64], reason[96];
        if (row->rows < 1 || row->rows >= row->seq_q)
            snprintf(rows, sizeof rows, "all %" PRId64, row->seq_q);
        else
            snprintf(rows, sizeof rows, "%" PRId64 " of %" PRId64, row->rows, row->seq_q);
        explain(row, &requirements[row->requirement], reason, sizeof reason);
        at_grid_add(&grid, row->study);
        at_grid_add(&grid, row->label);
        at_grid_number(&grid, (double)row->seed);
        at_grid_number(&grid, (double)row->seq_k);
        at_grid_add(&grid, row->variant);
        at_grid_add(&grid, requirements[row->requirement].text);
        at_grid_number(&grid, row->value);
        at_grid_add(&grid, at_verdict_name(row->verdict));
        at_grid_add(&grid, rows);
        at_grid_add(&grid, reason);
    }
    at_grid_print(&grid);
    at_grid_done(&grid);
    printf("\n%s: %zu met, %zu not met, %zu cannot say. Rows are the query rows looked at in each head: of the others nothing is said.\n",
           at_verdict_name(result->verdict), result->met, result->not_met, result->cannot_say);
}

static int print_json(const struct at_gate_result *result, const struct at_requirement *requirements)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < result->count; i++) {
        const struct at_gate_row *row = &result->rows[i];
        const struct at_requirement *requirement = &requirements[row->requirement];
        char reason[96];
        explain(row, requirement, reason, sizeof reason);
        json_t *made =
            json_pack("{s:I, s:o, s:o, s:I, s:I, s:I, s:I, s:o, s:s, s:s, s:s, s:o, s:o, s:I, s:s, s:s}", "run", (json_int_t)row->run,
                      "study", at_text_json(row->study), "case", at_text_json(row->label), "seed", (json_int_t)row->seed, "seq_q",
                      (json_int_t)row->seq_q, "seq_k", (json_int_t)row->seq_k, "rows", (json_int_t)row->rows, "variant",
                      at_text_json(row->variant), "requirement", requirement->text, "metric", requirement->metric->name, "against",
                      requirement->against, "value", at_number_json(row->value), "radius", at_number_json(row->radius), "undefined_rows",
                      (json_int_t)row->undefined_rows, "verdict", at_verdict_name(row->verdict), "reason", reason);
        json_array_append_new(rows, made);
    }
    return at_json_print("gate", "gate", json_pack("{s:s, s:o}", "verdict", at_verdict_name(result->verdict), "judgements", rows));
}

static int gate(const struct at_arguments *arguments, struct at_store *store, const struct at_requirement *requirements, size_t count)
{
    struct at_error error;
    const struct at_filter chosen = at_database_filter(arguments);
    const struct at_gate_filter filter = {.study = chosen.study, .label = chosen.label, .variant = chosen.variant};
    struct at_gate_result result = {0};
    enum at_status status = at_gate_evaluate(store, &filter, requirements, count, &result, &error);
    if (!status && result.count == 0)
        status = at_database_explain(store, at_database_path(arguments), &chosen, &error);
    int code = AT_EXIT_CANNOT;
    if (status) {
        at_could_not(status, &error);
    } else {
        code = result.verdict == AT_MET ? AT_EXIT_OK : result.verdict == AT_NOT_MET ? AT_EXIT_NOT_MET : AT_EXIT_CANNOT;
        if (!at_argument_given(arguments, "json"))
            print_result(&result, requirements);
        else if (print_json(&result, requirements) != AT_EXIT_OK)
            code = AT_EXIT_CANNOT;
    }
    at_gate_done(&result);
    return code;
}

static int run(const struct at_arguments *arguments)
{
    struct at_error error;
    struct at_requirement *requirements;
    size_t count;
    const char *text = at_argument(arguments, "require", 0);
    if (at_words_at_most(arguments, 0, &error))
        return at_misused("gate", &error);
    if (!text) {
        at_fail(&error, AT_ERR_ARGUMENT, "nothing to judge by: give --require, as in --require 'rel_rmse<=0.05,nonfinite==0'");
        return at_misused("gate", &error);
    }
    if (at_requirements_parse(text, &requirements, &count, &error))
        return at_misused("gate", &error);
    struct at_store *store;
    enum at_status status = at_store_open(at_database_path(arguments), AT_STORE_READ, &store, &error);
    int code = AT_EXIT_CANNOT;
    if (status)
        at_could_not(status, &error);
    else
        code = gate(arguments, store, requirements, count);
    if (!status)
        at_store_close(store);
    free(requirements);
    return code;
}

static const struct at_option options[] = {
    {.name = "require", .value = "LIST", .help = "requirements parted by commas: [original.|dequantised.]metric RELATION number"},
    AT_OPTION_DB,
    AT_OPTION_STUDY,
    AT_OPTION_CASE,
    AT_OPTION_VARIANT,
    {0},
};

const struct at_verb at_verb_gate = {
    .name = "gate",
    .summary = "judges the results by requirements and tells the shell",
    .usage = "  attest gate --require LIST [--study NAME] [--case LABEL] [--variant NAME] [--db FILE] [--json]\n",
    .help = "A requirement is a metric (attest list metrics), one of <= < >= > ==, and a number. It is judged on every case and\n"
            "variant. 'dequantised.rel_rmse' is the kernel's own part of the error; without a prefix, or with 'original.', the whole.\n"
            "\nNaN never passes. An undefined metric, a missing measurement, rows without a finite truth and a value that the truth's\n"
            "own radius could carry across the bound are 'cannot say', never 'met'. Only the query rows looked at are judged.\n",
    .examples = "  attest gate --require 'rel_rmse<=0.05,nonfinite==0'\n"
                "  attest gate --require 'dequantised.rel_rmse<=0.001' --variant fa3-fp8\n"
                "  attest gate --require 'cosine_min>=0.999' --case gpt-layer0 --json\n",
    .options = options,
    .run = run,
};
