/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/* A GPU whose kernels are emulated.h's, in the place of kernels/common/gpu.c: a program that is linked with it runs without a GPU. */
#include "kernels/common/gpu.h"

#include "emulated.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

struct at_gpu {
    struct at_gpu_facts facts;
};

struct emulated_gpu *emulated_gpu;

__attribute__((constructor)) static void share(void)
{
    void *shared = mmap(NULL, sizeof *emulated_gpu, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        abort();
    emulated_gpu = shared;
}

/* Few multiprocessors, so that work does not fit into what runs at once. */
static struct at_gpu_facts facts_of(int index)
{
    return (struct at_gpu_facts){
        .index = index, .count = 1, .name = "emulated", .major = 9, .multiprocessors = 3, .exclusive = emulated_gpu->exclusive};
}

enum at_status at_gpu_find(int index, struct at_gpu_facts *ret_facts, struct at_error *error)
{
    if (index != 0)
        return at_fail(error, AT_ERR_NOT_FOUND, "GPU %d does not exist: one is emulated", index);
    *ret_facts = facts_of(index);
    return AT_OK;
}

const char *at_gpu_generation(const struct at_gpu_facts *facts)
{
    return facts->name;
}

enum at_status at_gpu_check_hopper(const struct at_gpu_facts *facts, struct at_error *error)
{
    (void)facts;
    (void)error;
    return AT_OK;
}

enum at_status at_gpu_open(int index, const struct at_gpu_image *image, struct at_gpu **ret_gpu, struct at_error *error)
{
    (void)image;
    struct at_gpu *gpu = calloc(1, sizeof *gpu);
    if (!gpu)
        return at_fail(error, AT_ERR_MEMORY, "emulated GPU %d: out of memory", index);
    gpu->facts = facts_of(index);
    emulated_gpu->opened++;
    emulated_gpu->open++;
    *ret_gpu = gpu;
    return AT_OK;
}

struct at_gpu *at_gpu_close(struct at_gpu *gpu)
{
    emulated_gpu->open -= gpu != NULL;
    free(gpu);
    return NULL;
}

/* Every kernel is there. */
enum at_status at_gpu_load(struct at_gpu *gpu, const struct at_gpu_image *image, struct at_error *error)
{
    (void)gpu;
    (void)image;
    (void)error;
    return AT_OK;
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

enum at_status at_gpu_fill(struct at_gpu *gpu, uint64_t address, unsigned char byte, size_t bytes, struct at_error *error)
{
    (void)gpu;
    (void)error;
    memset((void *)(uintptr_t)address, byte, bytes);
    return AT_OK;
}

enum at_status at_gpu_start(struct at_gpu *gpu, const struct at_gpu_launch *launch, struct at_error *error)
{
    (void)gpu;
    const char *why = "an error that was asked for";
    if (emulated_gpu->dying && emulated_gpu->dying--)
        raise(SIGKILL);
    if (emulated_gpu->failing && emulated_gpu->failing--)
        return at_fail(error, AT_ERR_DEVICE, "%s: %s", launch->kernel, why);
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

enum at_status at_gpu_launch(struct at_gpu *gpu, const struct at_gpu_launch *launch, struct at_error *error)
{
    return at_gpu_start(gpu, launch, error);
}

enum at_status at_gpu_run(struct at_gpu *gpu, const char *kernel, unsigned blocks, unsigned threads, void **arguments,
                          struct at_error *error)
{
    const struct at_gpu_launch launch = {NULL, kernel, blocks, threads, 0, arguments};
    return at_gpu_start(gpu, &launch, error);
}

enum at_status at_gpu_host_alloc(struct at_gpu *gpu, size_t bytes, void **ret_memory, struct at_error *error)
{
    (void)gpu;
    void *memory = malloc(bytes);
    if (!memory)
        return at_fail(error, AT_ERR_MEMORY, "emulated GPU: out of memory");
    *ret_memory = memory;
    return AT_OK;
}

void at_gpu_host_free(struct at_gpu *gpu, void *memory)
{
    (void)gpu;
    free(memory);
}

enum at_status at_gpu_map_tensor(struct at_gpu *gpu, const struct at_tensor *tensor, uint64_t address, int box_rows,
                                 struct at_gpu_map *ret_map, struct at_error *error)
{
    (void)gpu;
    const int size = (int)at_format_size(tensor->format), row = (int)(tensor->dim * size);
    const struct emulated_map map = {
        address, {tensor->dim, tensor->seq, tensor->heads, tensor->batch}, size, row == 64 ? 64 : 128, box_rows};
    if (row % 16 || address % 16)
        return at_fail(error, AT_ERR_DEVICE, "emulated GPU: a tensor whose rows are not at multiples of 16 bytes");
    memcpy(ret_map->bytes, &map, sizeof map);
    return AT_OK;
}
