/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "bench.h"

#include "core/format.h"
#include "core/guard.h"
#include "core/random.h"
#include "heads.h"
#include "product.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct shape {
    int64_t heads, keys, dim;
    bool causal;
    int repeats;
};

static const struct shape shapes[] = {{16, 2048, 128, false, 9},  {16, 8192, 128, false, 5}, {1, 16384, 128, false, 5},
                                      {1, 131072, 128, false, 2}, {16, 8192, 64, false, 5},  {8, 8192, 256, false, 3},
                                      {16, 8192, 128, true, 5}};
enum { SHAPES = sizeof shapes / sizeof shapes[0], PRODUCT = 8192, MOST_REPEATS = 9 };

struct times {
    double product_ms, values_ms, sums_ms, upload_s, finish_s, radius_log2;
};

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double *drawn(uint64_t stream, int64_t count)
{
    double *x = malloc((size_t)count * sizeof *x);
    struct at_random key = {1, stream};
#pragma omp parallel for schedule(static)
    for (int64_t i = 0; i < count; i++)
        x[i] = (double)at_decode(AT_FP16, at_encode(AT_FP16, (float)at_random_normal(key, (uint64_t)i), AT_OVERFLOW_SATURATE));
    return x;
}

/* The median time of the kernel; the seconds before it, and after it until all is known. */
static enum at_status time_heads(struct at_gpu *gpu, const struct at_problem *problem, const double *const qkv[3], const struct shape *s,
                                 bool sums, struct times *times, struct at_error *error)
{
    struct heads heads;
    size_t count = (size_t)(s->heads * s->keys * s->dim);
    double ms[MOST_REPEATS], start = now_s(), *out = malloc(3 * count * sizeof *out), *radius = out + count, *sum_abs = radius + count;
    enum at_status status = heads_init(&heads, gpu, problem, qkv[0], qkv[1], qkv[2], sums, error);
    times->upload_s = now_s() - start;
    if (!status && !out)
        status = at_fail(error, AT_ERR_MEMORY, "no memory for the outputs");
    if (!status)
        status = heads_time(&heads, s->repeats, ms, error);
    start = now_s();
    if (!status)
        status = heads_fetch(&heads, out, radius, sum_abs, error);
    times->finish_s = now_s() - start;
    times->radius_log2 = -INFINITY;
    for (size_t at = 0; !status && at < count; at++)
        times->radius_log2 = fmax(times->radius_log2, log2(radius[at] / sum_abs[at]));
    if (!status)
        *(sums ? &times->sums_ms : &times->values_ms) = ms[s->repeats / 2];
    heads_done(&heads);
    free(out);
    return status;
}

static enum at_status time_product(struct at_gpu *gpu, double *ret_ms, struct at_error *error)
{
    enum { REPEATS = 7 };
    struct product *product;
    double ms[REPEATS];
    enum at_status status = product_new(gpu, PRODUCT, &product, error);
    if (status == AT_ERR_NOT_FOUND) { /* without cuBLASLt */
        *ret_ms = NAN;
        return AT_OK;
    }
    if (status)
        return status;
    status = product_time(product, REPEATS, ms, error);
    product_free(product);
    if (!status)
        *ret_ms = ms[REPEATS / 2];
    return status;
}

static enum at_status measure(const void *argument, struct at_pulse *pulse, void *answer, struct at_error *error)
{
    const struct shape *s = argument;
    struct times *times = answer;
    const struct at_problem problem = {1, s->heads, s->heads, s->keys, s->keys, s->dim, s->causal, 0};
    struct at_gpu *gpu;
    int64_t count = s->heads * s->keys * s->dim;
    const double *const qkv[] = {drawn(1, count), drawn(2, count), drawn(3, count)};
    enum at_status status = at_gpu_open(0, &at_fp64_image, &gpu, error);
    if (!status)
        status = time_product(gpu, &times->product_ms, error);
    for (int sums = 0; sums < 2 && !status; sums++) {
        at_pulse_beat(pulse, sums, 2);
        status = time_heads(gpu, &problem, qkv, s, sums != 0, times, error);
    }
    return status;
}

int bench_all(struct at_error *error)
{
    const struct at_guard guard = {.what = "bench", .remedy = "look at nvidia-smi", .limit_s = 60};
    int failed = 0;
    printf(
        "heads   keys dim causal | product 8192 TFLOP/s | values ms TFLOP/s of product | with sums ms TFLOP/s | before s after s radius\n");
    for (int i = 0; i < SHAPES; i++) {
        const struct shape *s = &shapes[i];
        struct times t = {0};
        double flops = 4.0 * (double)s->heads * (double)s->keys * (double)s->keys * (double)s->dim * (s->causal ? 0.5 : 1);
        fflush(stdout);
        enum at_status status = at_guard_run(&guard, measure, s, &t, sizeof t, error);
        double product = 2.0 * PRODUCT * PRODUCT * PRODUCT / t.product_ms * 1e-9;
        if (status)
            printf("%5" PRId64 " %6" PRId64 " %3" PRId64 ": %s\n", s->heads, s->keys, s->dim, error->message);
        else
            printf("%5" PRId64 " %6" PRId64 " %3" PRId64 " %-6s | %20.1f | %9.2f %7.1f %9.0f%% | %12.2f %7.1f | %8.2f %7.2f 2^%.1f\n",
                   s->heads, s->keys, s->dim, s->causal ? "yes" : "no", product, t.values_ms, flops / t.values_ms * 1e-9,
                   100 * flops / t.values_ms * 1e-9 / product, t.sums_ms, flops / t.sums_ms * 1e-9, t.upload_s, t.finish_s, t.radius_log2);
        failed |= status != AT_OK;
    }
    return failed;
}
