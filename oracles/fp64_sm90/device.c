/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "oracles/fp64_sm90/device.h"

#include "oracles/fp64_sm90/upload.h"

static enum at_status allocate(struct at_fp64_device *device, struct at_error *error)
{
    const struct at_fp64_batch *batch = device->batch;
    const struct at_fp64_plan *plan = &batch->plan;
    size_t rows = (size_t)(plan->heads * plan->rows), split_rows = rows * (size_t)plan->splits,
           width = (size_t)(plan->slices * plan->columns);
    size_t keys = (size_t)batch->kv_heads * (size_t)plan->keys;
    const struct {
        uint64_t *address;
        size_t bytes;
    } arrays[] = {{&device->q, rows * (size_t)plan->depth * 8},
                  {&device->k, keys * (size_t)plan->depth * 8},
                  {&device->v, keys * width * 8},
                  {&device->kv_head, (size_t)plan->heads * sizeof(int)},
                  {&device->visible, (size_t)plan->rows * sizeof(int)},
                  {&device->reference, rows * 8},
                  {&device->value, split_rows * width * 8},
                  {&device->sum_abs, batch->sums ? split_rows * width * 8 : 0},
                  {&device->total, split_rows * 8},
                  {&device->weight, batch->weights ? rows * (size_t)plan->keys * 8 : 0}};
    enum at_status status = AT_OK;
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0] && !status; i++)
        if (arrays[i].bytes)
            status = at_gpu_alloc(device->gpu, arrays[i].bytes, arrays[i].address, error);
    return status;
}

static double *pointer(uint64_t address)
{
    return (double *)(uintptr_t)address;
}

enum at_status at_fp64_device_init(struct at_fp64_device *ret_device, struct at_gpu *gpu, const struct at_fp64_batch *batch,
                                   struct at_error *error)
{
    const struct at_fp64_plan *plan = &batch->plan;
    struct at_fp64_device device = {.gpu = gpu, .batch = batch};
    enum at_status status = allocate(&device, error);
    if (!status)
        status = at_fp64_upload(&device, error);
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
                                                  .scale = batch->scale,
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
    const struct at_fp64_plan *plan = &device->batch->plan;
    bool wanted = false;
    for (int64_t i = 0; i < plan->heads * plan->row_count; i++)
        wanted = wanted || device->batch->bound[i].wants_reference;
    return wanted ? start(device, &plan->reference, true, error) : AT_OK;
}

enum at_status at_fp64_device_attend(const struct at_fp64_device *device, struct at_error *error)
{
    return start(device, &device->batch->plan.attend, false, error);
}

enum at_status at_fp64_device_weigh(const struct at_fp64_device *device, struct at_error *error)
{
    return device->batch->weights ? start(device, &device->batch->plan.weights, true, error) : AT_OK;
}

enum at_status at_fp64_device_fetch(const struct at_fp64_device *device, struct at_error *error)
{
    const struct at_fp64_batch *batch = device->batch;
    const struct at_fp64_plan *plan = &batch->plan;
    size_t rows = (size_t)(plan->heads * plan->rows), split_rows = rows * (size_t)plan->splits;
    size_t sums = split_rows * (size_t)(plan->slices * plan->columns);
    enum at_status status = at_gpu_wait(device->gpu, error);
    if (!status)
        status = at_gpu_copy_out(device->gpu, batch->reference, device->reference, rows * 8, error);
    if (!status)
        status = at_gpu_copy_out(device->gpu, batch->total, device->total, split_rows * 8, error);
    if (!status)
        status = at_gpu_copy_out(device->gpu, batch->value, device->value, sums * 8, error);
    if (!status && batch->sums)
        status = at_gpu_copy_out(device->gpu, batch->sum_abs, device->sum_abs, sums * 8, error);
    if (!status && batch->weights)
        status = at_gpu_copy_out(device->gpu, batch->weight, device->weight, rows * (size_t)plan->keys * 8, error);
    return status;
}

enum at_status at_fp64_device_run(struct at_gpu *gpu, const struct at_fp64_batch *batch, struct at_error *error)
{
    struct at_fp64_device device;
    enum at_status status = at_fp64_device_init(&device, gpu, batch, error);
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
