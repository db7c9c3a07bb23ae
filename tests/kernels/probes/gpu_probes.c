/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/*
 * gpu_probes [OUTPUTS [FLOATS]]: every probe on this machine's GPU, at least OUTPUTS results of each wgmma and FLOATS of each other
 * instruction; then a kernel that never ends, which the guard must end within its limit, and one that writes where it may not: after each a
 * probe must run as if nothing had happened. TAP on standard output; skipped, with the reason, where there is no Hopper GPU or no image.
 * The program needs nothing but libc, libm and libgomp, so that it can be carried to a GPU machine.
 */
#include "kernels/probes/probe.h"

#include "spin.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PATIENT_S = 60, SHORT_S = 3, REAP_S = 30 }; /* of silence; to end a process that holds a GPU */

struct job {
    const struct at_probe *probe;
    struct at_probe_request request;
};

static int told;
static bool failed;

static void tell(bool ok, const char *what, const char *detail)
{
    printf("%s %d - %s\n", ok ? "ok" : "not ok", ++told, what);
    if (!ok)
        fprintf(stderr, "%s: %s\n", what, detail);
    fflush(NULL);
    failed = failed || !ok;
}

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static enum at_status open_both(const void *argument, struct at_pulse *pulse, void *answer, struct at_error *error)
{
    const struct at_gpu_image *images[] = {&at_probe_image, &spin_image};
    (void)argument;
    enum at_status status = at_gpu_find(0, answer, error);
    for (int i = 0; i < 2 && !status; i++) {
        struct at_gpu *gpu;
        at_pulse_beat(pulse, i, 2);
        status = at_gpu_open(0, images[i], &gpu, error);
        if (!status)
            at_gpu_close(gpu);
    }
    return status;
}

static enum at_status run_job(const void *argument, struct at_pulse *pulse, void *answer, struct at_error *error)
{
    const struct job *job = argument;
    struct at_gpu *gpu;
    enum at_status status = at_gpu_open(0, &at_probe_image, &gpu, error);
    if (status)
        return status;
    at_pulse_beat(pulse, 0, 1);
    status = at_probe_run(job->probe, gpu, &job->request, pulse, answer, error);
    at_gpu_close(gpu);
    return status;
}

/* Runs the kernel of spin.cu that is named, on one int that is 0 or, for "stray", on no memory. */
static enum at_status run_badly(const void *argument, struct at_pulse *pulse, void *answer, struct at_error *error)
{
    const char *kernel = argument;
    struct at_gpu *gpu;
    const int zero = 0;
    uint64_t address = 0;
    void *arguments[] = {&address};
    (void)answer;
    enum at_status status = at_gpu_open(0, &spin_image, &gpu, error);
    if (status)
        return status;
    if (strcmp(kernel, "spin") == 0)
        status = at_gpu_alloc(gpu, sizeof zero, &address, error);
    if (!status && address)
        status = at_gpu_copy_in(gpu, address, &zero, sizeof zero, error);
    at_pulse_beat(pulse, 0, 1);
    return status ? status : at_gpu_run(gpu, kernel, 1, 1, arguments, error);
}

static struct at_guard guard_of(const char *what, double limit_s)
{
    return (struct at_guard){.what = what, .remedy = "look at nvidia-smi", .limit_s = limit_s};
}

static void check_probe(const struct job *job, const char *when)
{
    struct at_guard guard = guard_of(job->probe->name, PATIENT_S);
    struct at_probe_outcome outcome = {0};
    struct at_error error = {""};
    char what[256];
    double start = now_s();
    enum at_status status = at_guard_run(&guard, run_job, job, &outcome, sizeof outcome, &error);
    int64_t asked = job->probe->twin ? job->request.floats : job->request.outputs;
    snprintf(what, sizeof what, "%s%s: %" PRId64 " outputs, %" PRId64 " differ, %.2f s", job->probe->name, when, outcome.outputs,
             outcome.differing, now_s() - start);
    tell(!status && outcome.differing == 0 && outcome.outputs >= asked, what, status ? error.message : outcome.first);
}

static void check_bad(const char *kernel, enum at_status wanted, const char *words, const char *what)
{
    struct at_guard guard = guard_of(kernel, wanted == AT_ERR_TIMEOUT ? SHORT_S : PATIENT_S);
    struct at_error error = {""};
    char answer[1];
    double start = now_s();
    enum at_status status = at_guard_run(&guard, run_badly, kernel, answer, 0, &error);
    bool in_time = now_s() - start < (wanted == AT_ERR_TIMEOUT ? SHORT_S : PATIENT_S) + REAP_S;
    tell(status == wanted && strstr(error.message, words) && in_time, what, error.message);
}

int main(int argc, char **argv)
{
    const struct at_probe_request request = {
        .seed = 1, .outputs = argc > 1 ? atoll(argv[1]) : 1000000, .floats = argc > 2 ? atoll(argv[2]) : 1 << 24};
    struct at_guard guard = guard_of("GPU", PATIENT_S);
    struct at_gpu_facts facts;
    struct at_error error = {""};
    enum at_status status = at_guard_run(&guard, open_both, NULL, &facts, sizeof facts, &error);
    if (status == AT_ERR_NOT_FOUND || status == AT_ERR_UNSUPPORTED) {
        printf("1..0 # SKIP %s\n", error.message);
        return 0;
    }
    printf("1..%zu\n", at_probe_count + 5);
    tell(status == AT_OK, status ? "the GPU" : facts.name, error.message);
    const struct job again = {at_probes[0], {.seed = 2, .outputs = 1, .floats = 1 << 20}};
    for (size_t i = 0; i < at_probe_count; i++)
        check_probe(&(struct job){at_probes[i], request}, "");
    check_bad("spin", AT_ERR_TIMEOUT, "no sign of life for 3 s", "a kernel that never ends is ended");
    check_probe(&again, " after it");
    check_bad("stray", AT_ERR_DEVICE, "CUDA_ERROR_ILLEGAL_ADDRESS", "a kernel that writes where it may not is told");
    check_probe(&again, " after it");
    return failed;
}
