/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "cli/database.h"
#include "cli/grid.h"
#include "cli/output.h"
#include "cli/statistics.h"
#include "cli/verb.h"

#include "core/name.h"
#include "metrics/metric.h"

#include <stdio.h>
#include <string.h>

static const char *const tables[] = {"results", "cases", "variants",   "runs",   "references",
                                     "studies", "heads", "statistics", "probes", "differences"};
enum { TABLES = sizeof tables / sizeof tables[0] };

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
        status =
            at_fail(error, AT_ERR_ARGUMENT,
                    "table '%s' is unknown%s; there are results, cases, variants, runs, references, studies, heads, statistics, probes "
                    "and differences",
                    table, at_name_hint(table, tables, TABLES, hint));
    }
    if (!status && metric)
        status = at_metric_find(metric, &found, error);
    if (!status && against && strcmp(against, "original") != 0 && strcmp(against, "dequantised") != 0)
        status = at_fail(error, AT_ERR_ARGUMENT, "option '--against': '%s' is neither original nor dequantised", against);
    if (!status && (metric || against) && strcmp(table, "results") != 0 && strcmp(table, "heads") != 0 && strcmp(table, "statistics") != 0)
        status = at_fail(error, AT_ERR_ARGUMENT,
                         "options --metric and --against belong to the tables results, heads and statistics, not to %s", table);
    static const char *const choices[] = {"study", "case", "variant"};
    for (size_t c = 0; !status && strcmp(table, "probes") == 0 && c < sizeof choices / sizeof choices[0]; c++)
        if (at_argument_given(arguments, choices[c]))
            status = at_fail(error, AT_ERR_ARGUMENT, "option '--%s': probes belong to no study; attest show probes shows all", choices[c]);
    return status;
}

static int show_table(struct at_store *store, const char *path, const char *name, const struct at_filter *filter, bool json)
{
    struct at_error error;
    struct at_table table = {0};
    int code = AT_EXIT_OK;
    enum at_status status = at_query_run(store, name, filter, &table, &error);
    if (!status && table.rows == 0 && strcmp(name, "probes") == 0)
        status = at_fail(&error, AT_ERR_UNDEFINED, "%s: holds no probe of a GPU yet: attest doctor --probe stores some", path);
    else if (!status && table.rows == 0 && strcmp(name, "differences") != 0)
        status = at_database_explain(store, path, filter, &error);
    if (status)
        code = at_could_not(status, &error);
    else if (json)
        code = at_json_print(name, name, at_table_json(&table));
    else if (table.rows == 0)
        at_say(stdout, "%s: no kernel gave other bits than the twin in what was asked about.", path);
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
    int code = strcmp(name, "statistics") == 0 ? show_statistics(store, path, &filter, json) : show_table(store, path, name, &filter, json);
    at_store_close(store);
    return code;
}

static const struct at_option options[] = {
    AT_OPTION_DB,
    AT_OPTION_STUDY,
    AT_OPTION_CASE,
    AT_OPTION_VARIANT,
    {.name = "metric", .value = "NAME", .help = "results, heads: only that metric; statistics: of that metric (default rel_rmse)"},
    {.name = "against",
     .value = "REFERENCE",
     .help = "original (the whole error; statistics: the default) or dequantised (the kernel's part)"},
    {0},
};

const struct at_verb at_verb_show = {
    .name = "show",
    .summary = "tables of what the database holds",
    .usage = "  attest show [results|cases|variants|runs|references|studies|heads|statistics|probes|differences]\n"
             "              [OPTIONS]\n",
    .help = "results     every metric of every case and variant (the default)\n"
            "cases       the inputs: problem, seed, digest, NaN and infinities in them\n"
            "variants    the numerics in full\n"
            "runs        what computed them, when, and the digests of operands and outputs\n"
            "references  the truths they were measured against, with precision and radius\n"
            "studies     what was asked\n"
            "heads       every metric of every head\n"
            "statistics  one metric over the query rows of all heads and seeds of each case: mean, median, 95 % quantile, worst row;\n"
            "            for rmse and rel_rmse the value over all outputs too; with intervals from drawing heads\n"
            "probes      what attest doctor --probe found, the newest last\n"
            "differences kernels on GPUs that gave other bits than the twin (attest run --device cuda): of these no run is stored\n"
            "\nOf one case, variant and set of rows only the newest run is shown. A dash is an undefined value; it is never 0.\n"
            "Digests are shortened to 12 digits; --json has them in full, and numbers with all digits.\n",
    .examples = "  attest show\n"
                "  attest show results --metric rel_rmse --against original\n"
                "  attest show heads --case gpt-layer0 --variant fa3-fp8 --metric rel_rmse\n"
                "  attest show statistics --metric rmse --case iid-outlier\n"
                "  attest show runs --json\n",
    .options = options,
    .run = run,
};
