/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "cli/database.h"
#include "cli/output.h"
#include "cli/verb.h"

#include "reports/report.h"

#include <stdio.h>
#include <string.h>

/* --format, else what the file's name ends with, else html. */
static enum at_status choose(const struct at_arguments *arguments, const char *path, const struct at_report **ret_report,
                             struct at_error *error)
{
    const char *name = at_argument(arguments, "format", 0), *dot = strrchr(path, '.');
    if (name)
        return at_report_find(name, ret_report, error);
    if (dot && at_report_find(dot + 1, ret_report, NULL) == AT_OK)
        return AT_OK;
    return at_report_find("html", ret_report, error);
}

static int run(const struct at_arguments *arguments)
{
    struct at_error error;
    const struct at_report *report;
    const char *path = at_argument(arguments, "output", 0), *db = at_database_path(arguments);
    path = path ? path : "report.html";
    if (at_words_at_most(arguments, 0, &error) || choose(arguments, path, &report, &error))
        return at_misused("report", &error);
    struct at_store *store;
    enum at_status status = at_store_open(db, AT_STORE_READ, &store, &error);
    if (status)
        return at_could_not(status, &error);
    struct at_filter filter = at_database_filter(arguments);
    struct at_table cases = {0};
    status = at_query_run(store, "cases", &filter, &cases, &error);
    if (!status && cases.rows == 0)
        status = at_database_explain(store, db, &filter, &error);
    if (!status)
        status = at_report_save(report, store, &filter, path, &error);
    int code = AT_EXIT_OK;
    if (status)
        code = at_could_not(status, &error);
    else if (at_argument_given(arguments, "json"))
        code = at_json_print("report", "report",
                             json_pack("{s:s, s:s, s:I}", "path", path, "format", report->name, "cases", (json_int_t)cases.rows));
    else if (strncmp(path, "/dev/", 5) != 0)
        printf("%s: %zu case%s\n", path, cases.rows, cases.rows == 1 ? "" : "s");
    at_table_done(&cases);
    at_store_close(store);
    return code;
}

static const struct at_option options[] = {
    {.name = "output", .letter = 'o', .value = "FILE", .help = "where to write (default report.html)"},
    {.name = "format", .value = "NAME", .help = "html or csv (default: as FILE ends, else html)"},
    AT_OPTION_DB,
    AT_OPTION_STUDY,
    AT_OPTION_CASE,
    AT_OPTION_VARIANT,
    {0},
};

const struct at_verb at_verb_report = {
    .name = "report",
    .summary = "one self-contained page: summary, tables, plots, provenance",
    .usage = "  attest report [-o FILE] [--format html|csv] [--study NAME] [--case LABEL] [--variant NAME] [--db FILE] [--json]\n",
    .help = "html needs gnuplot for its plots. The page refers to nothing outside itself. It is written whole or not at all: a report\n"
            "that fails leaves FILE as it was. csv holds every measure of every case with all digits.\n",
    .examples = "  attest report -o report.html\n"
                "  attest report -o table3.html --study table3\n"
                "  attest report -o results.csv\n",
    .options = options,
    .run = run,
};
