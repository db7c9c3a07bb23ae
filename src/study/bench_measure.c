/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/bench_measure.h"

#include "kernels/common/repeat.h"
#include "kernels/prepare/prepare.h"
#include "study/bench_ceiling.h"
#include "study/bench_time.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Sets of operands that launches take in turn, at most; together they should be this much larger than the L2 cache. */
enum { MOST_SETS = 64, SETS_OVER_CACHE = 4 };

struct measurement {
    const struct at_benchmark *b;
    struct at_pulse *pulse;
    struct at_bench_answer answer;
    struct at_gpu *gpu;
    struct at_bench_ceilings ceilings;
    double done;
};

/* What one problem's points share. */
struct inputs {
    struct at_problem made;
    struct at_qkv host;
    struct at_bench_inputs device; /* with codes only where preparing is timed */
};

/* One point on the GPU; `next` of the sets is the next launch's. */
struct launches {
    const struct at_bench_point *point;
    const struct at_bench_preparer *preparer; /* NULL: the kernel alone */
    void *preparing;                          /* its state */
    struct at_device_operands sets[MOST_SETS];
    int64_t count, next;
    struct at_device_outputs outputs;
};

static void step(struct measurement *m)
{
    m->done++;
    at_pulse_beat(m->pulse, m->done, at_bench_steps(m->b));
}

static enum at_status start(void *context, struct at_error *error)
{
    struct launches *l = context;
    const struct at_device_operands *operands = &l->sets[l->next];
    l->next = (l->next + 1) % l->count;
    enum at_status status = l->preparer ? l->preparer->start(l->preparing, operands, error) : AT_OK;
    return status ? status : l->point->kernel->start(operands, &l->outputs, error);
}

/* Names what did not fit, and what would. */
static enum at_status too_large(const struct at_problem *p, const char *what, double bytes, struct at_error *error)
{
    struct at_error inner = *error;
    return at_fail(error, AT_ERR_MEMORY,
                   "%.260s on %" PRId64 " x %" PRId64 " heads of %" PRId64 " rows, d %" PRId64 ": %.1f MiB of the GPU's memory are needed "
                   "(%.300s), or take a smaller --seq, --tokens or --width",
                   what, p->batch, p->heads_q, p->seq_q, p->dim, bytes / 0x1p20, inner.message);
}

static double output_bytes(const struct at_problem *p, enum at_format format)
{
    return (double)(p->batch * p->heads_q * p->seq_q) * ((double)p->dim * (double)at_format_size(format) + 3 * sizeof(float));
}

static enum at_status upload(const struct measurement *m, const struct at_bench_point *point, const struct at_operands *host,
                             struct at_device_operands *set, struct at_error *error)
{
    const struct at_problem *p = &m->b->request->problems[point->problem];
    enum at_status status = at_device_operands_init(m->gpu, p, &point->numerics, set, error);
    struct at_device_operands first = *set;
    first.problem = host->problem;
    if (!status)
        status = at_device_operands_upload(&first, host, error);
    return status ? status : at_device_operands_repeat(set, host->problem.heads_kv, error);
}

static int64_t sets_for(const struct measurement *m, const struct at_bench_point *point)
{
    int64_t wanted = (SETS_OVER_CACHE * at_gpu_facts(m->gpu)->l2_bytes + point->operand_bytes - 1) / point->operand_bytes;
    return wanted < 1 ? 1 : wanted < MOST_SETS ? wanted : MOST_SETS;
}

static enum at_status launches_init(const struct measurement *m, const struct at_bench_point *point, const struct inputs *inputs,
                                    struct launches *l, struct at_error *error)
{
    const struct at_bench_request *r = m->b->request;
    const struct at_problem *p = &r->problems[point->problem];
    struct at_operands host = {.lse_shift = NULL};
    int64_t wanted = sets_for(m, point);
    enum at_status status = at_prepare(&inputs->made, &point->numerics, &inputs->host, &host, error);
    if (status)
        return status;
    while (l->count < wanted && !status)
        status = upload(m, point, &host, &l->sets[l->count++], error);
    at_operands_done(&host);
    if (!status)
        status = at_device_outputs_init(m->gpu, p, &point->numerics, &l->outputs, error);
    if (status != AT_ERR_MEMORY)
        return status;
    return too_large(p, r->variants[point->variant].name,
                     (double)point->operand_bytes * (double)wanted + output_bytes(p, point->numerics.output), error);
}

