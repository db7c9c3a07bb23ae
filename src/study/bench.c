/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/bench.h"

#include "core/guard.h"
#include "study/bench_measure.h"
#include "study/bench_time.h"
#include "study/machine.h"
#include "study/memory.h"

#include <inttypes.h>
#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char remedy[] = "look at nvidia-smi and at the driver's messages (dmesg); end what else uses the GPU, or allow more with "
                             "--time-limit";

struct at_problem at_bench_made(const struct at_problem *problem)
{
    struct at_problem made = *problem;
    int64_t pairs = problem->batch * problem->heads_kv;
    made.batch = 1;
    made.heads_kv = pairs < AT_BENCH_PAIRS ? pairs : AT_BENCH_PAIRS;
    made.heads_q = made.heads_kv * at_problem_group(problem);
    return made;
}

double at_bench_flop(const struct at_problem *p)
{
    double full = 4 * (double)p->batch * (double)p->heads_q * (double)p->seq_q * (double)p->seq_k * (double)p->dim;
    return p->causal ? full / 2 : full;
}

static size_t outputs_of(const struct at_benchmark *b, const struct at_bench_point *point)
{
    const struct at_problem made = at_bench_made(&b->request->problems[point->problem]);
    return point->kernel ? (size_t)(made.heads_q * b->rows[point->problem].count * (made.dim + 1)) : 0;
}

size_t at_bench_outputs(const struct at_benchmark *b, size_t i)
{
    size_t before = 0;
    for (size_t j = 0; j < i; j++)
        before += outputs_of(b, &b->points[j]);
    return before;
}

struct at_bench_answer at_bench_answer_of(const struct at_benchmark *b, void *bytes)
{
    char *at = bytes;
    const size_t sizes[] = {sizeof(struct at_bench_head), b->round_count * sizeof(struct at_bench_round),
                            b->count * sizeof(struct at_bench_measured), at_bench_outputs(b, b->count) * sizeof(float)};
    struct at_bench_answer answer = {.size = sizes[0] + sizes[1] + sizes[2] + sizes[3]};
    if (!bytes)
        return answer;
    answer.head = (struct at_bench_head *)at;
    answer.rounds = (struct at_bench_round *)(at + sizes[0]);
    answer.measured = (struct at_bench_measured *)(at + sizes[0] + sizes[1]);
    answer.outputs = (float *)(at + sizes[0] + sizes[1] + sizes[2]);
    return answer;
}

double at_bench_steps(const struct at_benchmark *b)
{
    return (double)(b->computed + b->round_count);
}

/* Steps in their order: the ceilings, then the points of each problem and the ceilings again. */
void at_bench_step_name(const struct at_benchmark *b, double done, char ret_text[AT_BENCH_STEP_SIZE])
{
    double next = 1;
    bool any = false;
    snprintf(ret_text, AT_BENCH_STEP_SIZE, "%s", "ceilings");
    for (size_t i = 0; i < b->count; i++) {
        const struct at_bench_point *point = &b->points[i];
        const struct at_problem *p = &b->request->problems[point->problem];
        if (point->kernel && next++ == done)
            snprintf(ret_text, AT_BENCH_STEP_SIZE, "%s, d %" PRId64 ", %" PRId64 " keys%s", b->request->variants[point->variant].name,
                     p->dim, p->seq_k, p->causal ? ", causal" : "");
        any |= point->kernel != NULL;
        if (any && (i + 1 == b->count || b->points[i + 1].problem != point->problem)) {
            next++;
            any = false;
        }
    }
}

static enum at_status choose_kernels(struct at_benchmark *b, struct at_error *error)
{
    const struct at_bench_request *r = b->request;
    for (size_t i = 0; i < b->count; i++) {
        struct at_bench_point *point = &b->points[i];
        *point = (struct at_bench_point){.variant = i % r->variant_count,
                                         .problem = i / r->variant_count,
                                         .alone = at_bench_no_time(),
                                         .whole = at_bench_no_time(),
                                         .rel_rmse = NAN,
                                         .rel_rmse_radius = NAN};
        const struct at_problem *p = &r->problems[point->problem];
        enum at_status status = at_numerics_resolve(&r->variants[point->variant].numerics, p, &point->numerics, &point->reason);
        if (!status)
            status = at_kernel_choose(&point->numerics, p, &point->kernel, &point->reason);
        if (status)
            continue;
        point->operand_bytes = (int64_t)at_device_operands_bytes(p, &point->numerics);
        point->reason.message[0] = '\0';
        b->computed++;
    }
    return b->computed ? AT_OK
                       : at_fail(error, AT_ERR_UNSUPPORTED, "no kernel computes any of this; %s: %s", r->variants[0].name,
                                 b->points[0].reason.message);
}

