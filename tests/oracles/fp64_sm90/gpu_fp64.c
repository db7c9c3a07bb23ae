/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/*
 * The fp64 oracle on this machine's GPU.
 *   gpu_fp64                                 TAP: mma of doubles against its model, and some heads against the certified oracle; skipped,
 *                                            with the reason, where there is no Hopper GPU or no image
 *   gpu_fp64 check [OUTPUTS] [SEED] [SECONDS]  heads until so many outputs are compared, or so much time is up   (1e7, 1, 300)
 *   gpu_fp64 seed N                          one head of these again
 *   gpu_fp64 rates                           TFLOP/s of mma of doubles by its depth, alone and beside fused multiply-adds
 *   gpu_fp64 bench                           TFLOP/s of whole heads beside the matrix product
 * Each part runs in a child with a time limit of its own.
 */
#include "bench.h"
#include "core/guard.h"
#include "probe.h"
#include "product.h"
#include "trial.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { CASES = 1024 };

struct job {
    int64_t outputs;
    uint64_t seed;
    double seconds;
};

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Runs `work` in a child; what it prints stands before what comes next. */
static enum at_status alone(const char *what, double limit_s, at_guarded *work, const void *argument, void *answer, size_t size,
                            struct at_error *error)
{
    const struct at_guard guard = {.what = what, .remedy = "look at nvidia-smi", .limit_s = limit_s};
    fflush(stdout);
    return at_guard_run(&guard, work, argument, answer, size, error);
}

static enum at_status probe(const void *argument, struct at_pulse *pulse, void *answer, struct at_error *error)
{
    struct at_gpu *gpu;
    struct probe_result *results = answer;
    (void)argument;
    enum at_status status = at_gpu_open(0, &at_fp64_image, &gpu, error);
    for (int i = 0; i < 3 && !status; i++) {
        status = probe_products(gpu, 4 << i, 1, CASES, &results[i], error);
        at_pulse_beat(pulse, i + 1, 3);
    }
    return status;
}

/* Outputs are those of the ascending chain, or at least within the bound that every order keeps. */
static bool tell_probe(int number)
{
    struct at_error error = {""};
    struct probe_result results[3] = {{0}};
    enum at_status status = alone("mma of doubles", 60, probe, NULL, results, sizeof results, &error);
    bool good = !status;
    for (int i = 0; i < 3; i++) {
        printf("# m16n8k%d: %" PRId64 " outputs, beyond the bound %" PRId64 "; differ from sums", 4 << i, results[i].outputs,
               results[i].beyond);
        for (int order = 0; order < PROBE_ORDERS; order++)
            printf("%s %s %" PRId64, order ? "," : "", probe_orders[order], results[i].differ[order]);
        printf("\n");
        good = good && results[i].outputs == (int64_t)CASES * 128 && results[i].beyond == 0;
    }
    printf("%s %d - mma of doubles keeps the bound of docs/oracles.md, eq. 40%s%s\n", good ? "ok" : "not ok", number, status ? ": " : "",
           error.message);
    fflush(stdout);
    return good;
}

static enum at_status check(const void *argument, struct at_pulse *pulse, void *answer, struct at_error *error)
{
    static const struct trial_size sizes[] = {{256, 1024}, {512, 512}, {40, 8192}, {600, 2048}};
    const struct job *job = argument;
    struct trial_result *total = answer;
    struct at_gpu *gpu;
    double end = now_s() + job->seconds;
    total->radius_log2 = -INFINITY;
    enum at_status status = at_gpu_open(0, &at_fp64_image, &gpu, error);
    for (uint64_t seed = job->seed; !status && total->outputs < job->outputs && now_s() < end; seed++) {
        struct trial trial;
        trial_init(&trial, seed, &sizes[seed % 4]);
        status = trial_run(&trial, gpu, seed, total, stdout, error);
        trial_done(&trial);
        fflush(stdout);
        at_pulse_beat(pulse, (double)total->outputs, (double)job->outputs);
    }
    return status;
}

static bool tell_check(int number, const struct job *job)
{
    struct at_error error = {""};
    struct trial_result total = {0};
    enum at_status status = alone("heads against certified", 120, check, job, &total, sizeof total, &error);
    bool good = !status && total.violations == 0 && total.outputs > 0;
    printf("# %" PRId64 " outputs, %" PRId64 " violations, %" PRId64 " rows left to certified; largest |error| / radius %.3g, of lse %.3g; "
           "largest radius 2^%.1f of sum p|v|\n",
           total.outputs, total.violations, total.declined, total.ratio, total.lse_ratio, total.radius_log2);
    printf("%s %d - radii hold%s%s\n", good ? "ok" : "not ok", number, status ? ": " : "", error.message);
    fflush(stdout);
    return good;
}

static enum at_status rates(const void *argument, struct at_pulse *pulse, void *answer, struct at_error *error)
{
    struct at_gpu *gpu;
    (void)argument;
    (void)answer;
    enum at_status status = at_gpu_open(0, &at_fp64_image, &gpu, error);
    for (int i = 0; i < 6 && !status; i++) {
        double tflops = 0;
        status = probe_rate(gpu, 4 << i % 3, i >= 3, &tflops, error);
        if (!status)
            printf("m16n8k%-2d %s: %6.1f TFLOP/s\n", 4 << i % 3, i < 3 ? "alone                     " : "with a fused multiply-add ",
                   tflops);
        fflush(stdout);
        at_pulse_beat(pulse, i, 6);
    }
    return status;
}

static enum at_status open_it(const void *argument, struct at_pulse *pulse, void *answer, struct at_error *error)
{
    struct at_gpu *gpu;
    (void)argument;
    (void)pulse;
    (void)answer;
    return at_gpu_open(0, &at_fp64_image, &gpu, error);
}

static int tell(enum at_status status, const struct at_error *error)
{
    if (status)
        printf("%s\n", error->message);
    return status != AT_OK;
}

int main(int argc, char **argv)
{
    struct at_error error = {""};
    const char *verb = argc > 1 ? argv[1] : "";
    struct job job = {argc > 2 ? (int64_t)atof(argv[2]) : 10000000, argc > 3 ? strtoull(argv[3], NULL, 0) : 1,
                      argc > 4 ? atof(argv[4]) : 300};
    char none;
    enum at_status status = alone("the GPU", 60, open_it, NULL, &none, 0, &error);
    if (status == AT_ERR_NOT_FOUND || status == AT_ERR_UNSUPPORTED) {
        printf("1..0 # SKIP %s\n", error.message);
        return 0;
    }
    if (status || !strcmp(verb, "rates"))
        return tell(status ? status : alone("rates", 60, rates, NULL, &none, 0, &error), &error);
    if (!strcmp(verb, "bench"))
        return bench_all(&error);
    if (!strcmp(verb, "check"))
        return !tell_check(1, &job);
    if (!strcmp(verb, "seed")) {
        job = (struct job){1, (uint64_t)job.outputs, 300};
        return !tell_check(1, &job);
    }
    printf("1..2\n");
    job.outputs = 200000;
    bool good = tell_probe(1);
    return !(tell_check(2, &job) && good);
}
