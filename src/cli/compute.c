/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "cli/compute.h"

#include "core/name.h"

#include "study/value.h"

#include <inttypes.h>
#include <omp.h>
#include <stdio.h>
#include <string.h>

enum { LIMIT_DEFAULT_S = 60, GPU_LAST = 1023 };

static volatile sig_atomic_t stop_wanted;

static void want_stop(int signal_number)
{
    (void)signal_number;
    stop_wanted = 1;
}

static enum at_status read_simd(const struct at_arguments *a, enum at_simd *ret_simd, struct at_error *error)
{
    const char *text = at_argument(a, "simd", 0);
    int simd = AT_SIMD_AUTO;
    while (text && simd < AT_SIMD_COUNT && strcmp(at_simd_names[simd], text) != 0)
        simd++;
    if (simd == AT_SIMD_COUNT) {
        char hint[AT_NAME_HINT_SIZE];
        return at_fail(error, AT_ERR_ARGUMENT, "option '--simd': '%s' is none of auto, scalar, avx2, avx512%s", text,
                       at_name_hint(text, at_simd_names, AT_SIMD_COUNT, hint));
    }
    if (!at_simd_available((enum at_simd)simd))
        return at_fail(error, AT_ERR_ARGUMENT, "option '--simd': this machine has no %s; its best is %s", at_simd_names[simd],
                       at_simd_names[at_simd_best()]);
    *ret_simd = (enum at_simd)simd;
    return AT_OK;
}

static enum at_status read_device(const struct at_arguments *a, enum at_device *ret_device, struct at_error *error)
{
    static const char *const names[AT_DEVICE_COUNT] = {"cpu", "cuda", "auto"};
    const char *text = at_argument(a, "device", 0);
    int device = AT_DEVICE_CPU;
    while (text && device < AT_DEVICE_COUNT && strcmp(names[device], text) != 0)
        device++;
    if (device == AT_DEVICE_COUNT) {
        char hint[AT_NAME_HINT_SIZE];
        return at_fail(error, AT_ERR_ARGUMENT, "option '--device': '%s' is none of cpu, cuda, auto%s", text,
                       at_name_hint(text, names, AT_DEVICE_COUNT, hint));
    }
    static const char *const of_gpus[] = {"gpu", "time-limit"};
    for (size_t i = 0; device == AT_DEVICE_CPU && i < sizeof of_gpus / sizeof of_gpus[0]; i++)
        if (at_argument_given(a, of_gpus[i]))
            return at_fail(error, AT_ERR_ARGUMENT, "option '--%s' belongs to --device cuda or auto", of_gpus[i]);
    *ret_device = (enum at_device)device;
    return AT_OK;
}

/* "0" or "0,2": numbers of GPUs. */
static enum at_status read_gpus(const struct at_arguments *a, struct at_compute *compute, struct at_error *error)
{
    const char *text = at_argument(a, "gpu", 0);
    for (const char *at = text; at;) {
        char number[24] = "";
        size_t length = strcspn(at, ",");
        uint64_t gpu;
        snprintf(number, sizeof number, "%.*s", length < sizeof number ? (int)length : 0, at);
        if (!at_value_integer(number, 0, GPU_LAST, &gpu))
            return at_fail(error, AT_ERR_ARGUMENT, "option '--gpu': '%s' is not the number of a GPU, from 0 on, nor a list as 0,1", text);
        for (size_t i = 0; i < compute->gpu_count; i++)
            if (compute->gpus[i] == (int)gpu)
                return at_fail(error, AT_ERR_ARGUMENT, "option '--gpu': %" PRIu64 " is listed twice; keep one", gpu);
        if (compute->gpu_count == AT_GPUS_MOST)
            return at_fail(error, AT_ERR_ARGUMENT, "option '--gpu': more than %d GPUs", AT_GPUS_MOST);
        compute->gpus[compute->gpu_count++] = (int)gpu;
        at = at[length] ? at + length + 1 : NULL;
    }
    return AT_OK;
}

enum at_status at_compute_read(const struct at_arguments *arguments, struct at_compute *ret_compute, struct at_error *error)
{
    struct at_compute made = {.gpu_count = 0};
    enum at_status status = read_simd(arguments, &made.simd, error);
    if (!status)
        status = at_argument_integer(arguments, "threads", 1, 4096, 0, &made.threads, error);
    if (!status)
        status = read_device(arguments, &made.device, error);
    if (!status)
        status = read_gpus(arguments, &made, error);
    if (!status)
        status = at_argument_integer(arguments, "time-limit", 1, 86400, LIMIT_DEFAULT_S, &made.limit_s, error);
    if (!status)
        *ret_compute = made;
    return status;
}

enum at_status at_compute_open(const struct at_compute *compute, const struct at_study_events *events, struct at_engine *ret_engine,
                               struct at_error *error)
{
    struct at_engine engine = {.simd = compute->simd, .rest_on_twin = compute->device == AT_DEVICE_AUTO};
    struct at_gpus_question question = {.count = compute->gpu_count,
                                        .limit_s = (double)compute->limit_s,
                                        .note = events->note,
                                        .context = events->context,
                                        .stop = events->stop};
    struct at_error reason = {""};
    memcpy(question.chosen, compute->gpus, sizeof question.chosen);
    enum at_status status = compute->device == AT_DEVICE_CPU ? AT_OK : at_gpus_open(&question, &engine.gpus, &reason);
    if (status && (!engine.rest_on_twin || compute->gpu_count || status == AT_ERR_INTERRUPTED))
        return at_fail(error, status, "%s", reason.message);
    if (status && events->note) {
        struct at_error line;
        at_fail(&line, status, "the twin computes all: %.900s", reason.message);
        events->note(events->context, line.message);
    }
    *ret_engine = engine;
    return AT_OK;
}

void at_compute_close(struct at_engine *engine)
{
    engine->gpus = at_gpus_close(engine->gpus);
}

volatile sig_atomic_t *at_compute_start(const struct at_compute *compute)
{
    struct sigaction action = {.sa_handler = want_stop, .sa_flags = (int)(SA_RESETHAND | SA_RESTART)};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    if (compute->threads)
        omp_set_num_threads((int)compute->threads);
    return &stop_wanted;
}