/* What the machine itself, not the GPU, must hold. */
static enum at_status check_memory(const struct at_benchmark *b, struct at_error *error)
{
    const struct at_bench_request *r = b->request;
    double there = at_machine_free_memory();
    for (size_t i = 0; i < b->count; i++) {
        if (!b->points[i].kernel)
            continue;
        const struct at_problem made = at_bench_made(&r->problems[b->points[i].problem]);
        int64_t rows = b->rows[b->points[i].problem].count;
        double needed = at_memory_of_attend(&made, r->format, &b->points[i].numerics);
        if (rows)
            needed += at_memory_of_truth(&made, rows, made.dim, b->oracle.oracle, omp_get_max_threads());
        if (!(needed <= there))
            return at_fail(error, AT_ERR_MEMORY,
                           "%" PRId64 " heads of %" PRId64 " keys need about %.3g GiB of the machine's memory, %.3g GiB are free; take a "
                           "smaller --seq",
                           made.heads_q, made.seq_k, needed / 0x1p30, there / 0x1p30);
    }
    return AT_OK;
}

enum at_status at_benchmark_plan(const struct at_bench_request *request, struct at_benchmark *ret_benchmark, struct at_error *error)
{
    struct at_benchmark *b = ret_benchmark;
    *b = (struct at_benchmark){.request = request, .count = request->variant_count * request->problem_count, .round_count = 1};
    b->points = calloc(b->count ? b->count : 1, sizeof *b->points);
    b->rows = calloc(request->problem_count ? request->problem_count : 1, sizeof *b->rows);
    if (!b->points || !b->rows)
        return at_fail(error, AT_ERR_MEMORY, "bench: no memory for %zu points", b->count);
    enum at_status status = choose_kernels(b, error);
    for (size_t i = 0; i < request->problem_count && !status; i++) {
        bool any = false;
        for (size_t v = 0; v < request->variant_count; v++)
            any |= b->points[i * request->variant_count + v].kernel != NULL;
        b->round_count += any;
        if (any && request->rows)
            status = at_rows_choose(&b->rows[i], request->problems[i].seq_q, request->rows, request->rows_seed, error);
    }
    if (!status)
        status = at_bench_settle(b, error);
    if (!status)
        status = check_memory(b, error);
    if (!status && !(b->rounds = calloc(b->round_count, sizeof *b->rounds)))
        status = at_fail(error, AT_ERR_MEMORY, "bench: no memory for %zu points", b->count);
    return status;
}

void at_benchmark_done(struct at_benchmark *b)
{
    for (size_t i = 0; b->rows && i < b->request->problem_count; i++)
        at_rows_done(&b->rows[i]);
    free(b->rows);
    free(b->points);
    free(b->rounds);
    free(b->outputs);
    *b = (struct at_benchmark){.request = NULL};
}

static void show(void *context, double done, double total)
{
    const struct at_benchmark *b = context;
    const struct at_study_events *events = b->request->events;
    char what[AT_BENCH_STEP_SIZE];
    at_bench_step_name(b, done, what);
    if (events && events->progress)
        events->progress(events->context, done, total, what);
}

static void take(struct at_benchmark *b, const struct at_bench_answer *answer)
{
    b->gpu = answer->head->gpu;
    b->blas_version = answer->head->blas_version;
    b->no_product = answer->head->no_product;
    memcpy(b->rounds, answer->rounds, b->round_count * sizeof *b->rounds);
    memcpy(b->outputs, answer->outputs, at_bench_outputs(b, b->count) * sizeof *b->outputs);
    for (size_t i = 0; i < b->count; i++) {
        b->points[i].alone = answer->measured[i].alone;
        b->points[i].whole = answer->measured[i].whole;
        b->points[i].operand_sets = answer->measured[i].operand_sets;
    }
}

static struct at_guard guard_of(const struct at_benchmark *b)
{
    const struct at_study_events *events = b->request->events;
    return (struct at_guard){.what = "bench", .remedy = remedy, .limit_s = b->request->limit_s, .stop = events ? events->stop : NULL};
}

enum at_status at_benchmark_check(const struct at_benchmark *b, struct at_error *error)
{
    const struct at_guard guard = guard_of(b);
    char none[1];
    return at_guard_run(&guard, at_bench_open, b, none, 0, error);
}

enum at_status at_benchmark_run(struct at_benchmark *b, struct at_error *error)
{
    struct at_guard guard = guard_of(b);
    size_t size = at_bench_answer_of(b, NULL).size;
    void *bytes = calloc(1, size);
    guard.progress = show;
    guard.context = b;
    b->outputs = calloc(at_bench_outputs(b, b->count) + 1, sizeof *b->outputs);
    enum at_status status = bytes && b->outputs ? AT_OK : at_fail(error, AT_ERR_MEMORY, "bench: no memory for %zu points", b->count);
    if (!status) {
        show(b, 0, at_bench_steps(b));
        status = at_guard_run(&guard, at_bench_measure, b, bytes, size, error);
    }
    if (!status) {
        const struct at_bench_answer answer = at_bench_answer_of(b, bytes);
        take(b, &answer);
    }
    free(bytes);
    return status;
}
