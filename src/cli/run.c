/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "cli/compute.h"
#include "cli/database.h"
#include "cli/output.h"
#include "cli/request.h"
#include "cli/terminal.h"
#include "cli/verb.h"
#include "cli/verdict.h"

#include "study/machine.h"
#include "study/plan.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct at_option options[] = {
    {.name = "input", .value = "FILE", .help = "a safetensors file with Q, K and V", .repeats = true},
    {.name = "distribution", .value = "SPEC", .help = "generated inputs, NAME or NAME:PARAMETER=VALUE,...", .repeats = true},
    {.name = "variants", .value = "A,B", .help = "what to run, parted by commas", .repeats = true},
    {.name = "variant", .value = "SPEC", .help = "one more, NAME or BASE:FIELD=VALUE,...", .repeats = true},
    {.name = "rows", .value = "N", .help = "query rows looked at in each head, or all (default 64)"},
    AT_OPTION_ROWS_SEED,
    {.name = "oracle", .value = "NAME", .help = "the source of the truth: auto, the cheapest that is sharp enough (default), or a name"},
    AT_OPTIONS_MASK,
    {.name = "readout", .value = "FILE[:TENSOR]", .help = "a matrix [tokens, width] that makes logits of the outputs (docs/readout.md)"},
    AT_OPTIONS_CAPTURE,
    AT_OPTIONS_GENERATED,
    {.name = "seeds", .value = "1,2,3", .help = "--distribution: one case each (default 1)"},
    {.name = "name", .value = "NAME", .help = "of the study in the database (default: its inputs)"},
    AT_OPTION_DEVICE,
    AT_OPTION_GPU,
    AT_OPTION_TIME_LIMIT,
    AT_OPTION_DB,
    AT_OPTION_SIMD,
    AT_OPTION_THREADS,
    {0},
};

/* Options that describe a study have no place beside a study file. */
static enum at_status check_study_alone(const struct at_arguments *a, struct at_error *error)
{
    static const char *const allowed[] = {"db", "device", "gpu", "time-limit", "simd", "threads", "json", "help"};
    return at_options_beside_file(a, allowed, sizeof allowed / sizeof allowed[0], error);
}

/* Status of the command line alone; *ret_study is read from the flags when no study file is given. */
static enum at_status read_arguments(const struct at_arguments *a, struct at_compute *ret_compute, struct at_study *ret_study,
                                     struct at_error *error)
{
    bool inputs = at_argument_given(a, "input") || at_argument_given(a, "distribution");
    enum at_status status = at_words_at_most(a, 1, error);
    if (!status)
        status = at_compute_read(a, ret_compute, error);
    if (!status && at_word(a, 0))
        status = check_study_alone(a, error);
    else if (!status && !inputs)
        status = at_fail(error, AT_ERR_ARGUMENT, "run what? a study file, --input FILE or --distribution SPEC");
    else if (!status)
        status = at_request_read(a, false, ret_study, error);
    return status;
}

static size_t place_of(const char *variant, const struct at_study *study)
{
    size_t i = 0;
    while (i < study->variant_count && strcmp(study->variants[i].name, variant) != 0)
        i++;
    return i;
}

/* Puts the variants of each case in the order in which the study names them; the database has them in the order of their first run. */
static void order_as_asked(struct at_results *results, const struct at_study *study)
{
    for (size_t from = 0, next; from < results->count; from = next) {
        next = at_results_next_case(results, from);
        for (size_t i = from + 1; i < next; i++) {
            struct at_result moved = results->rows[i];
            size_t place = place_of(moved.variant, study), j = i;
            for (; j > from && place_of(results->rows[j - 1].variant, study) > place; j--)
                results->rows[j] = results->rows[j - 1];
            results->rows[j] = moved;
        }
    }
}

