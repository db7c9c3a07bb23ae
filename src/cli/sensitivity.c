/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "cli/break_request.h"
#include "cli/break_table.h"
#include "cli/compute.h"
#include "cli/database.h"
#include "cli/fits.h"
#include "cli/output.h"
#include "cli/terminal.h"
#include "cli/verb.h"

static int fits(const struct at_arguments *arguments)
{
    struct at_error error;
    struct at_store *store;
    if (at_fits_check(arguments, &error))
        return at_misused("sensitivity", &error);
    enum at_status status = at_store_open(at_database_path(arguments), AT_STORE_READ, &store, &error);
    if (status)
        return at_could_not(status, &error);
    int code = at_fits_show(arguments, store);
    at_store_close(store);
    return code;
}

static int show_breaks(const struct at_arguments *arguments, const struct at_break_question *question, const struct at_breaks *breaks)
{
    int code = at_breaks_code(breaks);
    if (!at_argument_given(arguments, "json"))
        at_breaks_print(question, breaks);
    else if (at_json_print("break", "break", at_breaks_json(question, breaks)) != AT_EXIT_OK)
        code = AT_EXIT_CANNOT;
    return code;
}

static int find_breaks(const struct at_arguments *arguments, const struct at_break_question *question, const struct at_compute *compute)
{
    struct at_error error;
    struct at_store *store;
    struct at_terminal terminal;
    struct at_breaks breaks;
    at_terminal_init(&terminal);
    const struct at_engine engine = {.simd = compute->simd};
    const struct at_study_events events = {&terminal, at_terminal_show, at_terminal_note, at_compute_start(compute)};
    const char *path = at_database_path(arguments);
    enum at_status status = at_breaks_check(question, &error);
    if (!status)
        status = at_store_open(path, AT_STORE_WRITE, &store, &error);
    if (status)
        return at_could_not(status, &error);
    status = at_breaks_find(question, store, &engine, &events, &breaks, &error);
    at_terminal_done(&terminal);
    int code = AT_EXIT_OK;
    if (status == AT_ERR_INTERRUPTED) {
        at_say(stderr, "attest: stopped; what was finished is in %s, and the same command goes on from there", path);
        code = AT_EXIT_INTERRUPTED;
    } else if (status) {
        code = at_could_not(status, &error);
    } else {
        code = show_breaks(arguments, question, &breaks);
        at_breaks_done(&breaks);
    }
    at_store_close(store);
    return code;
}

static int run(const struct at_arguments *arguments)
{
    struct at_error error;
    struct at_compute compute = {0};
    struct at_break_request request;
    if (at_words_at_most(arguments, 0, &error))
        return at_misused("sensitivity", &error);
    if (!at_argument_given(arguments, "break"))
        return fits(arguments);
    if (at_compute_read(arguments, &compute, &error) || at_break_request_read(arguments, &request, &error))
        return at_misused("sensitivity", &error);
    int code = find_breaks(arguments, &request.question, &compute);
    at_break_request_done(&request);
    return code;
}

static const struct at_option options[] = {
    AT_OPTION_DB,
    {.name = "over", .value = "NAME[=FROM..TO]", .help = "what was varied, or is: a parameter of the distribution, keys, dim"},
    {.name = "distribution", .value = "SPEC", .help = "only sweeps of that name; --break: NAME or NAME:PARAMETER=VALUE,..."},
    AT_OPTION_STUDY,
    {.name = "variant", .value = "NAME", .help = "only that variant; --break: one more, NAME or BASE:FIELD=VALUE,...", .repeats = true},
    {.name = "metric", .value = "NAME", .help = "what is fitted (default rel_rmse; attest list metrics)"},
    {.name = "against", .value = "REFERENCE", .help = "original (the whole error; default) or dequantised (the kernel's part)"},
    {.name = "law", .value = "power|exponential", .help = "y = factor x^exponent (default), or y = factor e^(slope x)"},
    {.name = "from", .value = "X", .help = "only values of --over from there on"},
    {.name = "to", .value = "X", .help = "only up to there"},
    {.name = "at", .value = "X", .help = "the fit's value at X, with its interval; refused far outside the range", .repeats = true},
    {.name = "break", .value = "LIST", .help = "requirements, as of attest gate: where along --over they are first missed"},
    {.name = "variants", .value = "A,B", .help = "--break: what to run, parted by commas", .repeats = true},
    {.name = "shape", .value = "BxHxSxD", .help = "--break: H may be HQ:HKV, S may be SQ:SK"},
    {.name = "tolerance", .value = "R", .help = "--break: ends when the upper end is at most R times the lower (default 1.05)"},
    {.name = "points", .value = "N", .help = "--break: places looked at before bisecting (default 5)"},
    {.name = "spacing", .value = "log|linear", .help = "--break: how they lie (default log where the range begins above 0)"},
    {.name = "rows", .value = "N", .help = "--break: query rows looked at in each head, or all (default 64)"},
    {.name = "rows-seed", .value = "N", .help = "--break: chooses other rows (default 1)"},
    {.name = "seeds", .value = "LIST", .help = "--break: every requirement on each of them (default 1)"},
    {.name = "format", .value = "NAME", .help = "--break: of the inputs (default fp16)"},
    {.name = "causal", .help = "--break: causal mask, aligned to the last key"},
    {.name = "scale", .value = "X", .help = "--break: softmax scale (default 1/sqrt(dim))"},
    {.name = "oracle", .value = "NAME", .help = "--break: the source of the truth (default auto)"},
    {.name = "name", .value = "TEXT", .help = "--break: name of the study that the runs belong to"},
    AT_OPTION_SIMD,
    AT_OPTION_THREADS,
    {0},
};

const struct at_verb at_verb_sensitivity = {
    .name = "sensitivity",
    .summary = "how an error grows with a parameter or the length, and where a requirement is first missed",
    .usage = "  attest sensitivity [--over NAME] [--distribution NAME] [--variant NAME] [--metric NAME] [--law exponential] [--at X]\n"
             "  attest sensitivity --break LIST --distribution SPEC --over NAME=FROM..TO --shape BxHxSxD --variants A,B [OPTIONS]\n",
    .help =
        "Without --break it fits what the database holds: every sweep over one parameter, the length (keys) or the head dimension (dim)\n"
        "with all else equal, three values or more. The exponent of a power law with its interval by heads, Theil and Sen's beside it,\n"
        "and whether a straight line holds at all. --at draws the line out, within limits (docs/sensitivity.md), and says what that\n"
        "assumes.\n"
        "With --break it runs the variants along --over and bisects to where the requirements are first missed. Each place looked at is\n"
        "a run in the database. The S of --shape: with --over keys, as many queries as keys, or SQ where SQ:SK differ.\n",
    .examples = "  attest run studies/sensitivity_length.yaml && attest sensitivity --over keys\n"
                "  attest sensitivity --over sigma --distribution iid-outlier --variant fa3-fp8 --at 300\n"
                "  attest sensitivity --over gap --law exponential\n"
                "  attest sensitivity --break 'rel_rmse<=0.05' --distribution v-mean --over keys=1024..16384 --shape 1x1x64:1024x64 \\\n"
                "    --variants fa3-fp8,fp8-two-level --rows 16\n",
    .options = options,
    .run = run,
};
