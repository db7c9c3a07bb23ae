/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/*
 * gpu_matmul: products of small whole numbers by this machine's cuBLASLt, which are exact in every format and accumulator (partial sums
 * stay below 2^10), row by row against the definition. TAP; skipped, with the reason, where there is no Hopper GPU, image or cuBLASLt.
 */
#include "core/guard.h"
#include "kernels/attention/kernel.h"
#include "kernels/common/matmul.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { BLOCK = 40000 }; /* numbers that are repeated: no multiple of a row */

struct job {
    enum at_format format;
    int64_t n;
};

static const struct job jobs[] = {{AT_BF16, 256}, {AT_E4M3, 256}, {AT_BF16, 8192}, {AT_E4M3, 8192}};
enum { JOBS = sizeof jobs / sizeof jobs[0] };

/* -2 to 2, mixed (MurmurHash3's last steps), so that A and B know nothing of each other. */
static float element(int which, int64_t i)
{
    uint32_t x = (uint32_t)(i % BLOCK) * 2 + (uint32_t)which;
    x = (x ^ x >> 16) * 0x85ebca6bu;
    x = (x ^ x >> 13) * 0xc2b2ae35u;
    return (float)((int)((x ^ x >> 16) % 5) - 2);
}

static enum at_status open_product(const struct job *job, struct at_gpu *gpu, struct at_matmul **ret_product, struct at_error *error)
{
    static float values[BLOCK];
    static uint16_t a[BLOCK], b[BLOCK];
    void *const codes[] = {a, b};
    for (int which = 0; which < 2; which++) {
        for (int64_t i = 0; i < BLOCK; i++)
            values[i] = element(which, i);
        at_encode_array(job->format, values, BLOCK, AT_OVERFLOW_SATURATE, codes[which]);
    }
    return at_matmul_open(gpu, job->format, job->n, a, b, BLOCK * at_format_size(job->format), ret_product, error);
}

/* *answer: outputs that differ in the rows looked at. */
static enum at_status run_job(const void *argument, struct at_pulse *pulse, void *answer, struct at_error *error)
{
    const struct job *job = argument;
    struct at_gpu *gpu;
    struct at_matmul *product = NULL;
    int64_t *differing = answer, n = job->n;
    uint16_t *row = calloc((size_t)n, sizeof *row);
    enum at_status status = row ? at_gpu_open(0, at_kernels[0]->image, &gpu, error) : at_fail(error, AT_ERR_MEMORY, "out of memory");
    if (!status)
        status = open_product(job, gpu, &product, error);
    if (!status)
        status = at_matmul_start(product, error);
    for (int64_t i = 0; i < n && !status; i += n / 4 - 1) {
        at_pulse_beat(pulse, (double)i, (double)n);
        status = at_matmul_row(product, i, row, error);
        for (int64_t j = 0; j < n && !status; j++) {
            double sum = 0;
            for (int64_t k = 0; k < n; k++)
                sum += (double)element(0, i * n + k) * (double)element(1, j * n + k);
            *differing += row[j] != at_encode(AT_BF16, (float)sum, AT_OVERFLOW_IEEE);
        }
    }
    free(row);
    return status;
}

static bool missing(enum at_status status)
{
    return status == AT_ERR_NOT_FOUND || status == AT_ERR_UNSUPPORTED;
}

int main(void)
{
    const struct at_guard guard = {.what = "matrix product", .remedy = "look at nvidia-smi", .limit_s = 120};
    bool failed = false;
    for (int i = 0; i < JOBS; i++) {
        struct at_error error = {""};
        int64_t differing = 0;
        enum at_status status = at_guard_run(&guard, run_job, &jobs[i], &differing, sizeof differing, &error);
        if (i == 0 && missing(status)) {
            printf("1..0 # SKIP %s\n", error.message);
            return 0;
        }
        if (i == 0)
            printf("1..%d\n", JOBS);
        bool good = !status && differing == 0;
        printf("%s %d - %s, %" PRId64 " x %" PRId64 ": %" PRId64 " outputs differ%s%s\n", good ? "ok" : "not ok", i + 1,
               at_formats[jobs[i].format].name, jobs[i].n, jobs[i].n, differing, status ? ": " : "", error.message);
        fflush(stdout);
        failed |= !good;
    }
    return failed;
}
