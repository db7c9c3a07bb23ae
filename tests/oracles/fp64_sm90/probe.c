/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "probe.h"

#include "core/random.h"

#include <math.h>
#include <mpfr.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 16, COLUMNS = 8, EXACT = 4600 /* bits that hold any sum of products of doubles */ };

const char *const probe_orders[PROBE_ORDERS] = {"ascending", "descending", "pairs", "rounded products"};

double probe_sum(enum probe_order order, int depth, double c, const double *a, const double *b, int stride)
{
    double sum = c, part[16];
    switch (order) {
    case PROBE_PRODUCTS:
        for (int i = 0; i < depth; i++) {
            double product = a[i] * b[i * stride];
            sum = sum + product;
        }
        return sum;
    case PROBE_PAIRS: /* a tree over the products, the accumulator last */
        for (int i = 0; i < depth; i += 2)
            part[i / 2] = fma(a[i], b[i * stride], a[i + 1] * b[(i + 1) * stride]);
        for (int n = depth / 2; n > 1; n /= 2)
            for (int i = 0; i < n / 2; i++)
                part[i] = part[2 * i] + part[2 * i + 1];
        return sum + part[0];
    default:
        for (int i = 0; i < depth; i++) {
            int at = order == PROBE_ASCENDING ? i : depth - 1 - i;
            sum = fma(a[at], b[at * stride], sum);
        }
        return sum;
    }
}

bool probe_within(int depth, double d, double c, const double *a, const double *b, int stride)
{
    mpfr_t sum, size, product;
    mpfr_inits2(EXACT, sum, size, product, (mpfr_ptr)NULL);
    mpfr_set_d(sum, d, MPFR_RNDN);
    mpfr_sub_d(sum, sum, c, MPFR_RNDN);
    mpfr_set_d(size, fabs(c), MPFR_RNDN);
    for (int i = 0; i < depth; i++) {
        mpfr_set_d(product, a[i], MPFR_RNDN);
        mpfr_mul_d(product, product, b[i * stride], MPFR_RNDN);
        mpfr_sub(sum, sum, product, MPFR_RNDN);
        mpfr_abs(product, product, MPFR_RNDN);
        mpfr_add(size, size, product, MPFR_RNDN);
    }
    double n = depth + 1;
    mpfr_mul_d(size, size, n * 0x1p-53 / (1 - n * 0x1p-53), MPFR_RNDU);
    mpfr_set_d(product, n * 0x1p-1074, MPFR_RNDN);
    mpfr_add(size, size, product, MPFR_RNDU);
    bool within = mpfr_cmpabs(sum, size) <= 0;
    mpfr_clears(sum, size, product, (mpfr_ptr)NULL);
    return within;
}

/* Numbers whose exponents differ, so that the order shows; every eighth case near the smallest double. */
static double drawn(struct at_random key, uint64_t i, int64_t per_case, int low)
{
    int spread = (int)(at_random_bits(key, 2 * i + 1) % 24) - 12;
    return ldexp(at_random_normal(key, 2 * i), spread + ((int64_t)i / per_case % 8 == 7 ? low : 0));
}

struct arrays {
    double *host[4]; /* a, b, c, d */
    size_t bytes[4];
    uint64_t device[4];
};

static enum at_status run(struct at_gpu *gpu, int depth, int cases, const struct arrays *x, struct at_error *error)
{
    char name[16];
    uint64_t device[4];
    memcpy(device, x->device, sizeof device);
    void *arguments[] = {&device[0], &device[1], &device[2], &device[3], &cases};
    snprintf(name, sizeof name, "probe_k%d", depth);
    const struct at_gpu_launch launch = {&fp64_probe_image, name, 64, 32, 0, arguments};
    enum at_status status = AT_OK;
    for (int i = 0; i < 3 && !status; i++)
        status = at_gpu_copy_in(gpu, x->device[i], x->host[i], x->bytes[i], error);
    if (!status)
        status = at_gpu_launch(gpu, &launch, error);
    return status ? status : at_gpu_copy_out(gpu, x->host[3], x->device[3], x->bytes[3], error);
}

