/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "cli/bench_table.h"
#include "cli/comparison.h"
#include "cli/database.h"
#include "cli/grid.h"
#include "cli/output.h"
#include "cli/readout.h"
#include "cli/statements.h"
#include "cli/statistics.h"
#include "cli/verb.h"

#include "core/name.h"
#include "metrics/metric.h"
#include "reports/csv.h"

#include <stdio.h>
#include <string.h>

static const char *const tables[] = {"results",     "cases",      "variants",   "runs",       "references", "studies",
                                     "heads",       "statistics", "statements", "comparison", "readout",    "probes",
                                     "differences", "bench",      "ceilings",   "budgets",    "advice"};
enum { TABLES = sizeof tables / sizeof tables[0] };

/* Tables of what no study asks for take no choice of studies. */
static enum at_status check_choices(const struct at_arguments *arguments, const char *table, struct at_error *error)
{
    static const struct {
        const char *table, *things, *option;
    } refused[] = {{"probes", "probes", "study"},    {"probes", "probes", "case"},        {"probes", "probes", "variant"},
                   {"bench", "speeds", "study"},     {"bench", "speeds", "case"},         {"ceilings", "ceilings", "study"},
                   {"ceilings", "ceilings", "case"}, {"ceilings", "ceilings", "variant"}, {"budgets", "budgets", "study"},
                   {"advice", "changes", "study"}};
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        if (strcmp(refused[i].table, table) == 0 && at_argument_given(arguments, refused[i].option))
            return at_fail(error, AT_ERR_ARGUMENT, "option '--%s': %s belong to no study; attest show %s shows all", refused[i].option,
                           refused[i].things, table);
    struct at_statement_question question;
    if (at_statements_ask(arguments, table, &question, error))
        return AT_ERR_ARGUMENT;
    bool statements = strcmp(table, "statements") == 0;
    bool derived = statements || strcmp(table, "statistics") == 0 || strcmp(table, "readout") == 0 || strcmp(table, "comparison") == 0;
    if (at_argument_given(arguments, "csv") && (at_argument_given(arguments, "json") || derived))
        return at_fail(error, AT_ERR_ARGUMENT, "option '--csv': %s%s%s",
                       derived ? "the table " : "--json asks for another form; give one of them", derived ? table : "",
                       derived ? " has no such form; take --json" : "");
    return AT_OK;
}

static enum at_status check(const struct at_arguments *arguments, const char *table, struct at_error *error)
{
    const char *metric = at_argument(arguments, "metric", 0), *against = at_argument(arguments, "against", 0);
    const struct at_metric *found;
    size_t i = 0;
    enum at_status status = at_words_at_most(arguments, 1, error);
    while (i < TABLES && strcmp(tables[i], table) != 0)
        i++;
    if (!status && i == TABLES) {
        char hint[AT_NAME_HINT_SIZE];
        status = at_fail(
            error, AT_ERR_ARGUMENT,
            "table '%s' is unknown%s; there are results, cases, variants, runs, references, studies, heads, statistics, statements, "
            "comparison, readout, probes, differences, bench, ceilings, budgets and advice",
            table, at_name_hint(table, tables, TABLES, hint));
    }
    if (!status && metric)
        status = at_metric_find(metric, &found, error);
    if (!status && against && strcmp(against, "original") != 0 && strcmp(against, "dequantised") != 0)
        status = at_fail(error, AT_ERR_ARGUMENT, "option '--against': '%s' is neither original nor dequantised", against);
    if (!status && metric && (strcmp(table, "readout") == 0 || strcmp(table, "comparison") == 0))
        status = at_fail(error, AT_ERR_ARGUMENT, "option '--metric': the table %s has its own; leave it out", table);
    if (!status && strcmp(table, "comparison") == 0 && !at_argument_given(arguments, "variant"))
        status = at_fail(error, AT_ERR_ARGUMENT, "comparison with what? --variant NAME is the one that the others stand beside");
    if (!status && (metric || against) && strcmp(table, "results") != 0 && strcmp(table, "heads") != 0 &&
        strcmp(table, "statistics") != 0 && strcmp(table, "statements") != 0 && strcmp(table, "readout") != 0 &&
        strcmp(table, "comparison") != 0)
        status = at_fail(error, AT_ERR_ARGUMENT,
                         "options --metric and --against belong to the tables results, heads, statistics and statements, not to %s", table);
    return status ? status : check_choices(arguments, table, error);
}

