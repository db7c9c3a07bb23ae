/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/probes/compare.h"

#include "core/bits.h"
#include "kernels/twin/wgmma.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { LEAST_COLUMNS = 8, SHAPES = AT_PROBE_MOST_COLUMNS / LEAST_COLUMNS, MOST_OUTPUTS = 1 << 21, THREADS = 128 };

/* How the instruction is used; its cases are `share` sixteenths of a shape's. */
static const struct {
    const char *place;
    int accumulate, share;
    const char *text;
} uses[] = {{"shared", 1, 8, "A from shared memory"}, {"registers", 1, 6, "A from registers"}, {"shared", 0, 2, "without the accumulator"}};

enum { USES = sizeof uses / sizeof uses[0] };

struct dots {
    const struct at_probe *probe;
    struct at_gpu *gpu;
    uint64_t seed;
    uint64_t gpu_a, gpu_b, gpu_c, gpu_d;
    void *a, *b, *c, *d; /* of the host, room for MOST_OUTPUTS outputs of the narrowest shape */
    struct at_probe_outcome outcome;
};

static enum at_status start(struct dots *x, struct at_error *error)
{
    const struct {
        uint64_t *gpu;
        void **host;
        size_t bytes;
    } rooms[] = {{&x->gpu_a, &x->a, (size_t)MOST_OUTPUTS / LEAST_COLUMNS * AT_PROBE_ROW_BYTES},
                 {&x->gpu_b, &x->b, (size_t)MOST_OUTPUTS / AT_PROBE_ROWS * AT_PROBE_ROW_BYTES},
                 {&x->gpu_c, &x->c, (size_t)MOST_OUTPUTS * sizeof(float)},
                 {&x->gpu_d, &x->d, (size_t)MOST_OUTPUTS * sizeof(float)}};
    enum at_status status = AT_OK;
    for (size_t i = 0; i < sizeof rooms / sizeof rooms[0] && !status; i++) {
        status = at_gpu_alloc(x->gpu, rooms[i].bytes, rooms[i].gpu, error);
        if (!status)
            status = at_gpu_host_alloc(x->gpu, rooms[i].bytes, rooms[i].host, error);
    }
    return status;
}

static void end(struct dots *x)
{
    at_gpu_free(x->gpu, x->gpu_a);
    at_gpu_free(x->gpu, x->gpu_b);
    at_gpu_free(x->gpu, x->gpu_c);
    at_gpu_free(x->gpu, x->gpu_d);
    at_gpu_host_free(x->gpu, x->a);
    at_gpu_host_free(x->gpu, x->b);
    at_gpu_host_free(x->gpu, x->c);
    at_gpu_host_free(x->gpu, x->d);
}

static enum at_status multiply(struct dots *x, int n, int use, int cases, struct at_error *error)
{
    char kernel[64];
    size_t outputs = (size_t)cases * AT_PROBE_ROWS * (size_t)n;
    int accumulate = uses[use].accumulate;
    void *arguments[] = {&x->gpu_a, &x->gpu_b, &x->gpu_c, &x->gpu_d, &cases, &accumulate};
    snprintf(kernel, sizeof kernel, "probe_%s_n%d_%s", x->probe->code, n, uses[use].place);
    memset(x->d, 0xa5, outputs * sizeof(float)); /* what the kernel does not write differs */
    enum at_status status = at_gpu_copy_in(x->gpu, x->gpu_a, x->a, (size_t)cases * AT_PROBE_ROWS * AT_PROBE_ROW_BYTES, error);
    if (!status)
        status = at_gpu_copy_in(x->gpu, x->gpu_b, x->b, (size_t)cases * (size_t)n * AT_PROBE_ROW_BYTES, error);
    if (!status)
        status = at_gpu_copy_in(x->gpu, x->gpu_c, x->c, outputs * sizeof(float), error);
    if (!status)
        status = at_gpu_copy_in(x->gpu, x->gpu_d, x->d, outputs * sizeof(float), error);
    if (!status)
        status = at_gpu_run(x->gpu, kernel, (unsigned)cases, THREADS, arguments, error);
    return status ? status : at_gpu_copy_out(x->gpu, x->d, x->gpu_d, outputs * sizeof(float), error);
}

/* Where the i-th output of a batch lies. */
static void describe(const struct dots *x, int n, int use, int64_t case_of_first, int64_t i, float twin, char *ret_text, size_t size)
{
    int64_t outputs = (int64_t)AT_PROBE_ROWS * n;
    uint32_t got;
    memcpy(&got, (const float *)x->d + i, sizeof got);
    snprintf(ret_text, size, "m64n%d, %s, case %" PRId64 ", row %" PRId64 ", column %" PRId64 ": the GPU gives 0x%08x, the twin 0x%08x", n,
             uses[use].text, case_of_first + i / outputs, i % outputs / n, i % n, got, at_bits_of_float(twin));
}