static void launches_done(struct launches *l)
{
    for (int64_t i = 0; i < l->count; i++)
        at_device_operands_done(&l->sets[i]);
    at_device_outputs_done(&l->outputs);
}

/* The rows looked at of the heads whose inputs were made, which are the first. */
static enum at_status fetch(const struct measurement *m, size_t index, const struct launches *l, struct at_error *error)
{
    const struct at_bench_point *point = l->point;
    const struct at_problem *p = &m->b->request->problems[point->problem];
    const struct at_rows *rows = &m->b->rows[point->problem];
    enum at_format format = point->numerics.output;
    size_t dim = (size_t)p->dim, row_bytes = dim * at_format_size(format);
    int64_t heads = at_bench_made(p).heads_q;
    float *o = m->answer.outputs + at_bench_outputs(m->b, index), *lse = o + (size_t)(heads * rows->count) * dim;
    void *codes = malloc(row_bytes);
    enum at_status status = codes ? AT_OK : at_fail(error, AT_ERR_MEMORY, "no memory for a row of outputs");
    for (int64_t i = 0; i < heads * rows->count && !status; i++) {
        uint64_t row = (uint64_t)(i / rows->count * p->seq_q + rows->index[i % rows->count]);
        status = at_gpu_copy_out(m->gpu, codes, l->outputs.o + row * row_bytes, row_bytes, error);
        if (!status)
            status = at_gpu_copy_out(m->gpu, &lse[i], l->outputs.lse + row * sizeof(float), sizeof(float), error);
        if (!status)
            at_decode_array(format, codes, dim, o + (size_t)i * dim);
    }
    free(codes);
    return status;
}

/* With prepare, where it is asked for and done for this variant. */
static enum at_status measure_whole(struct measurement *m, const struct inputs *inputs, struct launches *l, struct at_bench_time *ret_time,
                                    struct at_error *error)
{
    const struct at_bench_request *r = m->b->request;
    const struct at_bench_preparer *preparer = r->preparer;
    const struct at_numerics *numerics = &l->point->numerics;
    if (!preparer || preparer->check(numerics, &inputs->device.problem, NULL))
        return AT_OK;
    enum at_status status = preparer->open(&inputs->device, numerics, &l->preparing, error);
    if (status)
        return status;
    l->preparer = preparer;
    status = at_bench_measure_time(m->gpu, start, l, &r->pace, ret_time, error);
    preparer->close(l->preparing);
    return status;
}

static enum at_status measure_point(struct measurement *m, size_t index, const struct inputs *inputs, struct at_error *error)
{
    const struct at_bench_point *point = &m->b->points[index];
    struct at_bench_measured *measured = &m->answer.measured[index];
    struct launches l = {.point = point};
    enum at_status status = launches_init(m, point, inputs, &l, error);
    if (!status)
        status = at_bench_measure_time(m->gpu, start, &l, &m->b->request->pace, &measured->alone, error);
    if (!status)
        status = fetch(m, index, &l, error);
    if (!status)
        status = measure_whole(m, inputs, &l, &measured->whole, error);
    measured->operand_sets = l.count;
    launches_done(&l);
    return status;
}

static enum at_status place(struct at_gpu *gpu, const struct at_tensor *made, size_t heads, uint64_t *ret_address, struct at_error *error)
{
    size_t bytes = (size_t)at_tensor_count(made) * at_format_size(made->format);
    enum at_status status = at_gpu_alloc(gpu, bytes / (size_t)made->heads * heads, ret_address, error);
    if (!status)
        status = at_gpu_copy_in(gpu, *ret_address, made->codes, bytes, error);
    return status ? status : at_gpu_repeat(gpu, *ret_address, bytes, bytes / (size_t)made->heads * heads, error);
}