static int show_outcome(const struct at_arguments *a, const struct at_study *study, struct at_store *store,
                        const struct at_study_outcome *outcome)
{
    struct at_error error;
    struct at_results results;
    const struct at_filter filter = {.study_id = outcome->study};
    enum at_status status = at_results_load(store, &filter, &results, &error);
    if (status)
        return at_could_not(status, &error);
    int code = AT_EXIT_OK;
    order_as_asked(&results, study);
    if (at_argument_given(a, "json")) {
        code = at_json_print("run", "run",
                             json_pack("{s:o, s:I, s:s, s:s, s:I, s:I, s:I, s:I, s:o}", "db", at_text_json(at_database_path(a)), "study_id",
                                       (json_int_t)outcome->study, "oracle", outcome->oracle.oracle->name, "oracle_reason",
                                       outcome->oracle.reason, "runs_done", (json_int_t)outcome->runs_done, "runs_found",
                                       (json_int_t)outcome->runs_found, "runs_differing", (json_int_t)outcome->runs_differing,
                                       "runs_failed", (json_int_t)outcome->runs_failed, "results", at_verdict_json(&results)));
    } else {
        at_verdict_print(&results);
        at_say(stdout, "Truth by %s.", outcome->oracle.reason);
        at_say(stdout, "%" PRId64 " runs computed, %" PRId64 " found in %s.", outcome->runs_done, outcome->runs_found, at_database_path(a));
    }
    at_results_done(&results);
    return code;
}

/* Before a new database is made: what could not be computed leaves no file behind. */
static enum at_status check_study(const struct at_arguments *a, const struct at_study *study, const struct at_engine *engine,
                                  struct at_error *error)
{
    struct at_plan plan;
    char *text;
    if (access(at_database_path(a), F_OK) == 0)
        return AT_OK;
    enum at_status status = at_plan_make(study, at_machine_free_memory(), &plan, error);
    if (!status) {
        status = at_engine_check(engine, &plan, error);
        if (!status)
            status = at_study_print(study, plan.oracle.oracle, &text, error);
        at_plan_done(&plan);
    }
    if (!status)
        free(text);
    return status;
}

/* The file that the path names; all zero where there is none. */
static struct stat file_at(const char *path)
{
    struct stat info = {0}, found;
    return stat(path, &found) == 0 ? found : info;
}

static int conclude(const struct at_arguments *a, const struct at_study *study, struct at_store *store, enum at_status status,
                    const struct at_study_outcome *outcome, const struct stat *opened, const struct at_error *error)
{
    const char *path = at_database_path(a);
    struct stat now = file_at(path);
    if (now.st_ino != opened->st_ino || now.st_dev != opened->st_dev || now.st_nlink == 0) {
        at_say(stderr, "attest: %s: was removed or replaced during the run, and its facts went with it; run the same command again", path);
        return status == AT_ERR_INTERRUPTED ? AT_EXIT_INTERRUPTED : AT_EXIT_CANNOT;
    }
    if (status == AT_ERR_INTERRUPTED) {
        at_say(stderr, "attest: stopped; what was finished is in %s, and the same command goes on from there", path);
        return AT_EXIT_INTERRUPTED;
    }
    return status ? at_could_not(status, error) : show_outcome(a, study, store, outcome);
}

/* Runs on GPUs that are not stored outweigh what was shown; that a kernel differs outweighs all. */
static int conclude_gpus(int code, const struct at_study_outcome *outcome, const struct at_engine *engine)
{
    size_t left_out = engine->gpus ? at_gpus_failed(engine->gpus) : 0;
    if (outcome->runs_failed)
        at_say(stderr, "attest: %" PRId64 " of the runs failed on a GPU and are not stored; the same command tries them again",
               outcome->runs_failed);
    else if (left_out)
        at_say(stderr, "attest: every run was computed, but %zu GPU%s failed and had to be left out", left_out, left_out == 1 ? "" : "s");
    if (outcome->runs_differing)
        at_say(stderr,
               "attest: %" PRId64 " of the runs differ on a GPU from the twin, which is stored in their place: attest show differences",
               outcome->runs_differing);
    if (code == AT_EXIT_OK && outcome->runs_differing)
        return AT_EXIT_NOT_MET;
    return code == AT_EXIT_OK && (outcome->runs_failed || left_out) ? AT_EXIT_CANNOT : code;
}

