/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "bench.h"

#include "core/format.h"
#include "core/guard.h"
#include "core/random.h"
#include "oracles/fp64_sm90/device.h"
#include "oracles/fp64_sm90/finish.h"
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

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static enum at_status attend(void *context, struct at_error *error)
{
    return at_fp64_device_attend(context, error);
}

/* The median time of the kernel; of one head also the seconds before and after it. */
static enum at_status time_heads(struct at_gpu *gpu, const struct at_oracle_head *heads, const struct shape *s, bool sums,
                                 struct times *times, struct at_error *error)
{
    struct at_fp64_batch batch;
    struct at_fp64_device device;
    double time_ns[MOST_REPEATS], start = now_s();
    struct at_oracle_truth truth = {0};
    enum at_status status = at_fp64_batch_init(&batch, heads, s->heads, sums, false, error);
    if (!status)
        status = at_fp64_device_init(&device, gpu, &batch.task, &batch.arrays, error);
    if (status)
        goto out;
    times->upload_s = now_s() - start;
    status = at_fp64_device_attend(&device, error); /* the first is slower */
    if (!status)
        status = at_gpu_time(gpu, attend, &device, s->repeats, time_ns, error);
    start = now_s();
    if (!status)
        status = at_fp64_device_fetch(&device, error);
    if (!status)
        status = at_oracle_truth_init(&truth, heads->problem, heads->row_count, 0, error);
#pragma omp parallel for schedule(static)
    for (int64_t i = 0; i < (status ? 0 : heads->row_count); i++)
        at_fp64_finish(&batch, 0, i, &truth);
    times->finish_s = now_s() - start;
    times->radius_log2 = -INFINITY;
    for (int64_t at = 0; !status && at < heads->row_count * s->dim; at++)
        times->radius_log2 = fmax(times->radius_log2, log2(truth.radius[at] / truth.sum_abs[at]));
    qsort(time_ns, (size_t)s->repeats, sizeof *time_ns, ascending);
    *(sums ? &times->sums_ms : &times->values_ms) = time_ns[s->repeats / 2] * 1e-6;
    at_fp64_device_done(&device);
out:
    at_oracle_truth_done(&truth);
    at_fp64_batch_done(&batch);
    return status;
}

static enum at_status measure(const void *argument, struct at_pulse *pulse, void *answer, struct at_error *error)
{
    const struct shape *s = argument;
    struct times *times = answer;
    struct at_problem problem = {1, s->heads, s->heads, s->keys, s->keys, s->dim, s->causal, 0};
    struct at_gpu *gpu;
    int64_t *rows = malloc((size_t)s->keys * sizeof *rows), one = s->keys * s->dim;
    struct at_oracle_head heads[16];
    const double *q = drawn(1, s->heads * one), *k = drawn(2, s->heads * one), *v = drawn(3, s->heads * one);
    for (int64_t i = 0; i < s->keys; i++)
        rows[i] = i;
    for (int64_t h = 0; h < s->heads; h++)
        heads[h] = (struct at_oracle_head){&problem, rows, s->keys, q + h * one, k + h * one, v + h * one, 0};
    enum at_status status = at_gpu_open(0, &at_fp64_image, &gpu, error);
    if (!status)
        status = product_time(gpu, PRODUCT, &times->product_ms, error);
    if (status == AT_ERR_NOT_FOUND) { /* without cuBLASLt */
        times->product_ms = NAN;
        status = AT_OK;
    }
    for (int sums = 0; sums < 2 && !status; sums++) {
        at_pulse_beat(pulse, sums, 2);
        status = time_heads(gpu, heads, s, sums != 0, times, error);
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
