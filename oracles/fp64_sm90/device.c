/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "oracles/fp64_sm90/device.h"

static enum at_status allocate(struct at_fp64_device *device, struct at_error *error)
{
    const struct at_fp64_task *task = device->task;
    const struct at_fp64_sizes n = at_fp64_sizes_of(task);
    const struct {
        uint64_t *address;
        size_t bytes;
    } arrays[] = {{&device->q, n.q * 8},
                  {&device->k, n.k * 8},
                  {&device->v, n.v * 8},
                  {&device->kv_head, (size_t)task->plan.heads * sizeof(int)},
                  {&device->visible, (size_t)task->plan.rows * sizeof(int)},
                  {&device->reference, n.rows * 8},
                  {&device->value, n.sums * 8},
                  {&device->sum_abs, task->sums ? n.sums * 8 : 0},
                  {&device->total, n.split_rows * 8},
                  {&device->weight, n.weights * 8}};
    enum at_status status = AT_OK;
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0] && !status; i++)
        if (arrays[i].bytes)
            status = at_gpu_alloc(device->gpu, arrays[i].bytes, arrays[i].address, error);
    return status;
}

static enum at_status copy_in(const struct at_fp64_device *device, struct at_error *error)
{
    const struct at_fp64_task *task = device->task;
    const struct at_fp64_arrays *a = device->arrays;
    const struct at_fp64_sizes n = at_fp64_sizes_of(task);
    const struct {
        uint64_t to;
        const void *from;
        size_t bytes;
    } copies[] = {{device->q, a->q, n.q * 8},
                  {device->k, a->k, n.k * 8},
                  {device->v, a->v, n.v * 8},
                  {device->kv_head, a->kv_head, (size_t)task->plan.heads * sizeof(int)},
                  {device->visible, a->visible, (size_t)task->plan.rows * sizeof(int)},
                  {device->reference, a->reference, n.rows * 8}};
    enum at_status status = AT_OK;
    for (size_t i = 0; i < sizeof copies / sizeof copies[0] && !status; i++)
        status = at_gpu_copy_in(device->gpu, copies[i].to, copies[i].from, copies[i].bytes, error);
    return status;
}

static double *pointer(uint64_t address)
{
    return (double *)(uintptr_t)address;
}

enum at_status at_fp64_device_init(struct at_fp64_device *ret_device, struct at_gpu *gpu, const struct at_fp64_task *task,
                                   const struct at_fp64_arrays *arrays, struct at_error *error)
{
    const struct at_fp64_plan *plan = &task->plan;
    struct at_fp64_device device = {.gpu = gpu, .task = task, .arrays = arrays};
    enum at_status status = allocate(&device, error);
    if (!status)
        status = copy_in(&device, error);
    if (status) {
        at_fp64_device_done(&device);
        return status;
    }
    device.arguments = (struct at_fp64_arguments){.q = pointer(device.q),
                                                  .k = pointer(device.k),
                                                  .v = pointer(device.v),
                                                  .kv_head = (const int *)(uintptr_t)device.kv_head,
                                                  .visible = (const int *)(uintptr_t)device.visible,
                                                  .reference = pointer(device.reference),
                                                  .value = pointer(device.value),
                                                  .sum_abs = pointer(device.sum_abs),
                                                  .total = pointer(device.total),
                                                  .weight = pointer(device.weight),
                                                  .scale = task->scale,
                                                  .keys = plan->keys,
                                                  .rows = (int)plan->rows,
                                                  .slices = plan->slices,
                                                  .heads = (int)plan->heads,
                                                  .splits = plan->splits,
                                                  .split_keys = plan->split_keys};
    *ret_device = device;
    return AT_OK;
}

void at_fp64_device_done(struct at_fp64_device *device)
{
    const uint64_t addresses[] = {device->q,         device->k,     device->v,       device->kv_head, device->visible,
                                  device->reference, device->value, device->sum_abs, device->total,   device->weight};
    for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++)
        at_gpu_free(device->gpu, addresses[i]);
    *device = (struct at_fp64_device){0};
}

static enum at_status start(const struct at_fp64_device *device, const struct at_fp64_kernel *kernel, bool whole, struct at_error *error)
{
    struct at_fp64_arguments arguments = device->arguments;
    if (whole) { /* a block walks all keys, and V is not looked at */
        arguments.slices = arguments.splits = 1;
        arguments.split_keys = (int)arguments.keys;
    }
    void *pointers[] = {&arguments};
    const struct at_gpu_launch launch = {&at_fp64_image, kernel->name, kernel->blocks, kernel->threads, kernel->shared_bytes, pointers};
    return at_gpu_start(device->gpu, &launch, error);
}

enum at_status at_fp64_device_refer(const struct at_fp64_device *device, struct at_error *error)
{
    return device->task->reference ? start(device, &device->task->plan.reference, true, error) : AT_OK;
}

enum at_status at_fp64_device_attend(const struct at_fp64_device *device, struct at_error *error)
{
    return start(device, &device->task->plan.attend, false, error);
}

enum at_status at_fp64_device_weigh(const struct at_fp64_device *device, struct at_error *error)
{
    return device->task->weights ? start(device, &device->task->plan.weights, true, error) : AT_OK;
}

enum at_status at_fp64_device_fetch(const struct at_fp64_device *device, struct at_error *error)
{
    const struct at_fp64_arrays *a = device->arrays;
    const struct at_fp64_sizes n = at_fp64_sizes_of(device->task);
    const struct {
        double *to;
        uint64_t from;
        size_t bytes;
    } copies[] = {{a->reference, device->reference, n.rows * 8},
                  {a->total, device->total, n.split_rows * 8},
                  {a->value, device->value, n.sums * 8},
                  {a->sum_abs, device->sum_abs, a->sum_abs ? n.sums * 8 : 0},
                  {a->weight, device->weight, n.weights * 8}};
    enum at_status status = at_gpu_wait(device->gpu, error);
    for (size_t i = 0; i < sizeof copies / sizeof copies[0] && !status; i++)
        if (copies[i].bytes)
            status = at_gpu_copy_out(device->gpu, copies[i].to, copies[i].from, copies[i].bytes, error);
    return status;
}

enum at_status at_fp64_device_run(struct at_gpu *gpu, const struct at_fp64_task *task, const struct at_fp64_arrays *arrays,
                                  struct at_error *error)
{
    struct at_fp64_device device;
    enum at_status status = at_fp64_device_init(&device, gpu, task, arrays, error);
    if (status)
        return status;
    status = at_fp64_device_refer(&device, error);
    if (!status)
        status = at_fp64_device_attend(&device, error);
    if (!status)
        status = at_fp64_device_weigh(&device, error);
    if (!status)
        status = at_fp64_device_fetch(&device, error);
    at_fp64_device_done(&device);
    return status;
}