/* A table without rows: why, and what makes some. */
static enum at_status explain(struct at_store *store, const char *path, const char *name, const struct at_filter *filter,
                              struct at_error *error)
{
    if (strcmp(name, "probes") == 0)
        return at_fail(error, AT_ERR_UNDEFINED, "%s: holds no probe of a GPU yet: attest doctor --probe stores some", path);
    if (strcmp(name, "bench") == 0 && filter->variant)
        return at_fail(error, AT_ERR_UNDEFINED, "%s: holds no speed of variant '%s'; attest show bench shows all", path, filter->variant);
    if (strcmp(name, "budgets") == 0 || strcmp(name, "advice") == 0)
        return at_fail(error, AT_ERR_UNDEFINED, "%s: holds no error budget%s%s: attest explain stores some", path,
                       strcmp(name, "advice") == 0 ? " with advice" : "",
                       filter->label || filter->variant ? " of what was asked about" : " yet");
    if (strcmp(name, "bench") == 0 || strcmp(name, "ceilings") == 0)
        return at_fail(error, AT_ERR_UNDEFINED, "%s: holds no measurement of speed yet: attest bench stores some", path);
    return at_database_explain(store, path, filter, error);
}

static int print_csv(const struct at_table *table)
{
    struct at_error error;
    struct at_buffer text = {0};
    at_csv_add(&text, table);
    if (!text.failed)
        fwrite(text.text, 1, text.length, stdout);
    int code = text.failed ? at_could_not(at_fail(&error, AT_ERR_MEMORY, "no memory for the table"), &error) : AT_EXIT_OK;
    at_buffer_done(&text);
    return code;
}

static int print_bench(struct at_store *store, const struct at_filter *filter)
{
    struct at_error error;
    struct at_bench_tables both;
    enum at_status status = at_bench_tables_load(store, filter, &both, &error);
    if (!status)
        at_bench_tables_print(&both);
    at_bench_tables_done(&both);
    return status ? at_could_not(status, &error) : AT_EXIT_OK;
}

static int show_table(const struct at_arguments *arguments, struct at_store *store, const char *name, const struct at_filter *filter)
{
    struct at_error error;
    struct at_table table = {0};
    int code = AT_EXIT_OK;
    enum at_status status = at_query_run(store, name, filter, &table, &error);
    if (!status && table.rows == 0 && strcmp(name, "differences") != 0)
        status = explain(store, at_database_path(arguments), name, filter, &error);
    if (status)
        code = at_could_not(status, &error);
    else if (at_argument_given(arguments, "json"))
        code = at_json_print(name, name, at_table_json(&table));
    else if (at_argument_given(arguments, "csv"))
        code = print_csv(&table);
    else if (table.rows == 0)
        at_say(stdout, "%s: no kernel gave other bits than the twin in what was asked about.", at_database_path(arguments));
    else if (strcmp(name, "bench") == 0)
        code = print_bench(store, filter);
    else
        at_table_print(&table);
    at_table_done(&table);
    return code;
}

static int show_statistics(struct at_store *store, const char *path, const struct at_filter *filter, bool json)
{
    struct at_error error;
    struct at_shown_statistics statistics = {0};
    int code = AT_EXIT_OK;
    enum at_status status = at_statistics_load(store, filter, &statistics, &error);
    if (!status && statistics.pools.count == 0)
        status = at_database_explain(store, path, filter, &error);
    if (status)
        code = at_could_not(status, &error);
    else if (json)
        code = at_json_print("statistics", "statistics", at_statistics_json(&statistics));
    else
        at_statistics_print(&statistics);
    at_statistics_done(&statistics);
    return code;
}

static int show_readout(struct at_store *store, const char *path, const struct at_filter *filter, bool json)
{
    struct at_error error;
    struct at_readouts readouts = {.count = 0};
    struct at_filter of = *filter;
    int code = AT_EXIT_OK;
    of.against = filter->against ? filter->against : json ? NULL : "original";
    enum at_status status = at_readouts_load(store, &of, &readouts, &error);
    if (!status && readouts.pools.count == 0)
        status = at_database_explain(store, path, filter, &error);
    else if (!status && readouts.count == 0)
        status = at_fail(&error, AT_ERR_UNDEFINED, "%s: no run looked at was read out: attest run ... --readout FILE does it", path);
    if (status)
        code = at_could_not(status, &error);
    else if (json)
        code = at_json_print("readout", "readout", at_readouts_json(&readouts));
    else
        at_readouts_print(&readouts);
    at_readouts_done(&readouts);
    return code;
}

/* The variant of --variant is the baseline. */
static int show_comparison(struct at_store *store, const char *path, const struct at_filter *filter, bool json)
{
    struct at_error error;
    struct at_comparisons comparisons = {.count = 0};
    int code = AT_EXIT_OK;
    enum at_status status = at_comparisons_load(store, filter, filter->variant, &comparisons, &error);
    if (!status && comparisons.pools.count == 0)
        status = at_database_explain(store, path, filter, &error);
    else if (!status && comparisons.count == 0)
        status = at_fail(&error, AT_ERR_UNDEFINED, "%s: nothing was run beside '%s' on one input", path, filter->variant);
    if (status)
        code = at_could_not(status, &error);
    else if (json)
        code = at_json_print("comparison", "comparison", at_comparisons_json(&comparisons, filter->variant));
    else
        at_comparisons_print(&comparisons, filter->variant);
    at_comparisons_done(&comparisons);
    return code;
}

