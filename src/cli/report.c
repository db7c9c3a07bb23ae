/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "cli/database.h"
#include "cli/output.h"
#include "cli/verb.h"

#include "reports/report.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* --format, else what the file's name ends with, else html. An ending that no report has would be a wrong promise. */
static enum at_status choose(const struct at_arguments *arguments, const char *path, const struct at_report **ret_report,
                             struct at_error *error)
{
    const char *name = at_argument(arguments, "format", 0), *slash = strrchr(path, '/'), *file = slash ? slash + 1 : path;
    const char *dot = *file ? strrchr(file + 1, '.') : NULL;
    if (strcmp(path, "-") == 0 && at_argument_given(arguments, "json"))
        return at_fail(error, AT_ERR_ARGUMENT, "--json and -o - both ask for standard output; give -o a file");
    if (name || !dot)
        return at_report_find(name ? name : "html", ret_report, error);
    char ending[16];
    size_t length = 0;
    for (; dot[length + 1] && length < sizeof ending - 1; length++)
        ending[length] = (char)tolower((unsigned char)dot[length + 1]);
    ending[length] = '\0';
    if (at_report_find(strcmp(ending, "htm") == 0 ? "html" : ending, ret_report, NULL) == AT_OK)
        return AT_OK;
    return at_fail(error, AT_ERR_ARGUMENT,
                   "option '--output': '%s' ends with '%s', which no report does (attest list reports); name it "
                   ".html or .csv, or say what it is with --format",
                   path, dot);
}

/* The whole document on standard output; at_finish tells what could not be written. */
static enum at_status print(const struct at_report *report, struct at_store *store, const struct at_filter *filter, struct at_error *error)
{
    struct at_buffer text = {0};
    enum at_status status = report->compose(store, filter, &text, error);
    if (!status && text.failed)
        status = at_fail(error, AT_ERR_MEMORY, "no memory for the report");
    if (!status)
        fwrite(text.text, 1, text.length, stdout);
    at_buffer_done(&text);
    return status;
}

static int run(const struct at_arguments *arguments)
{
    struct at_error error;
    const struct at_report *report;
    const char *path = at_argument(arguments, "output", 0), *db = at_database_path(arguments);
    path = path ? path : "report.html";
    bool to_stdout = strcmp(path, "-") == 0;
    if (at_words_at_most(arguments, 0, &error) || choose(arguments, path, &report, &error))
        return at_misused("report", &error);
    struct at_store *store;
    enum at_status status = at_store_open(db, AT_STORE_READ, &store, &error);
    if (status)
        return at_could_not(status, &error);
    struct at_filter filter = at_database_filter(arguments);
    struct at_table cases = {0}, speeds = {0}, budgets = {0};
    status = at_query_run(store, "cases", &filter, &cases, &error);
    if (!status && strcmp(report->name, "html") == 0)
        status = at_query_run(store, "bench", &filter, &speeds, &error);
    if (!status && strcmp(report->name, "html") == 0)
        status = at_query_run(store, "budgets", &filter, &budgets, &error);
    if (!status && cases.rows == 0 && speeds.rows == 0 && budgets.rows == 0)
        status = at_database_explain(store, db, &filter, &error);
    if (!status)
        status = to_stdout ? print(report, store, &filter, &error) : at_report_save(report, store, &filter, path, &error);
    int code = AT_EXIT_OK;
    if (status)
        code = at_could_not(status, &error);
    else if (at_argument_given(arguments, "json"))
        code = at_json_print(
            "report", "report",
            json_pack("{s:o, s:s, s:I}", "path", at_text_json(path), "format", report->name, "cases", (json_int_t)cases.rows));
    else if (!to_stdout && strncmp(path, "/dev/", 5) != 0)
        at_say(stdout, "%s: %zu case%s%s%s", path, cases.rows, cases.rows == 1 ? "" : "s", speeds.rows ? ", and speeds" : "",
               budgets.rows ? ", and error budgets" : "");
    at_table_done(&cases);
    at_table_done(&speeds);
    at_table_done(&budgets);
    at_store_close(store);
    return code;
}

static const struct at_option options[] = {
    {.name = "output", .letter = 'o', .value = "FILE", .help = "where to write, - for standard output (default report.html)"},
    {.name = "format", .value = "NAME", .help = "html or csv (default: as FILE ends; html where it has no ending)"},
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
