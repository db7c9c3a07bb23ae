/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "oracles/fp64_sm90/service.h"

#include "core/server.h"
#include "oracles/fp64_sm90/device.h"

#include <errno.h>
#include <omp.h>
#include <string.h>
#include <sys/mman.h>

static const char name[] = "oracle fp64_sm90", remedy[] = "look at nvidia-smi";

/* For a driver that starts. */
static const double start_s = 60;

struct request {
    size_t bytes; /* of the arrays; 0: only look */
    struct at_fp64_task task;
};

/* In the child. */
static enum at_status run(struct at_gpu *gpu, const struct request *request, int shared, struct at_error *error)
{
    void *memory = mmap(NULL, request->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, shared, 0);
    if (memory == MAP_FAILED)
        return at_fail(error, AT_ERR_MEMORY, "no memory beside that of attest (%s)", strerror(errno));
    const struct at_fp64_arrays arrays = at_fp64_arrays_in(&request->task, memory);
    enum at_status status = at_fp64_device_run(gpu, &request->task, &arrays, error);
    munmap(memory, request->bytes);
    return status;
}

static enum at_status serve(const void *asked, int shared, struct at_pulse *pulse, struct at_error *error)
{
    static struct at_gpu *gpu; /* the child's */
    const struct request *request = asked;
    enum at_status status = AT_OK;
    if (!gpu) {
        omp_set_num_threads(1);
        status = at_gpu_open(0, &at_fp64_image, &gpu, error);
        at_pulse_beat(pulse, 0, 1);
    }
    if (!status && request->bytes)
        status = run(gpu, request, shared, error);
    if (gpu && at_gpu_facts(gpu)->exclusive)
        gpu = at_gpu_close(gpu);
    return status ? at_fail_in(error, status, name) : AT_OK;
}

static struct at_server server = {.serve = serve, .request_size = sizeof(struct request)};

static enum at_status ask(const struct request *request, int shared, double limit_s, struct at_error *error)
{
    const struct at_guard guard = {.what = name, .remedy = remedy, .limit_s = start_s + limit_s};
    return at_server_ask(&server, &guard, request, shared, error);
}

enum at_status at_fp64_service_look(struct at_error *error)
{
    struct request request;
    memset(&request, 0, sizeof request); /* padding too: all of it goes over */
    return ask(&request, -1, 0, error);
}

/* What the slowest Hopper GPU needs several times over. */
static double limit_of(const struct at_fp64_plan *plan)
{
    double sums = (double)plan->heads * (double)plan->rows * (double)plan->keys * (plan->depth + 2.0 * plan->slices * plan->columns);
    return 60 + sums / 1e11;
}

enum at_status at_fp64_service_run(const struct at_fp64_batch *batch, struct at_error *error)
{
    struct request request;
    memset(&request, 0, sizeof request);
    request.bytes = batch->bytes;
    request.task = batch->task;
    return ask(&request, batch->memory, limit_of(&batch->task.plan), error);
}

void at_fp64_service_end(void)
{
    at_server_end(&server);
}