static int run_into(const struct at_arguments *a, const struct at_study *study, const struct at_engine *engine,
                    const struct at_study_events *events)
{
    struct at_error error;
    struct at_store *store;
    struct at_study_outcome outcome;
    enum at_status status = check_study(a, study, engine, &error);
    if (!status)
        status = at_store_open(at_database_path(a), AT_STORE_WRITE, &store, &error);
    if (status)
        return at_could_not(status, &error);
    const struct stat opened = file_at(at_database_path(a));
    status = at_study_run(study, store, engine, events, &outcome, &error);
    at_terminal_done(events->context);
    int code = conclude(a, study, store, status, &outcome, &opened, &error);
    if (!status || status == AT_ERR_INTERRUPTED)
        code = conclude_gpus(code, &outcome, engine);
    at_store_close(store);
    return code;
}

static int execute(const struct at_arguments *a, const struct at_study *study, const struct at_compute *compute)
{
    struct at_error error;
    struct at_terminal terminal;
    struct at_engine engine;
    at_terminal_init(&terminal);
    const struct at_study_events events = {&terminal, at_terminal_show, at_terminal_note, at_compute_start(compute)};
    enum at_status status = at_compute_open(compute, &events, &engine, &error);
    if (status)
        return at_could_not(status, &error);
    int code = run_into(a, study, &engine, &events);
    at_compute_close(&engine);
    return code;
}

static int run(const struct at_arguments *arguments)
{
    struct at_error error;
    struct at_study study = {0};
    struct at_compute compute = {0};
    const char *file = at_word(arguments, 0);
    if (read_arguments(arguments, &compute, &study, &error))
        return at_misused("run", &error);
    enum at_status status = file ? at_study_read(file, &study, &error) : AT_OK;
    if (status)
        return at_could_not(status, &error);
    int code = execute(arguments, &study, &compute);
    at_study_done(&study);
    return code;
}

const struct at_verb at_verb_run = {
    .name = "run",
    .summary = "runs variants on inputs, measures them against the truth, stores the facts",
    .usage = "  attest run STUDY.yaml [--db FILE] [--simd PATH] [--threads N] [--json]\n"
             "  attest run ... --device cuda|auto [--gpu N,M] [--time-limit SECONDS]\n"
             "  attest run --input FILE --variants A,B [--rows N] [--causal] [--layout bshd] [--scale X] [OPTIONS]\n"
             "  attest run --distribution SPEC --shape BxHxSxD --variants A,B [--rows N] [--seeds 1,2,3] [OPTIONS]\n",
    .help =
        "Each variant runs on each case with the bits of its kernel, and its outputs are compared with two truths: of the inputs as\n"
        "given (the whole error) and of the inputs as the variant rounded them (the kernel's own part). What the database holds\n"
        "already is not computed again: a run that was stopped or killed goes on with the same command.\n"
        "--device cuda has kernels compute on Hopper GPUs, one process for each GPU, side by side. The truths stay with the CPU, and so\n"
        "does a second look: the twin computes the rows looked at too, and gives what no kernel keeps (the weights of P and the counts\n"
        "of clipped elements). A kernel with any other bit than the twin is told, stored as a difference and not as a run (code 1).\n"
        "A study file says all of this in YAML (docs/study.md). Rows are drawn from all parts of the sequence; the last is always\n"
        "among them.\n",
    .examples = "  attest run studies/first.yaml\n"
                "  attest run --input datasets/captures/gpt-layer0.safetensors --variants fa3-fp16,fa3-fp8 --rows 64\n"
                "  attest run --distribution iid-outlier --shape 1x16x8192x128 --seeds 1,2,3 --variants fa3-fp8,fp8-hadamard --rows 16\n"
                "  attest run --input layer.safetensors --readout model.safetensors:lm_head.weight --variants fa3-fp16,fa3-fp8\n"
                "  attest run studies/first.yaml --device auto\n"
                "  attest run --distribution v-mean:mean=0.1 --shape 1x4x1024x128 --variant fp8:scale=block128,promote=tile\n",
    .options = options,
    .run = run,
};
