/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "cli/budget_table.h"
#include "cli/compute.h"
#include "cli/database.h"
#include "cli/output.h"
#include "cli/request.h"
#include "cli/terminal.h"
#include "cli/verb.h"

#include "study/account_keep.h"

#include <stdlib.h>
#include <string.h>

static const struct at_option options[] = {
    {.name = "input", .value = "FILE", .help = "a safetensors file with Q, K and V", .repeats = true},
    {.name = "distribution", .value = "SPEC", .help = "generated inputs, NAME or NAME:PARAMETER=VALUE,...", .repeats = true},
    {.name = "variants", .value = "A,B", .help = "what to explain; with a study file in place of its variants", .repeats = true},
    {.name = "variant", .value = "SPEC", .help = "one more, NAME or BASE:FIELD=VALUE,...", .repeats = true},
    {.name = "case", .value = "LABEL", .help = "a study file: only its inputs of that label"},
    {.name = "metric", .value = "NAME", .help = "rel_rmse (default: shares of its square), max_rel_sum_abs, bias or lse_error"},
    {.name = "no-advice", .help = "leaves out the changes that are measured for the leading roundings"},
    {.name = "rows", .value = "N", .help = "query rows looked at in each head, or all (default 64)"},
    AT_OPTION_ROWS_SEED,
    {.name = "oracle", .value = "NAME", .help = "the source of the truth: auto (default) or a name"},
    AT_OPTIONS_MASK,
    AT_OPTIONS_CAPTURE,
    AT_OPTIONS_GENERATED,
    {.name = "seeds", .value = "1,2,3", .help = "--distribution: one case each (default 1)"},
    AT_OPTION_DB,
    AT_OPTION_SIMD,
    AT_OPTION_THREADS,
    {0},
};

struct command {
    struct at_compute compute;
    struct at_study study;
    enum at_deviation_metric metric;
};

/* Options that describe inputs have no place beside a study file. */
static enum at_status check_beside_file(const struct at_arguments *a, struct at_error *error)
{
    static const char *const allowed[] = {"variants", "variant", "case", "metric", "no-advice", "db", "simd", "threads", "json", "help"};
    return at_options_beside_file(a, allowed, sizeof allowed / sizeof allowed[0], error);
}

/* Status of the command line alone. */
static enum at_status read_command(const struct at_arguments *a, struct command *c, struct at_error *error)
{
    enum at_status status = at_words_at_most(a, 1, error);
    if (!status)
        status = at_compute_read(a, &c->compute, error);
    if (!status)
        status = at_deviation_find(at_argument(a, "metric", 0), &c->metric, error);
    if (status)
        return status;
    if (at_word(a, 0)) {
        status = check_beside_file(a, error);
        return status ? status : at_request_variants(a, &c->study, error);
    }
    if (at_argument_given(a, "case"))
        return at_fail(error, AT_ERR_ARGUMENT, "option '--case' belongs to a study file, which is not given");
    if (!at_argument_given(a, "input") && !at_argument_given(a, "distribution"))
        return at_fail(error, AT_ERR_ARGUMENT, "explain what? a study file, --input FILE or --distribution SPEC");
    return at_request_read(a, false, &c->study, error);
}

/* The study of the file; the variants that were named stand in the place of its own. */
static enum at_status read_file(const char *path, struct command *c, struct at_error *error)
{
    struct at_study read;
    enum at_status status = at_study_read(path, &read, error);
    if (status)
        return status;
    if (c->study.variant_count) {
        free(read.variants);
        read.variants = c->study.variants;
        read.variant_count = c->study.variant_count;
    }
    c->study = read;
    return AT_OK;
}

struct shown {
    json_t *accounts; /* NULL: a table for each */
    struct at_terminal *terminal;
    const char *db;
    enum at_simd simd;
    struct at_store *store; /* NULL before all is known to be computable */
    struct at_account_keeper keeper;
};

static enum at_status open_store(void *context, struct at_error *error)
{
    struct shown *shown = context;
    enum at_status status = at_store_open(shown->db, AT_STORE_WRITE, &shown->store, error);
    return status ? status : at_account_keeper_init(&shown->keeper, shown->store, shown->simd, error);
}

