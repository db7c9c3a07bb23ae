/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "cli/compute.h"
#include "cli/database.h"
#include "cli/examination.h"
#include "cli/output.h"
#include "cli/terminal.h"
#include "cli/verb.h"

#include <stdlib.h>

enum { OUTPUTS_DEFAULT = 100000000, LIMIT_DEFAULT_S = 60 };

/* The command line, understood. */
struct command {
    struct at_compute compute;
    struct at_doctor doctor;
    bool probe;
    const struct at_probe *chosen[AT_PROBES_MOST]; /* [count] */
    size_t count;
};

static enum at_status check_probe_options(const struct at_arguments *a, struct at_error *error)
{
    static const char *const names[] = {"db", "outputs", "seed", "threads"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (at_argument_given(a, names[i]))
            return at_fail(error, AT_ERR_ARGUMENT, "option '--%s' belongs to --probe", names[i]);
    if (at_word(a, 0))
        return at_fail(error, AT_ERR_ARGUMENT, "'%s': only --probe takes the names of probes", at_word(a, 0));
    return AT_OK;
}

static enum at_status read_probes(const struct at_arguments *a, struct command *c, struct at_error *error)
{
    enum at_status status = at_words_at_most(a, AT_PROBES_MOST, error);
    for (size_t i = 0; !status && at_word(a, i); i++) {
        status = at_probe_find(at_word(a, i), &c->chosen[c->count++], error);
        for (size_t j = 0; !status && j < i; j++)
            if (c->chosen[j] == c->chosen[i])
                status = at_fail(error, AT_ERR_ARGUMENT, "probe '%s' is named twice", at_word(a, i));
    }
    for (size_t i = 0; !status && !at_word(a, 0) && i < at_probe_count; i++)
        c->chosen[c->count++] = at_probes[i];
    return status;
}

static enum at_status read_command(const struct at_arguments *a, struct command *c, struct at_error *error)
{
    int64_t gpu, limit, outputs, seed;
    *c = (struct command){.probe = at_argument_given(a, "probe")};
    enum at_status status = c->probe ? read_probes(a, c, error) : check_probe_options(a, error);
    if (!status)
        status = at_argument_integer(a, "gpu", 0, 1023, 0, &gpu, error);
    if (!status)
        status = at_argument_integer(a, "time-limit", 1, 86400, LIMIT_DEFAULT_S, &limit, error);
    if (!status)
        status = at_argument_integer(a, "outputs", 1, (int64_t)1 << 40, OUTPUTS_DEFAULT, &outputs, error);
    if (!status)
        status = at_argument_integer(a, "seed", 0, INT64_MAX, 1, &seed, error);
    if (!status)
        status = at_argument_integer(a, "threads", 1, 4096, 0, &c->compute.threads, error);
    if (!status)
        c->doctor = (struct at_doctor){.gpu = (int)gpu,
                                       .limit_s = (double)limit,
                                       .image = &at_probe_image,
                                       .request = {.seed = (uint64_t)seed, .outputs = outputs, .floats = (int64_t)1 << 32}};
    return status;
}

/*
 * Runs the chosen probes one after the other and stores each finding at once: what was found before a stop is kept. A finding that cannot
 * be stored is still shown, and does not keep the others from being made.
 */
static enum at_status probe_all(const struct command *c, struct at_store *store, struct at_examination *e, struct at_error *error)
{
    e->diagnoses = calloc(c->count, sizeof *e->diagnoses);
    if (!e->diagnoses)
        return at_fail(error, AT_ERR_MEMORY, "doctor: out of memory");
    e->probed = true;
    e->seed = c->doctor.request.seed;
    e->outputs = c->doctor.request.outputs;
    enum at_status status = AT_OK;
    for (size_t i = 0; i < c->count && !status; i++) {
        struct at_error not_stored;
        status = at_doctor_probe(&c->doctor, c->chosen[i], i, c->count, &e->diagnoses[i], error);
        if (status)
            break;
        e->count++;
        if (at_doctor_store(&c->doctor, store, &e->gpu, &e->diagnoses[i], &not_stored) == AT_OK)
            e->stored++;
        else if (!*e->not_stored.message)
            e->not_stored = not_stored;
    }
    return status;
}

static enum at_status probe(const struct at_arguments *a, const struct command *c, struct at_examination *e, struct at_error *error)
{
    struct at_store *store;
    enum at_status status = at_store_open(at_database_path(a), AT_STORE_WRITE, &store, error);
    if (status)
        return status;
    status = probe_all(c, store, e, error);
    at_store_close(store);
    return status;
}

static int conclude(const struct at_arguments *a, const struct at_examination *e, enum at_status status)
{
    int code = AT_EXIT_OK;
    if (at_argument_given(a, "json"))
        code = at_json_print("doctor", "doctor", at_examination_json(e));
    else
        at_examination_print(e);
    if (e->probed && !at_argument_given(a, "json"))
        at_diagnoses_print(e, at_database_path(a));
    if (e->count > e->stored) {
        at_complain(&e->not_stored);
        at_say(stderr, "attest: %zu of %zu findings could not be stored; run these probes again", e->count - e->stored, e->count);
    }
    if (status == AT_ERR_INTERRUPTED) {
        at_say(stderr, "attest: stopped; findings stored in %s: %zu (attest show probes)", at_database_path(a), e->stored);
        return AT_EXIT_INTERRUPTED;
    }
    if (code == AT_EXIT_OK && at_examination_count(e, AT_PROBE_DIFFERS))
        code = AT_EXIT_NOT_MET;
    else if (code == AT_EXIT_OK && (at_examination_count(e, AT_PROBE_FAILED) || e->count > e->stored))
        code = AT_EXIT_CANNOT;
    return code;
}

static int examine(const struct at_arguments *a, struct command *c, struct at_examination *e)
{
    struct at_error error;
    struct at_terminal terminal;
    at_terminal_init(&terminal);
    const struct at_study_events events = {&terminal, at_terminal_show, at_terminal_note, at_compute_start(&c->compute)};
    c->doctor.events = &events;
    e->processor = at_machine_processor();
    enum at_status status = at_doctor_find(&c->doctor, &e->gpu, &e->gpu_reason);
    e->has_gpu = status == AT_OK;
    if (e->has_gpu)
        status = at_doctor_check(&c->doctor, &e->probe_reason);
    else
        e->probe_reason = e->gpu_reason;
    e->can_probe = status == AT_OK;
    if (status && (c->probe || status == AT_ERR_INTERRUPTED))
        return at_could_not(status, &e->probe_reason);
    status = c->probe ? probe(a, c, e, &error) : AT_OK;
    at_terminal_done(&terminal);
    return status && (status != AT_ERR_INTERRUPTED || !e->count) ? at_could_not(status, &error) : conclude(a, e, status);
}

static int run(const struct at_arguments *arguments)
{
    struct at_error error;
    struct command command;
    struct at_examination examination = {0};
    enum at_status status = read_command(arguments, &command, &error);
    if (status)
        return at_misused("doctor", &error);
    int code = examine(arguments, &command, &examination);
    at_examination_done(&examination);
    return code;
}

static const struct at_option options[] = {
    {.name = "probe", .help = "compare the GPU's arithmetic with the twin, bit by bit, and store what was found"},
    {.name = "gpu", .value = "N", .help = "which GPU (default 0)"},
    {.name = "outputs", .value = "N", .help = "--probe: outputs of each wgmma (default 100000000)"},
    {.name = "seed", .value = "N", .help = "--probe: of the random operands (default 1)"},
    {.name = "time-limit",
     .value = "SECONDS",
     .help = "how long the driver or a probe may be silent before it counts as hung (default 60)"},
    AT_OPTION_THREADS,
    AT_OPTION_DB,
    {0},
};

const struct at_verb at_verb_doctor = {
    .name = "doctor",
    .summary = "what this machine is, and whether its GPU computes as the twin says",
    .usage = "  attest doctor [--gpu N]\n"
             "  attest doctor --probe [PROBE ...] [--outputs N] [--seed N] [OPTIONS]\n",
    .help = "Without --probe: processor, GPU, driver, libraries, and what attest can do with them. Nothing is stored.\n"
            "With --probe: runs Hopper's instructions on the GPU and compares every bit with the twin: wgmma of each operand type with\n"
            "all shapes (n = 8 to 256), operands from shared memory and registers, random bit patterns, NaN and infinities among them;\n"
            "ex2, rcp, lg2 and the conversions on all 2^32 floats. Stores the findings (attest show probes). Each probe runs in a\n"
            "process of its own: one that hangs is ended after --time-limit, and the others go on. attest list probes names them.\n"
            "\nExit code 0 says that every probe gave the twin's bits, 1 that one differs, 2 that none differs but one could not run.\n",
    .examples = "  attest doctor\n"
                "  attest doctor --probe\n"
                "  attest doctor --probe wgmma-e4m3 ex2 --outputs 1000000000 --seed 2\n"
                "  attest doctor --json\n",
    .options = options,
    .run = run,
};
