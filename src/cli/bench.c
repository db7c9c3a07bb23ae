/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "cli/bench_request.h"
#include "cli/compute.h"
#include "cli/database.h"
#include "cli/grid.h"
#include "cli/output.h"
#include "cli/terminal.h"
#include "cli/verb.h"

#include "study/bench_ceiling.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

static double flop_of(const struct at_problem *p)
{
    double full = 4 * (double)(p->batch * p->heads_q) * (double)p->seq_q * (double)p->seq_k * (double)p->dim;
    return p->causal ? full / 2 : full;
}

static void print_point(struct at_grid *grid, const struct at_benchmark *b, const struct at_bench_point *point)
{
    const struct at_problem *p = &b->request->problems[point->problem];
    char text[64];
    at_grid_add(grid, b->request->variants[point->variant].name);
    at_grid_number(grid, (double)p->dim);
    at_grid_add(grid, p->causal ? "causal" : "full");
    at_grid_number(grid, (double)p->seq_k);
    snprintf(text, sizeof text, "%" PRId64 " x %" PRId64, p->batch, p->heads_q);
    at_grid_add(grid, text);
    at_grid_number(grid, point->alone.min_ns / 1e3);
    at_grid_number(grid, point->alone.median_ns / 1e3);
    at_grid_number(grid, point->alone.high_ns / 1e3);
    at_grid_number(grid, flop_of(p) / point->alone.median_ns / 1e3);
    enum at_ceiling ceiling = at_formats[point->numerics.q.format].bits == 8 ? AT_CEILING_E4M3 : AT_CEILING_BF16;
    double best = at_bench_ceiling_work(b->request, ceiling) / b->rounds[0].time[ceiling].median_ns;
    at_grid_number(grid, flop_of(p) / point->alone.median_ns / best);
}

static void print(const struct at_benchmark *b)
{
    static const char *const headings[] = {"variant", ">d",       "mask",     ">keys",    "heads",
                                           ">min us", ">median us", ">q75 us", ">TFLOP/s", ">share"};
    struct at_grid grid;
    at_grid_init(&grid, sizeof headings / sizeof headings[0], headings);
    for (size_t i = 0; i < b->count; i++)
        if (b->points[i].kernel)
            print_point(&grid, b, &b->points[i]);
    at_grid_print(&grid);
    at_grid_done(&grid);
    for (size_t r = 0; r < b->round_count; r++)
        for (int c = 0; c < AT_CEILING_COUNT; c++)
            if (!isnan(b->rounds[r].time[c].median_ns))
                at_say(stdout, "round %zu, %s: %.1f", r, at_ceiling_names[c],
                       at_bench_ceiling_work(b->request, (enum at_ceiling)c) / b->rounds[r].time[c].median_ns / 1e3);
}

static int measure(struct at_bench_command *c, struct at_benchmark *b)
{
    struct at_error error;
    struct at_terminal terminal;
    const struct at_compute compute = {.threads = 0};
    at_terminal_init(&terminal);
    const struct at_study_events events = {&terminal, at_terminal_show, at_terminal_note, at_compute_start(&compute)};
    c->request.events = &events;
    enum at_status status = at_benchmark_plan(&c->request, b, &error);
    if (!status)
        status = at_benchmark_run(b, &error);
    at_terminal_done(&terminal);
    if (status)
        return at_could_not(status, &error);
    if (*b->no_product.message)
        at_complain(&b->no_product);
    print(b);
    return AT_EXIT_OK;
}

static int run(const struct at_arguments *arguments)
{
    struct at_error error;
    struct at_bench_command command;
    struct at_benchmark benchmark = {.request = NULL};
    int code = at_bench_command_read(arguments, &command, &error) ? at_misused("bench", &error) : measure(&command, &benchmark);
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
    {.name = "accuracy", .help = "the error of the outputs too"},
    {.name = "rows", .value = "N", .help = "--accuracy: query rows looked at in each of 4 heads (default 16)"},
    {.name = "product", .value = "N", .help = "n of the n x n matrix products beside (default 8192)"},
    {.name = "copy", .value = "MIB", .help = "how much is copied to find the GPU's bandwidth (default 512)"},
    {.name = "gpu", .value = "N", .help = "which GPU (default 0)"},
    {.name = "time-limit", .value = "SECONDS", .help = "how long the GPU may be silent before it counts as hung (default 60)"},
    AT_OPTION_DB,
    {0},
};

const struct at_verb at_verb_bench = {
    .name = "bench",
    .summary = "how fast the attention kernels are on this GPU, beside what it can do at best and beside their error",
    .usage = "  attest bench [--variants LIST] [--dim LIST] [--seq LIST] [--causal both|yes|no] [--repeats N] [--accuracy] [OPTIONS]\n",
    .help = "",
    .examples = "  attest bench\n",
    .options = options,
    .run = run,
};
