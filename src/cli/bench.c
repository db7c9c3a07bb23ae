/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "cli/bench_request.h"
#include "cli/bench_table.h"
#include "cli/compute.h"
#include "cli/database.h"
#include "cli/output.h"
#include "cli/terminal.h"
#include "cli/verb.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/*
 * Says what no kernel computes: of variants that were named each with the kernel's reason, else those left out altogether in one line.
 * Returns the number of variants of which something was asked and not computed.
 */
static size_t tell_left_out(const struct at_bench_command *c, const struct at_benchmark *b)
{
    const struct at_bench_request *r = &c->request;
    char names[512] = "";
    size_t variants = 0;
    for (size_t v = 0; v < r->variant_count; v++) {
        const struct at_bench_point *first = NULL;
        size_t missing = 0, used = strlen(names);
        for (size_t i = v; i < b->count; i += r->variant_count)
            if (!b->points[i].kernel) {
                first = first ? first : &b->points[i];
                missing++;
            }
        variants += missing > 0;
        if (missing && (c->named || missing < r->problem_count))
            at_say(stderr, "attest: %s: no kernel computes %zu of %zu shapes: %s", r->variants[v].name, missing, r->problem_count,
                   first->reason.message);
        else if (missing)
            snprintf(names + used, sizeof names - used, "%s%s", used ? ", " : "", r->variants[v].name);
    }
    if (*names)
        at_say(stderr, "attest: no kernel computes %s; name one with --variants to hear why", names);
    return variants;
}

/* Says, of each variant that a kernel computes, why it was not timed with prepare where that was asked for. */
static void tell_not_prepared(const struct at_benchmark *b)
{
    const struct at_bench_request *r = b->request;
    for (size_t v = 0; v < r->variant_count && r->preparer; v++) {
        struct at_error reason = {""}, first = {""};
        size_t missing = 0, computed = 0;
        for (size_t i = v; i < b->count; i += r->variant_count) {
            const struct at_bench_point *point = &b->points[i];
            computed += point->kernel != NULL;
            if (point->kernel && r->preparer->check(&point->numerics, &r->problems[point->problem], &reason) && missing++ == 0)
                first = reason;
        }
        if (missing)
            at_say(stderr, "attest: %s: %zu of %zu shapes were timed without prepare: %s", r->variants[v].name, missing, computed,
                   first.message);
    }
}

/* Shows what was stored as measurement `id`. */
static int show(const struct at_arguments *a, struct at_store *store, int64_t id, struct at_error *error)
{
    const struct at_filter filter = {.bench = id};
    struct at_bench_tables tables;
    int code = AT_EXIT_OK;
    enum at_status status = at_bench_tables_load(store, &filter, &tables, error);
    if (status)
        code = at_could_not(status, error);
    else if (at_argument_given(a, "json"))
        code = at_json_print("bench", "bench", at_table_json(&tables.speeds));
    else
        at_bench_tables_print(&tables);
    if (!status && !at_argument_given(a, "json"))
        at_say(stdout, "Stored in %s as bench %" PRId64 " (attest show bench).", at_database_path(a), id);
    at_bench_tables_done(&tables);
    return code;
}

/* All or nothing is stored, so that a stop leaves nothing to go on from. */
static enum at_status measure(struct at_benchmark *b, struct at_store *store, int64_t *ret_id, struct at_error *error)
{
    enum at_status status = at_benchmark_run(b, error);
    if (!status)
        status = at_benchmark_score(b, error);
    if (!status)
        status = at_benchmark_store(b, store, ret_id, error);
    return status == AT_ERR_INTERRUPTED ? at_fail(error, status, "bench: stopped; nothing was stored") : status;
}

static int bench(const struct at_arguments *a, struct at_bench_command *c, struct at_benchmark *b)
{
    struct at_error error;
    struct at_terminal terminal;
    struct at_store *store = NULL;
    int64_t id = 0;
    at_terminal_init(&terminal);
    const struct at_study_events events = {&terminal, at_terminal_show, at_terminal_note, at_compute_start(&c->compute)};
    c->request.events = &events;
    enum at_status status = at_benchmark_plan(&c->request, b, &error);
    if (!status)
        status = at_benchmark_check(b, &error);
    if (!status)
        status = at_store_open(at_database_path(a), AT_STORE_WRITE, &store, &error);
    if (!status)
        status = measure(b, store, &id, &error);
    at_terminal_done(&terminal);
    int code = status ? at_could_not(status, &error) : AT_EXIT_OK;
    if (!status && *b->no_product.message)
        at_say(stderr, "attest: no shares: %s", b->no_product.message);
    size_t left_out = status ? 0 : tell_left_out(c, b);
    if (!status)
        tell_not_prepared(b);
    if (!status)
        code = show(a, store, id, &error);
    if (code == AT_EXIT_OK && b->oracle.oracle && !at_argument_given(a, "json"))
        at_say(stdout, "Truth by %s.", b->oracle.reason);
    at_store_close(store);
    return code == AT_EXIT_OK && c->named && left_out ? AT_EXIT_CANNOT : code;
}