static enum at_status inputs_init(const struct measurement *m, const struct at_problem *p, struct inputs *in, struct at_error *error)
{
    const struct at_bench_request *r = m->b->request;
    size_t pairs = (size_t)(p->batch * p->heads_kv), heads = (size_t)(p->batch * p->heads_q);
    *in = (struct inputs){.made = at_bench_made(p), .device = {.gpu = m->gpu, .problem = *p, .format = r->format}};
    enum at_status status = at_distribution_generate(&r->distribution, &in->made, r->format, r->seed, &in->host, error);
    if (status || !r->preparer)
        return status;
    status = place(m->gpu, &in->host.q, heads, &in->device.q, error);
    if (!status)
        status = place(m->gpu, &in->host.k, pairs, &in->device.k, error);
    if (!status)
        status = place(m->gpu, &in->host.v, pairs, &in->device.v, error);
    if (status != AT_ERR_MEMORY)
        return status;
    double elements = (double)heads * (double)p->seq_q + 2 * (double)pairs * (double)p->seq_k;
    return too_large(p, "inputs", elements * (double)p->dim * (double)at_format_size(r->format), error);
}

static void inputs_done(struct inputs *in)
{
    at_qkv_done(&in->host);
    at_gpu_free(in->device.gpu, in->device.q);
    at_gpu_free(in->device.gpu, in->device.k);
    at_gpu_free(in->device.gpu, in->device.v);
}

/* Points [from, to) of one problem. */
static enum at_status measure_problem(struct measurement *m, size_t from, size_t to, struct at_error *error)
{
    struct inputs inputs;
    enum at_status status = inputs_init(m, &m->b->request->problems[m->b->points[from].problem], &inputs, error);
    for (size_t i = from; i < to && !status; i++)
        if (m->b->points[i].kernel) {
            status = measure_point(m, i, &inputs, error);
            step(m);
        }
    inputs_done(&inputs);
    return status;
}

static enum at_status open_gpu(struct measurement *m, struct at_error *error)
{
    const struct at_benchmark *b = m->b;
    enum at_status status = AT_OK;
    for (size_t i = 0; i < b->count && !status; i++) {
        const struct at_kernel *kernel = b->points[i].kernel;
        if (kernel && !m->gpu)
            status = at_gpu_open(b->request->gpu, kernel->image, &m->gpu, error);
        else if (kernel)
            status = at_gpu_load(m->gpu, kernel->image, error);
    }
    if (!status && b->request->preparer)
        status = at_gpu_load(m->gpu, b->request->preparer->image, error);
    return status;
}

static enum at_status measure_all(struct measurement *m, struct at_error *error)
{
    const struct at_benchmark *b = m->b;
    size_t round = 0;
    enum at_status status = at_bench_ceilings_time(&m->ceilings, &b->request->pace, &m->answer.rounds[round++], error);
    step(m);
    for (size_t from = 0, to; from < b->count && !status; from = to) {
        bool any = false;
        for (to = from; to < b->count && b->points[to].problem == b->points[from].problem; to++)
            any |= b->points[to].kernel != NULL;
        if (!any)
            continue;
        status = measure_problem(m, from, to, error);
        if (!status)
            status = at_bench_ceilings_time(&m->ceilings, &b->request->pace, &m->answer.rounds[round++], error);
        step(m);
    }
    return status;
}

enum at_status at_bench_open(const void *benchmark, struct at_pulse *pulse, void *answer, struct at_error *error)
{
    struct measurement m = {.b = benchmark, .pulse = pulse};
    (void)answer;
    return open_gpu(&m, error);
}

enum at_status at_bench_measure(const void *benchmark, struct at_pulse *pulse, void *answer, struct at_error *error)
{
    const struct at_benchmark *b = benchmark;
    struct measurement m = {.b = b, .pulse = pulse, .answer = at_bench_answer_of(b, answer)};
    struct at_bench_head *head = m.answer.head;
    for (size_t i = 0; i < b->count; i++)
        m.answer.measured[i] = (struct at_bench_measured){at_bench_no_time(), at_bench_no_time(), 0};
    enum at_status status = open_gpu(&m, error);
    if (!status)
        head->gpu = *at_gpu_facts(m.gpu);
    if (!status)
        status = at_bench_ceilings_init(m.gpu, b->request, &m.ceilings, &head->blas_version, &head->no_product, error);
    if (!status)
        status = measure_all(&m, error);
    /* The GPU is not closed: the process ends here, and a driver that hangs in that must not keep the answer back. */
    return status;
}
