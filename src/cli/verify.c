/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "cli/compute.h"
#include "cli/database.h"
#include "cli/output.h"
#include "cli/terminal.h"
#include "cli/verb.h"
#include "cli/verification.h"

#include "study/machine.h"
#include "study/value.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum { RUNS_MAX = 1024 };

/* The command line, understood. Text is borrowed from it. */
struct command {
    struct at_compute compute;
    int64_t runs[RUNS_MAX], sample, sample_seed;
    size_t run_count;
    const char *folders[AT_ARGUMENTS_MAX + 2]; /* those named, then two where captures are looked for in any case */
    size_t named;
    char beside[4096]; /* the database's folder */
    struct at_verify_question question;
};

/* "3" or "3,5": the numbers of runs. */
static enum at_status read_runs(const char *text, struct command *command, struct at_error *error)
{
    for (const char *at = text; at;) {
        char number[24] = "";
        size_t length = strcspn(at, ",");
        uint64_t run;
        snprintf(number, sizeof number, "%.*s", length < sizeof number ? (int)length : 0, at);
        if (!at_value_integer(number, 1, INT64_MAX, &run))
            return at_fail(error, AT_ERR_ARGUMENT, "option '--run': '%s' is not a run's number, nor a list as 3,5", text);
        for (size_t i = 0; i < command->run_count; i++)
            if (command->runs[i] == (int64_t)run)
                return at_fail(error, AT_ERR_ARGUMENT, "option '--run': %" PRIu64 " is listed twice; keep one", run);
        if (command->run_count == RUNS_MAX)
            return at_fail(error, AT_ERR_ARGUMENT, "option '--run': more than %d runs; choose them by --study, --case or --variant",
                           RUNS_MAX);
        command->runs[command->run_count++] = (int64_t)run;
        at = at[length] ? at + length + 1 : NULL;
    }
    return AT_OK;
}

/* A seed that nobody can foresee, short enough to be typed again. */
static enum at_status draw_seed(int64_t *ret_seed, struct at_error *error)
{
    uint32_t seed;
    if (getrandom(&seed, sizeof seed, 0) != (ssize_t)sizeof seed)
        return at_fail(error, AT_ERR_IO, "the system gives no random number; choose one with --sample-seed N");
    *ret_seed = seed;
    return AT_OK;
}

static enum at_status read_sample(const struct at_arguments *a, struct command *command, struct at_error *error)
{
    bool seeded = at_argument_given(a, "sample-seed");
    enum at_status status = at_argument_integer(a, "sample", 1, INT64_MAX, 0, &command->sample, error);
    if (!status)
        status = at_argument_integer(a, "sample-seed", 0, INT64_MAX, 0, &command->sample_seed, error);
    if (!status && seeded && !command->sample)
        status = at_fail(error, AT_ERR_ARGUMENT, "option '--sample-seed' draws the runs of --sample N, which is not given");
    return !status && command->sample && !seeded ? draw_seed(&command->sample_seed, error) : status;
}

/* Runs named by their numbers leave nothing to choose. */
static enum at_status check_runs_alone(const struct at_arguments *a, struct at_error *error)
{
    static const char *const choosing[] = {"study", "case", "variant", "sample"};
    for (size_t i = 0; i < sizeof choosing / sizeof choosing[0]; i++)
        if (at_argument_given(a, choosing[i]))
            return at_fail(error, AT_ERR_ARGUMENT, "option '--%s' does not go with --run, which says which runs; leave one out",
                           choosing[i]);
    return AT_OK;
}

/* A value of --captures that names no folder is a mistake in writing; one that the system refuses could not be used. */
static enum at_status check_folder(const char *path, struct at_error *error)
{
    struct stat found;
    int why = stat(path, &found) ? errno : S_ISDIR(found.st_mode) ? 0 : ENOTDIR;
    if (!why && access(path, X_OK))
        why = errno;
    if (why == ENOENT || why == ENOTDIR)
        return at_fail(error, AT_ERR_ARGUMENT, "option '--captures': '%s' is %s; name the folder in which the files lie", path,
                       why == ENOENT ? "not there" : "no folder");
    return why ? at_fail(error, AT_ERR_IO, "option '--captures': %s: %s; name a folder that can be read", path, strerror(why)) : AT_OK;
}

static void add_folder(struct command *command, const char *folder)
{
    for (size_t i = 0; i < command->question.captures.count; i++)
        if (strcmp(command->folders[i], folder) == 0)
            return;
    command->folders[command->question.captures.count++] = folder;
}

/* Where captures are looked for: as told, then where the command is given and beside the database; their digest says which file it is. */
static enum at_status find_folders(const struct at_arguments *a, struct command *command, struct at_error *error)
{
    const char *db = at_database_path(a), *slash = strrchr(db, '/'), *folder;
    command->question.captures.paths = command->folders;
    for (size_t i = 0; (folder = at_argument(a, "captures", i)); i++) {
        enum at_status status = check_folder(folder, error);
        if (status)
            return status;
        add_folder(command, folder);
    }
    command->named = command->question.captures.count;
    add_folder(command, ".");
    if (slash) {
        snprintf(command->beside, sizeof command->beside, "%.*s", slash == db ? 1 : (int)(slash - db), db);
        add_folder(command, command->beside);
    }
    return AT_OK;
}