static int run(const struct at_arguments *arguments)
{
    struct at_error error;
    struct at_bench_command command;
    struct at_benchmark benchmark = {.request = NULL};
    int code = at_bench_command_read(arguments, &command, &error) ? at_misused("bench", &error) : bench(arguments, &command, &benchmark);
    at_benchmark_done(&benchmark);
    at_bench_command_done(&command);
    return code;
}

static const struct at_option options[] = {
    {.name = "variants", .value = "LIST", .help = "variants, parted by commas (default: all that a kernel computes)", .repeats = true},
    {.name = "variant", .value = "NAME", .help = "one variant", .repeats = true},
    {.name = "dim", .value = "LIST", .help = "head dimensions (default 64,128,256)"},
    {.name = "seq", .value = "LIST", .help = "lengths, of queries and keys (default 512,1024,2048,4096,8192,16384)"},
    {.name = "causal", .value = "WHICH", .help = "both, yes or no (default both)"},
    {.name = "tokens", .value = "N", .help = "batches times length (default 16384); a longer --seq is one batch"},
    {.name = "width", .value = "N", .help = "heads times head dimension (default 2048)"},
    {.name = "distribution", .value = "SPEC", .help = "of the inputs (default normal; attest list distributions)"},
    {.name = "format", .value = "NAME", .help = "of the inputs (default fp16)"},
    {.name = "seed", .value = "N", .help = "of the inputs (default 1)"},
    {.name = "repeats", .value = "N", .help = "how often each is timed after warming up (default 30, at least 20)"},
    {.name = "warm-up", .value = "MS", .help = "of launches before them (default 50)"},
    {.name = "burst", .value = "MS", .help = "of launches back to back that are timed as one (default 4)"},
    {.name = "prepare", .help = "the time with quantising on the GPU too"},
    {.name = "accuracy", .help = "the error of the outputs too"},
    {.name = "rows", .value = "N", .help = "--accuracy: query rows looked at in each of 4 heads (default 16)"},
    {.name = "oracle", .value = "NAME", .help = "--accuracy: the source of the truth: auto (default) or a name (attest list oracles)"},
    {.name = "product", .value = "N", .help = "n of the n x n matrix products beside (default 8192)"},
    {.name = "copy", .value = "MIB", .help = "how much is copied to find the GPU's bandwidth (default 512)"},
    {.name = "gpu", .value = "N", .help = "which GPU (default 0)"},
    {.name = "time-limit", .value = "SECONDS", .help = "how long the GPU may be silent before it counts as hung (default 60)"},
    AT_OPTION_THREADS,
    AT_OPTION_DB,
    {0},
};

const struct at_verb at_verb_bench = {
    .name = "bench",
    .summary = "how fast attention kernels are on this GPU, beside what it does at best and beside their error",
    .usage = "  attest bench [--variants A,B] [--dim 64,128] [--seq 1024,4096] [--causal both|yes|no] [--accuracy] [OPTIONS]\n",
    .help = "Each variant's kernel is timed on each shape, in one process, with cuBLASLt's matrix products and a copy between the shapes:\n"
            "the share of what the GPU does at best can be compared from day to day, microseconds cannot. Batches times length and heads\n"
            "times head dimension stay the same over the shapes. --accuracy adds the relative RMSE of some rows against the\n"
            "truth of the inputs. All of it is stored at the end, or nothing (attest show bench, attest show ceilings; docs/bench.md).\n"
            "\nExit code 2 also says that no kernel computes a variant that was named; the others are measured all the same.\n",
    .examples = "  attest bench\n"
                "  attest bench --variants fa3-fp16,fa3-fp8,fp8-two-level --dim 128 --causal yes --accuracy\n"
                "  attest bench --seq 8192 --tokens 8192 --width 8192 --dim 128 --repeats 100\n"
                "  attest bench --distribution v-mean:mean=0.1 --seq 16384 --accuracy --json\n",
    .options = options,
    .run = run,
};
