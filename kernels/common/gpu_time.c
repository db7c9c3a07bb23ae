/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/common/gpu_state.h"

/* One call of `enqueue` between two events. */
static enum at_status time_once(struct at_gpu *gpu, at_gpu_enqueue *enqueue, void *context, void *const events[2], double *ret_time_ns,
                                struct at_error *error)
{
    const struct at_driver *driver = gpu->driver;
    float time_ms = 0;
    int result = driver->cuEventRecord(events[0], NULL);
    enum at_status status = result == AT_CUDA_OK ? enqueue(context, error) : AT_OK;
    if (status)
        return status;
    if (result == AT_CUDA_OK)
        result = driver->cuEventRecord(events[1], NULL);
    if (result == AT_CUDA_OK)
        result = driver->cuEventSynchronize(events[1]);
    if (result == AT_CUDA_OK)
        result = driver->cuEventElapsedTime(&time_ms, events[0], events[1]);
    if (result != AT_CUDA_OK)
        return at_driver_fail(driver, result, "timing the GPU's work", error);
    *ret_time_ns = (double)time_ms * 1e6;
    return AT_OK;
}

enum at_status at_gpu_time(struct at_gpu *gpu, at_gpu_enqueue *enqueue, void *context, int repeats, double *ret_time_ns,
                           struct at_error *error)
{
    const struct at_driver *driver = gpu->driver;
    void *events[2] = {NULL, NULL};
    enum at_status status = AT_OK;
    int result = driver->cuEventCreate(&events[0], 0);
    if (result == AT_CUDA_OK)
        result = driver->cuEventCreate(&events[1], 0);
    if (result != AT_CUDA_OK)
        status = at_driver_fail(driver, result, "timing the GPU's work", error);
    for (int i = 0; i < repeats && !status; i++)
        status = time_once(gpu, enqueue, context, events, &ret_time_ns[i], error);
    for (int i = 0; i < 2; i++)
        if (events[i])
            driver->cuEventDestroy_v2(events[i]);
    return status;
}