static void judge(int depth, int cases, const struct arrays *x, struct probe_result *result)
{
    for (int64_t at = 0; at < (int64_t)cases * ROWS * COLUMNS; at++) {
        int64_t row = at / COLUMNS, one = row / ROWS;
        const double *a = x->host[0] + row * depth, *b = x->host[1] + one * depth * COLUMNS + at % COLUMNS;
        double c = x->host[2][at], d = x->host[3][at];
        for (int order = 0; order < PROBE_ORDERS; order++)
            result->differ[order] += probe_sum((enum probe_order)order, depth, c, a, b, COLUMNS) != d;
        result->beyond += !probe_within(depth, d, c, a, b, COLUMNS);
        result->outputs++;
    }
}

enum at_status probe_products(struct at_gpu *gpu, int depth, uint64_t seed, int cases, struct probe_result *result, struct at_error *error)
{
    const int64_t per_case[] = {ROWS * depth, COLUMNS * depth, ROWS * COLUMNS, ROWS * COLUMNS};
    const int low[] = {-520, -520, -1040, 0};
    struct arrays x = {0};
    enum at_status status = at_gpu_load(gpu, &fp64_probe_image, error);
    for (int i = 0; i < 4 && !status; i++) {
        struct at_random key = {seed, (uint64_t)(depth * 4 + i)};
        x.bytes[i] = (size_t)(cases * per_case[i]) * sizeof(double);
        x.host[i] = malloc(x.bytes[i]);
        status = x.host[i] ? at_gpu_alloc(gpu, x.bytes[i], &x.device[i], error) : at_fail(error, AT_ERR_MEMORY, "probe: out of memory");
        for (int64_t j = 0; !status && j < cases * per_case[i]; j++)
            x.host[i][j] = i < 3 ? drawn(key, (uint64_t)j, per_case[i], low[i]) : NAN;
    }
    if (!status)
        status = run(gpu, depth, cases, &x, error);
    if (!status)
        judge(depth, cases, &x, result);
    for (int i = 0; i < 4; i++) {
        free(x.host[i]);
        at_gpu_free(gpu, x.device[i]);
    }
    return status;
}

struct rate {
    struct at_gpu *gpu;
    struct at_gpu_launch launch;
};

static enum at_status start(void *context, struct at_error *error)
{
    const struct rate *rate = context;
    return at_gpu_start(rate->gpu, &rate->launch, error);
}

enum at_status probe_rate(struct at_gpu *gpu, int depth, bool fused, double *ret_tflops, struct at_error *error)
{
    enum { REPEATS = 5, ROUNDS = 4000, CHAINS = 8, THREADS = 256 };
    char name[24];
    double time_ns[REPEATS], best = INFINITY;
    uint64_t out;
    int rounds = ROUNDS, blocks = at_gpu_facts(gpu)->multiprocessors;
    enum at_status status = at_gpu_load(gpu, &fp64_probe_image, error);
    if (!status)
        status = at_gpu_alloc(gpu, (size_t)blocks * THREADS * sizeof(double), &out, error);
    if (status)
        return status;
    snprintf(name, sizeof name, "rate_%sk%d", fused ? "fused_" : "", depth);
    void *arguments[] = {&out, &rounds};
    struct rate rate = {gpu, {&fp64_probe_image, name, (unsigned)blocks, THREADS, 0, arguments}};
    status = at_gpu_time(gpu, start, &rate, REPEATS, time_ns, error);
    at_gpu_free(gpu, out);
    for (int i = 0; i < REPEATS && !status; i++)
        best = fmin(best, time_ns[i]);
    if (!status)
        *ret_tflops = 2.0 * ROWS * COLUMNS * depth * CHAINS * ROUNDS * blocks * (THREADS / 32) / best / 1e3;
    return status;
}
