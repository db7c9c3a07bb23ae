/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/gpu_service.h"

#include "study/on_gpu.h"

#include <omp.h>
#include <string.h>

struct request {
    int gpu;
    size_t bytes; /* of the task's memory; 0: only load the kernels */
};

/* Opens the GPU where it is not open, and loads an image once. */
static enum at_status hold(int index, const struct at_gpu_image *image, struct at_gpu **gpu, struct at_error *error)
{
    if (*gpu)
        return at_gpu_load(*gpu, image, error);
    omp_set_num_threads(1); /* threads of the parent are not there */
    return at_gpu_open(index, image, gpu, error);
}

static enum at_status load_all(int index, struct at_gpu **gpu, struct at_pulse *pulse, struct at_error *error)
{
    enum at_status status = AT_OK;
    for (size_t i = 0; i < at_kernel_count && !status; i++) {
        status = hold(index, at_kernels[i]->image, gpu, error);
        at_pulse_beat(pulse, (double)i, (double)at_kernel_count);
    }
    return status;
}

static enum at_status attend(const struct request *request, int shared, struct at_gpu **gpu, struct at_pulse *pulse, struct at_error *error)
{
    struct at_gpu_task task;
    enum at_status status = at_gpu_task_open(shared, request->bytes, &task, error);
    if (status)
        return status;
    status = hold(request->gpu, task.work.kernel->image, gpu, error);
    at_pulse_beat(pulse, 0, 3);
    if (!status)
        status = at_on_gpu_attend(*gpu, &task.work, pulse, error);
    at_gpu_task_done(&task);
    return status;
}

static enum at_status serve(const void *asked, int shared, struct at_pulse *pulse, struct at_error *error)
{
    static struct at_gpu *gpu; /* the child's */
    const struct request *request = asked;
    enum at_status status = request->bytes ? attend(request, shared, &gpu, pulse, error) : load_all(request->gpu, &gpu, pulse, error);
    if (!status && gpu && at_gpu_facts(gpu)->exclusive)
        gpu = at_gpu_close(gpu);
    return status;
}

struct at_server at_gpu_service(void)
{
    return (struct at_server){.serve = serve, .request_size = sizeof(struct request)};
}

static enum at_status begin(struct at_server *server, const struct at_guard *guard, int gpu, size_t bytes, int shared,
                            struct at_error *error)
{
    struct request request;
    memset(&request, 0, sizeof request); /* padding too: all of it goes over */
    request.gpu = gpu;
    request.bytes = bytes;
    return at_server_begin(server, guard, &request, shared, error);
}

enum at_status at_gpu_service_load(struct at_server *server, const struct at_guard *guard, int gpu, struct at_error *error)
{
    return begin(server, guard, gpu, 0, -1, error);
}

enum at_status at_gpu_service_attend(struct at_server *server, const struct at_guard *guard, int gpu, const struct at_gpu_task *task,
                                     struct at_error *error)
{
    return begin(server, guard, gpu, task->bytes, task->memory, error);
}