static int run(const struct at_arguments *arguments)
{
    struct at_error error;
    const char *name = at_word(arguments, 0), *path = at_database_path(arguments);
    name = name ? name : "results";
    if (check(arguments, name, &error))
        return at_misused("show", &error);
    struct at_store *store;
    enum at_status status = at_store_open(path, AT_STORE_READ, &store, &error);
    if (status)
        return at_could_not(status, &error);
    struct at_filter filter = at_database_filter(arguments);
    filter.metric = at_argument(arguments, "metric", 0);
    filter.against = at_argument(arguments, "against", 0);
    bool json = at_argument_given(arguments, "json");
    int code = strcmp(name, "statistics") == 0   ? show_statistics(store, path, &filter, json)
               : strcmp(name, "statements") == 0 ? at_statements_show(arguments, store, &filter)
               : strcmp(name, "readout") == 0    ? show_readout(store, path, &filter, json)
               : strcmp(name, "comparison") == 0 ? show_comparison(store, path, &filter, json)
                                                 : show_table(arguments, store, name, &filter);
    at_store_close(store);
    return code;
}

static const struct at_option options[] = {
    AT_OPTION_DB,
    AT_OPTION_STUDY,
    AT_OPTION_CASE,
    AT_OPTION_VARIANT,
    {.name = "metric",
     .value = "NAME",
     .help = "results, heads: only that metric; statistics, statements: of that metric (default rel_rmse)"},
    {.name = "against",
     .value = "REFERENCE",
     .help = "original (the whole error; statistics, statements, readout: the default) or dequantised (the kernel's part)"},
    AT_OPTIONS_STATEMENTS,
    {.name = "csv", .help = "comma-separated values with all digits, a line a row"},
    {0},
};

const struct at_verb at_verb_show = {
    .name = "show",
    .summary = "tables of what the database holds",
    .usage = "  attest show [results|cases|variants|runs|references|studies|heads|statistics|statements|comparison|readout|\n"
             "              probes|differences|bench|ceilings|budgets|advice] [OPTIONS]\n",
    .help = "results     every metric of every case and variant (the default)\n"
            "cases       the inputs: problem, seed, digest, NaN and infinities in them\n"
            "variants    the numerics in full\n"
            "runs        what computed them, when, and the digests of operands and outputs\n"
            "references  the truths they were measured against, with precision and radius\n"
            "studies     what was asked\n"
            "heads       every metric of every head\n"
            "statistics  one metric over the query rows of all heads and seeds of each case: mean, median, 95 % quantile, worst row;\n"
            "            for rmse and rel_rmse the value over all outputs too; with intervals from drawing heads\n"
            "statements  what the heads say of others from the same source: a bound of all heads but a share, intervals of median and\n"
            "            mean, and the level that 1 head in N exceeds if a tail fits; one sentence each, with its confidence\n"
            "comparison  every variant beside that of --variant on the same heads: error ratio with its interval, signed rank test,\n"
            "            p values adjusted for all that is shown (Holm)\n"
            "readout     of runs with --readout: KL divergence of the distributions over tokens, and how often the top token stays\n"
            "probes      what attest doctor --probe found, the newest last\n"
            "differences kernels on GPUs that gave other bits than the twin (attest run --device cuda): of these no run is stored\n"
            "bench       what attest bench measured: of one variant and shape on one GPU the newest\n"
            "ceilings    what the GPU did at best meanwhile: matrix products and copies, first, last, least, most\n"
            "budgets     the share of each rounding in an error, as attest explain found it (docs/budget.md)\n"
            "advice      changes of the numerics that it measured for the leading roundings\n"
            "\nOf one case, variant and set of rows only the newest run is shown. A dash is an undefined value; it is never 0.\n"
            "Digests are shortened to 12 digits; --json has them in full, and numbers with all digits.\n",
    .examples = "  attest show\n"
                "  attest show results --metric rel_rmse --against original\n"
                "  attest show heads --case gpt-layer0 --variant fa3-fp8 --metric rel_rmse\n"
                "  attest show statistics --metric rmse --case iid-outlier\n"
                "  attest show statements --metric max_abs --share 0.99\n"
                "  attest show comparison --variant fa3-fp8\n"
                "  attest show runs --json\n"
                "  attest show readout --case gpt-layer0\n"
                "  attest show bench --csv > speed.csv\n",
    .options = options,
    .run = run,
};
