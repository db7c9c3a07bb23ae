/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/* A GPU whose kernels are emulated.h's, in the place of kernels/common/gpu.c: a program that is linked with it runs without a GPU. */
#include "kernels/common/gpu.h"

#include "emulated.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

struct at_gpu {
    struct at_gpu_facts facts;
};

enum at_status at_gpu_open(int index, const struct at_gpu_image *image, struct at_gpu **ret_gpu, struct at_error *error)
{
    (void)image;
    struct at_gpu *gpu = calloc(1, sizeof *gpu);
    if (!gpu)
        return at_fail(error, AT_ERR_MEMORY, "emulated GPU %d: out of memory", index);
    gpu->facts.multiprocessors = 3; /* few, so that work does not fit into what runs at once */
    *ret_gpu = gpu;
    return AT_OK;
}

struct at_gpu *at_gpu_close(struct at_gpu *gpu)
{
    free(gpu);
    return NULL;
}

const struct at_gpu_facts *at_gpu_facts(const struct at_gpu *gpu)
{
    return &gpu->facts;
}

/* What was not written shows as NaN. */
enum at_status at_gpu_alloc(struct at_gpu *gpu, size_t bytes, uint64_t *ret_address, struct at_error *error)
{
    (void)gpu;
    void *memory;
    if (posix_memalign(&memory, 256, bytes))
        return at_fail(error, AT_ERR_MEMORY, "emulated GPU: out of memory");
    memset(memory, 0xff, bytes);
    *ret_address = (uint64_t)(uintptr_t)memory;
    return AT_OK;
}

void at_gpu_free(struct at_gpu *gpu, uint64_t address)
{
    (void)gpu;
    free((void *)(uintptr_t)address);
}

enum at_status at_gpu_copy_in(struct at_gpu *gpu, uint64_t to, const void *from, size_t bytes, struct at_error *error)
{
    (void)gpu;
    (void)error;
    memcpy((void *)(uintptr_t)to, from, bytes);
    return AT_OK;
}

enum at_status at_gpu_copy_out(struct at_gpu *gpu, void *to, uint64_t from, size_t bytes, struct at_error *error)
{
    (void)gpu;
    (void)error;
    memcpy(to, (const void *)(uintptr_t)from, bytes);
    return AT_OK;
}

enum at_status at_gpu_copy(struct at_gpu *gpu, uint64_t to, uint64_t from, size_t bytes, struct at_error *error)
{
    return at_gpu_copy_in(gpu, to, (const void *)(uintptr_t)from, bytes, error);
}

enum at_status at_gpu_clear(struct at_gpu *gpu, uint64_t address, size_t bytes, struct at_error *error)
{
    (void)gpu;
    (void)error;
    memset((void *)(uintptr_t)address, 0, bytes);
    return AT_OK;
}

enum at_status at_gpu_start(struct at_gpu *gpu, const struct at_gpu_launch *launch, struct at_error *error)
{
    (void)gpu;
    const char *why;
    return emulated_launch(launch, &why) ? AT_OK : at_fail(error, AT_ERR_DEVICE, "%s: %s", launch->kernel, why);
}

enum at_status at_gpu_wait(struct at_gpu *gpu, struct at_error *error)
{
    (void)gpu;
    (void)error;
    return AT_OK;
}

enum at_status at_gpu_time(struct at_gpu *gpu, at_gpu_enqueue *enqueue, void *context, int repeats, double *ret_time_ns,
                           struct at_error *error)
{
    (void)gpu;
    enum at_status status = AT_OK;
    for (int i = 0; i < repeats && !status; i++) {
        struct timespec a, b;
        clock_gettime(CLOCK_MONOTONIC, &a);
        status = enqueue(context, error);
        clock_gettime(CLOCK_MONOTONIC, &b);
        ret_time_ns[i] = (double)(b.tv_sec - a.tv_sec) * 1e9 + (double)(b.tv_nsec - a.tv_nsec);
    }
    return status;
}