static enum at_status read_command(const struct at_arguments *a, struct command *command, struct at_error *error)
{
    const char *runs = at_argument(a, "run", 0);
    enum at_status status = at_words_at_most(a, 0, error);
    if (!status)
        status = at_compute_read(a, &command->compute, error);
    if (!status && runs)
        status = check_runs_alone(a, error);
    if (!status && runs)
        status = read_runs(runs, command, error);
    if (!status)
        status = read_sample(a, command, error);
    if (status)
        return status;
    const struct at_filter filter = at_database_filter(a);
    command->question = (struct at_verify_question){.study = filter.study,
                                                    .label = filter.label,
                                                    .variant = filter.variant,
                                                    .runs = command->runs,
                                                    .run_count = command->run_count,
                                                    .sample = command->sample,
                                                    .sample_seed = (uint64_t)command->sample_seed,
                                                    .memory = at_machine_free_memory()};
    return find_folders(a, command, error);
}

/* `stopped`: a signal came before the end. */
static int show(const struct at_arguments *a, const struct command *command, const struct at_verification *verification, bool stopped)
{
    struct at_error error;
    struct at_shown_verification shown = {
        .verification = verification, .question = &command->question, .db = at_database_path(a), .stopped = stopped};
    shown.captures = (struct at_folders){command->folders, command->named};
    enum at_status status = at_machine_executable(&shown.executable, &error);
    if (status)
        return at_could_not(status, &error);
    snprintf(shown.machine, sizeof shown.machine, "%s", at_machine_processor().name);
    int code = at_verification_exit(&shown);
    if (!at_argument_given(a, "json"))
        at_verification_print(&shown);
    else if (at_json_print("verify", "verify", at_verification_json(&shown)) != AT_EXIT_OK)
        code = AT_EXIT_CANNOT;
    if (stopped)
        at_say(stderr, "attest: stopped; of the runs after those shown nothing is said, the same command begins anew");
    return code;
}

static int verify(const struct at_arguments *a, struct command *command, struct at_store *store)
{
    struct at_error error;
    struct at_terminal terminal;
    struct at_verification verification;
    at_terminal_init(&terminal);
    const struct at_study_events events = {&terminal, at_terminal_show, at_terminal_note, at_compute_start(&command->compute)};
    command->question.events = &events;
    enum at_status status = at_compute_open(&command->compute, &events, &command->question.engine, &error);
    if (status)
        return at_could_not(status, &error);
    status = at_verify(store, &command->question, &verification, &error);
    at_terminal_done(&terminal);
    bool stopped = status == AT_ERR_INTERRUPTED;
    if (status == AT_ERR_NOT_FOUND)
        at_fail_in(&error, status, at_database_path(a));
    if (status && !stopped) {
        at_compute_close(&command->question.engine);
        return at_could_not(status, &error);
    }
    int code = AT_EXIT_CANNOT;
    if (verification.count || stopped) {
        code = show(a, command, &verification, stopped);
    } else {
        const struct at_filter filter = at_database_filter(a);
        at_could_not(at_database_explain(store, at_database_path(a), &filter, &error), &error);
    }
    at_verification_done(&verification);
    at_compute_close(&command->question.engine);
    return code;
}

static int run(const struct at_arguments *arguments)
{
    struct at_error error;
    struct at_store *store;
    struct command *command = calloc(1, sizeof *command);
    if (!command)
        return at_could_not(at_fail(&error, AT_ERR_MEMORY, "verify: out of memory"), &error);
    int code;
    enum at_status status = read_command(arguments, command, &error);
    if (status) {
        code = status == AT_ERR_ARGUMENT ? at_misused("verify", &error) : at_could_not(status, &error);
    } else if ((status = at_store_open(at_database_path(arguments), AT_STORE_READ, &store, &error))) {
        code = at_could_not(status, &error);
    } else {
        code = verify(arguments, command, store);
        at_store_close(store);
    }
    free(command);
    return code;
}

static const struct at_option options[] = {
    AT_OPTION_DB,
    {.name = "run", .value = "N,M", .help = "only these runs, by their numbers (attest show runs)"},
    {.name = "sample", .value = "N", .help = "only N runs, drawn at random; the seed is printed"},
    {.name = "sample-seed", .value = "N", .help = "draws the same runs again"},
    AT_OPTION_STUDY,
    AT_OPTION_CASE,
    AT_OPTION_VARIANT,
    {.name = "captures",
     .value = "DIR",
     .help = "where the files with Q, K and V lie now (besides here and beside the database)",
     .repeats = true},
    AT_OPTION_DEVICE,
    AT_OPTION_GPU,
    AT_OPTION_TIME_LIMIT,
    AT_OPTION_SIMD,
    AT_OPTION_THREADS,
    {0},
};

const struct at_verb at_verb_verify = {
    .name = "verify",
    .summary = "repeats stored runs and compares them bit by bit",
    .usage = "  attest verify [--run N,M | --sample N [--sample-seed N]] [--captures DIR] [OPTIONS]\n",
    .help = "Makes the inputs of each run again, quantises them and attends with the twin as the database says, and compares the\n"
            "SHA-256 of inputs, operands and output (O, row maximum, row sum, log-sum-exp) with what is stored. Every run is looked\n"
            "at unless options choose: superseded ones too, and those of a GPU, whose bits are the twin's. The numerics are those\n"
            "stored, whatever a variant of that name means today. Nothing is written, and no truth is computed: the error measures\n"
            "follow from the outputs, and attest run into a new database repeats them.\n"
            "--device cuda repeats them with kernels on GPUs, side by side; auto takes the twin for what no kernel computes.\n"
            "A capture is stored by its name and digest, without its folder; --captures says where the files are. They are looked for\n"
            "in the current folder and beside the database too, and the digest decides which file it is.\n",
    .examples = "  attest verify\n"
                "  attest verify --captures datasets/captures\n"
                "  attest verify --captures datasets/captures --device auto\n"
                "  attest verify --run 3,5 --simd scalar\n"
                "  attest verify --sample 10 --sample-seed 1 --json\n",
    .options = options,
    .run = run,
};