static enum at_status show(void *context, const struct at_account *account, struct at_error *error)
{
    struct shown *shown = context;
    enum at_status status = at_account_keep(&shown->keeper, account, error);
    if (status)
        return status;
    at_terminal_done(shown->terminal);
    if (!shown->accounts)
        at_budget_print(account);
    else if (json_array_append_new(shown->accounts, at_budget_json(account)))
        return at_fail(error, AT_ERR_MEMORY, "explain: no memory for the JSON");
    return AT_OK;
}

static int explain(const struct at_arguments *a, struct command *c)
{
    struct at_error error;
    struct at_terminal terminal;
    at_terminal_init(&terminal);
    const struct at_study_events events = {&terminal, at_terminal_show, at_terminal_note, at_compute_start(&c->compute)};
    struct shown shown = {.accounts = at_argument_given(a, "json") ? json_array() : NULL,
                          .terminal = &terminal,
                          .db = at_database_path(a),
                          .simd = c->compute.simd};
    const struct at_account_request request = {.study = &c->study,
                                               .label = at_argument(a, "case", 0),
                                               .metric = c->metric,
                                               .advice = !at_argument_given(a, "no-advice"),
                                               .simd = c->compute.simd,
                                               .events = &events,
                                               .ready = open_store};
    enum at_status status = at_accounts_make(&request, show, &shown, &error);
    at_terminal_done(&terminal);
    at_store_close(shown.store);
    if (status == AT_ERR_INTERRUPTED)
        at_fail(&error, status, "explain: stopped; the budgets that were told are stored");
    if (status) {
        json_decref(shown.accounts);
        return at_could_not(status, &error);
    }
    if (shown.accounts)
        return at_json_print("explain", "explain", shown.accounts);
    at_say(stdout, "Kept in %s: attest show budgets, attest show advice, attest report.", shown.db);
    return AT_EXIT_OK;
}

static int run(const struct at_arguments *arguments)
{
    struct at_error error;
    struct command command = {.metric = AT_DEVIATION_REL_RMSE};
    const char *file = at_word(arguments, 0);
    int code = AT_EXIT_USAGE;
    if (read_command(arguments, &command, &error)) {
        code = at_misused("explain", &error);
    } else {
        enum at_status status = file ? read_file(file, &command, &error) : AT_OK;
        code = status ? at_could_not(status, &error) : explain(arguments, &command);
    }
    at_study_done(&command.study);
    return code;
}

const struct at_verb at_verb_explain = {
    .name = "explain",
    .summary = "where the error comes from: the share of each rounding, and what changes would bring",
    .usage = "  attest explain --distribution SPEC --shape BxHxSxD --variants A [--rows N] [--metric NAME] [OPTIONS]\n"
             "  attest explain --input FILE --variants A [--rows N] [--causal] [--layout bshd] [--scale X] [OPTIONS]\n"
             "  attest explain STUDY.yaml [--case LABEL] [--variants A] [--metric NAME]\n",
    .help =
        "Runs the twin with each rounding of its numerics alone and with all but it (docs/budget.md). 'Share alone' is the error of\n"
        "the rounding alone, 'share removed' what is gone without it, both of the error with all roundings: mean squared error for\n"
        "rel_rmse, since independent errors add in squares. What the shares do not add up to is interaction, and is shown.\n"
        "For the roundings with 10 % or more, changes of the fields that govern them are run by the twin, and again on top of the\n"
        "best one; their errors are measured, not predicted. All of it is kept in the database; the same command gives the same figures.\n",
    .examples = "  attest explain --distribution iid-outlier --shape 1x4x1024x128 --variants fa3-fp8 --rows 16\n"
                "  attest explain --distribution v-mean --shape 1x1x8192x128 --variants fa3-fp8 --rows 8 --metric bias\n"
                "  attest explain --input datasets/captures/gpt-layer0.safetensors --variants fa3-fp8 --rows 16\n"
                "  attest explain studies/first.yaml --variants fa3-fp8 --json\n",
    .options = options,
    .run = run,
};