/* Outputs of case `at` of the batch that differ; the first of them in *ret_first. */
static int64_t compare(const struct dots *x, int n, int use, int at, int64_t *ret_first, float *ret_twin)
{
    const struct at_probe *p = x->probe;
    int depth = at_wgmma_depth(p->a);
    float a[AT_PROBE_ROWS * AT_PROBE_ROW_BYTES], b[AT_PROBE_MOST_COLUMNS * AT_PROBE_ROW_BYTES];
    int64_t differing = 0, first = (int64_t)at * AT_PROBE_ROWS * n;
    at_probe_decode(p->a, (const char *)x->a + (size_t)at * AT_PROBE_ROWS * AT_PROBE_ROW_BYTES, (int64_t)AT_PROBE_ROWS * depth, a);
    at_probe_decode(p->b, (const char *)x->b + (size_t)at * (size_t)n * AT_PROBE_ROW_BYTES, (int64_t)n * depth, b);
    for (int64_t i = 0; i < (int64_t)AT_PROBE_ROWS * n; i++) {
        float c = uses[use].accumulate ? ((const float *)x->c)[first + i] : 0.0f;
        float twin = at_wgmma_dot(p->a, p->b, a + i / n * depth, b + i % n * depth, 1, c);
        if (memcmp((const float *)x->d + first + i, &twin, sizeof twin) == 0)
            continue;
        if (differing++ == 0) {
            *ret_first = first + i;
            *ret_twin = twin;
        }
    }
    return differing;
}

static void compare_batch(struct dots *x, int n, int use, int64_t first_case, int cases)
{
    int64_t differing = 0, first = INT64_MAX;
    float twin_there = 0;
#pragma omp parallel for schedule(dynamic) reduction(+ : differing)
    for (int i = 0; i < cases; i++) {
        int64_t at;
        float twin;
        int64_t count = compare(x, n, use, i, &at, &twin);
        differing += count;
#pragma omp critical
        if (count && at < first) {
            first = at;
            twin_there = twin;
        }
    }
    if (differing && x->outcome.differing == 0)
        describe(x, n, use, first_case, first, twin_there, x->outcome.first, sizeof x->outcome.first);
    x->outcome.differing += differing;
    x->outcome.outputs += (int64_t)cases * AT_PROBE_ROWS * n;
}

static void fill_batch(struct dots *x, int n, int64_t first_case, int cases)
{
#pragma omp parallel for schedule(dynamic)
    for (int i = 0; i < cases; i++)
        at_probe_case(x->probe, x->seed, n, first_case + i, (char *)x->a + (size_t)i * AT_PROBE_ROWS * AT_PROBE_ROW_BYTES,
                      (char *)x->b + (size_t)i * (size_t)n * AT_PROBE_ROW_BYTES, (float *)x->c + (size_t)i * AT_PROBE_ROWS * (size_t)n);
}

/* The cases of one shape: `uses` one after the other, in batches. */
static enum at_status run_shape(struct dots *x, int n, int64_t cases, struct at_pulse *pulse, double all, struct at_error *error)
{
    int64_t done = 0, batch = MOST_OUTPUTS / (AT_PROBE_ROWS * n);
    enum at_status status = AT_OK;
    for (int use = 0; use < USES && !status; use++)
        for (int64_t left = (cases * uses[use].share + 15) / 16; left > 0 && !status;) {
            int count = (int)(left < batch ? left : batch);
            fill_batch(x, n, done, count);
            status = multiply(x, n, use, count, error);
            if (!status)
                compare_batch(x, n, use, done, count);
            if (pulse)
                at_pulse_beat(pulse, (double)x->outcome.outputs, all);
            done += count;
            left -= count;
        }
    return status;
}

enum at_status at_probe_dots(const struct at_probe *probe, struct at_gpu *gpu, const struct at_probe_request *request,
                             struct at_pulse *pulse, struct at_probe_outcome *ret_outcome, struct at_error *error)
{
    struct dots x = {.probe = probe, .gpu = gpu, .seed = request->seed};
    enum at_status status = start(&x, error);
    for (int n = LEAST_COLUMNS; n <= AT_PROBE_MOST_COLUMNS && !status; n += LEAST_COLUMNS) {
        int64_t outputs = (request->outputs + SHAPES - 1) / SHAPES, one = (int64_t)AT_PROBE_ROWS * n;
        status = run_shape(&x, n, (outputs + one - 1) / one, pulse, (double)request->outputs, error);
    }
    end(&x);
    if (!status)
        *ret_outcome = x.outcome;
    return status;
}
