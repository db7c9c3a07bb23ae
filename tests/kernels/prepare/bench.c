/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "bench.h"

#include "core/random.h"
#include "kernels/common/burst.h"
#include "kernels/prepare/sm90/prepare_cuda.h"
#include "kernels/variants/variant.h"

#include <stdio.h>
#include <stdlib.h>

enum { TOKENS = 16384, WIDTH = 2048, WARM = 5, MOST_REPEATS = 25, BURST = 20, ALL = 3 };

struct bench {
    struct at_gpu *gpu;
    struct at_device_inputs inputs;
    struct at_device_operands operands;
    struct at_prepare_work work;
    int which, repeats;          /* 0, 1, 2, or ALL */
    uint64_t copy_to, copy_from; /* where the copy is timed */
    size_t copy_bytes;
};

static enum at_status enqueue(void *context, struct at_error *error)
{
    struct bench *b = context;
    if (b->copy_bytes)
        return at_gpu_copy(b->gpu, b->copy_to, b->copy_from, b->copy_bytes, error);
    return b->which == ALL ? at_prepare_on_gpu(&b->inputs, &b->operands, &b->work, error)
                           : at_prepare_one_on_gpu(b->which, &b->inputs, &b->operands, &b->work, error);
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static enum at_status median(struct bench *b, double *ret_time_ns, struct at_error *error)
{
    double times[WARM + MOST_REPEATS];
    struct at_gpu_burst burst = {enqueue, b, BURST};
    enum at_status status = at_gpu_time(b->gpu, at_gpu_enqueue_burst, &burst, WARM + b->repeats, times, error);
    if (!status)
        status = at_gpu_wait(b->gpu, error);
    if (status)
        return status;
    qsort(times + WARM, (size_t)b->repeats, sizeof times[0], by_size);
    *ret_time_ns = times[WARM + b->repeats / 2] / BURST;
    return AT_OK;
}

/* Bytes read once and written once: the elements, and the codes with V's zeros. */
static size_t bytes_of(const struct bench *b, int which)
{
    const struct at_problem *p = &b->operands.problem;
    const struct at_numerics *n = &b->operands.numerics;
    size_t elements = (size_t)(p->batch * p->heads_q * p->seq_q * p->dim),
           padded = (size_t)(p->batch * p->heads_kv * p->dim * at_device_v_columns(p));
    size_t sizes[3] = {elements * (2 + at_format_size(n->q.format)), elements * (2 + at_format_size(n->k.format)),
                       elements * 2 + (at_formats[n->v.format].bits == 8 ? padded : elements * 2)};
    return which == ALL ? sizes[0] + sizes[1] + sizes[2] : sizes[which];
}

static enum at_status run_one(struct bench *b, const struct at_problem *p, const char *spelled, struct at_error *error)
{
    struct at_variant_choice choice;
    struct at_numerics n;
    enum at_status status = at_variant_choose(spelled, &choice, error);
    if (!status)
        status = at_numerics_resolve(&choice.numerics, p, &n, error);
    if (!status)
        status = at_device_operands_init(b->gpu, p, &n, &b->operands, error);
    if (!status)
        status = at_prepare_work_init(b->gpu, p, &n, &b->work, error);
    for (b->which = 0; b->which <= ALL && !status; b->which++) {
        static const char *const names[] = {"Q", "K", "V", "all"};
        double prepare_ns = 0, copy_ns = 0;
        size_t bytes = bytes_of(b, b->which);
        status = median(b, &prepare_ns, error);
        b->copy_bytes = bytes / 2;
        if (!status)
            status = median(b, &copy_ns, error);
        b->copy_bytes = 0;
        if (!status)
            printf("| %d | %d | %s | %s | %.1f | %.1f | %.2f | %.2f | %.2f |\n", (int)p->dim, (int)p->seq_k, spelled, names[b->which],
                   prepare_ns * 1e-3, (double)bytes * 1e-6, (double)bytes / prepare_ns * 1e-3, (double)bytes / copy_ns * 1e-3,
                   copy_ns / prepare_ns);
        fflush(stdout);
    }
    at_prepare_work_done(&b->work);
    at_device_operands_done(&b->operands);
    return status;
}

/* Normal elements in fp16; the same for each shape. */
static enum at_status fill(struct bench *b, struct at_error *error)
{
    size_t count = (size_t)TOKENS * WIDTH;
    struct at_device_input *inputs[3] = {&b->inputs.q, &b->inputs.k, &b->inputs.v};
    uint16_t *elements = malloc(count * sizeof *elements);
    if (!elements)
        return at_fail(error, AT_ERR_MEMORY, "no memory for the elements");
#pragma omp parallel for schedule(static)
    for (size_t i = 0; i < count; i++)
        elements[i] = (uint16_t)at_encode(AT_FP16, (float)at_random_normal((struct at_random){1, 1}, i), AT_OVERFLOW_IEEE);
    enum at_status status = AT_OK;
    for (int i = 0; i < 3 && !status; i++) {
        inputs[i]->format = AT_FP16;
        status = at_gpu_alloc(b->gpu, count * sizeof *elements, &inputs[i]->codes, error);
        if (!status)
            status = at_gpu_copy_in(b->gpu, inputs[i]->codes, elements, count * sizeof *elements, error);
    }
    free(elements);
    /* The copy moves at most half of what all three read and write. */
    if (!status)
        status = at_gpu_alloc(b->gpu, 6 * count, &b->copy_from, error);
    if (!status)
        status = at_gpu_alloc(b->gpu, 6 * count, &b->copy_to, error);
    return status;
}

enum at_status prepare_bench(const void *argument, struct at_pulse *pulse, void *answer, struct at_error *error)
{
    static const char *const spelled[] = {"fa3-fp8", "fp8:rotate=hadamard,v.rotate=hadamard", "fp8-block128",
                                          "fp8-block128:rotate=hadamard,v.rotate=hadamard", "fp8:scale=token,v.scale=head"};
    static const int dims[] = {64, 128, 256}, lengths[] = {512, 4096, 16384};
    struct bench b = {.gpu = NULL};
    const struct bench_choice *choice = argument;
    (void)answer;
    b.repeats = choice->brief ? 7 : MOST_REPEATS;
    enum at_status status = at_gpu_open(0, &at_prepare_image, &b.gpu, error);
    if (!status)
        status = fill(&b, error);
    printf("| d | S | numerics | tensor | us | MB | TB/s | TB/s of a copy | share |\n"
           "| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n");
    for (size_t d = 0; d < 3 && !status; d++)
        for (size_t s = 0; s < 3 && !status; s++)
            for (size_t i = 0; i < sizeof spelled / sizeof spelled[0] && !status; i++) {
                struct at_problem p = {.batch = TOKENS / lengths[s], .seq_q = lengths[s], .seq_k = lengths[s], .dim = dims[d]};
                p.heads_q = p.heads_kv = WIDTH / dims[d];
                status = run_one(&b, &p, spelled[i], error);
                at_pulse_beat(pulse, (double)i, 1);
            }
    const uint64_t addresses[] = {b.inputs.q.codes, b.inputs.k.codes, b.inputs.v.codes, b.copy_to, b.copy_from};
    for (size_t i = 0; b.gpu && i < sizeof addresses / sizeof addresses[0]; i++)
        at_gpu_free(b.gpu, addresses[i]);
    at_gpu_close(b.gpu);
    return status;
}
