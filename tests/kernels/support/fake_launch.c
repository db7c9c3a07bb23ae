/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "fake_state.h"

#include "fake_faults.h"
#include "fake_kernels.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

/* Events, maps of tensors, launches. */

/* An event is the time at which it was recorded last; work ends when it is started. */
struct event {
    struct timespec at;
    bool recorded;
};

int cuEventCreate(void **event, unsigned flags)
{
    ENTER(true);
    struct event *made = flags ? NULL : calloc(1, sizeof *made);
    if (!made)
        return INVALID_VALUE;
    fake_state.objects++;
    *event = made;
    return OK;
}

int cuEventRecord(void *event, void *stream)
{
    ENTER(true);
    struct event *e = event;
    if (stream || clock_gettime(CLOCK_MONOTONIC, &e->at))
        return INVALID_VALUE;
    e->recorded = true;
    return OK;
}

int cuEventSynchronize(void *event)
{
    ENTER(true);
    const struct event *e = event;
    return e->recorded ? OK : INVALID_VALUE;
}

int cuEventElapsedTime(float *time_ms, void *start, void *end)
{
    ENTER(true);
    const struct event *a = start, *b = end;
    if (!a->recorded || !b->recorded)
        return INVALID_VALUE;
    *time_ms = (float)((double)(b->at.tv_sec - a->at.tv_sec) * 1e3 + (double)(b->at.tv_nsec - a->at.tv_nsec) * 1e-6);
    return OK;
}

int cuEventDestroy_v2(void *event)
{
    ENTER(true);
    free(event);
    fake_state.objects--;
    return OK;
}

static int launch_dots(const struct fake_kernel *kernel, unsigned blocks_x, unsigned threads, void **arguments, bool wrong)
{
    enum { ROWS = 64, ROW_BYTES = 32 };
    uint64_t address[4];
    int cases, accumulate;
    for (int i = 0; i < 4; i++)
        memcpy(&address[i], arguments[i], sizeof address[i]);
    memcpy(&cases, arguments[4], sizeof cases);
    memcpy(&accumulate, arguments[5], sizeof accumulate);
    if (cases < 1 || blocks_x < 1 || threads != 128)
        return INVALID_VALUE;
    size_t n = (size_t)kernel->columns, outputs = (size_t)cases * ROWS * n;
    const void *a = fake_at_address(address[0], (size_t)cases * ROWS * ROW_BYTES),
               *b = fake_at_address(address[1], (size_t)cases * n * ROW_BYTES);
    const float *c = (const void *)fake_at_address(address[2], outputs * sizeof(float));
    uint32_t *d = (void *)fake_at_address(address[3], outputs * sizeof(float)), *made = malloc(outputs * sizeof *made);
    bool fits = a && b && c && d && made;
    if (fits) {
        fake_dots(kernel, a, b, c, cases, accumulate, (float *)made);
        fake_deliver(made, outputs, n, wrong, d);
    }
    free(made);
    return fits ? OK : ILLEGAL_ADDRESS;
}

static int launch_floats(const struct fake_kernel *kernel, unsigned blocks_x, unsigned threads, void **arguments, bool wrong)
{
    uint32_t first;
    int count;
    uint64_t address;
    memcpy(&first, arguments[0], sizeof first);
    memcpy(&count, arguments[1], sizeof count);
    memcpy(&address, arguments[2], sizeof address);
    if (count < 1 || blocks_x < 1 || threads < 1 || threads > 1024)
        return INVALID_VALUE;
    uint32_t *out = (void *)fake_at_address(address, (size_t)count * sizeof *out), *made = malloc((size_t)count * sizeof *made);
    bool fits = out && made;
    if (fits) {
        fake_floats(kernel, first, count, made);
        fake_deliver(made, (size_t)count, 0, wrong, out);
    }
    free(made);
    return fits ? OK : ILLEGAL_ADDRESS;
}

/* The kernels launched so far. */
static struct {
    char name[64];
    int count;
} launched[512];

static long launches; /* of kernels that count: kernel=PREFIX */

static void note_launch(const char *name)
{
    size_t i = 0;
    while (launched[i].count && strcmp(launched[i].name, name) != 0)
        i++;
    snprintf(launched[i].name, sizeof launched[i].name, "%s", name);
    launched[i].count++;
}

void fake_launches_reset(void)
{
    memset(launched, 0, sizeof launched);
    launches = 0;
}

int fake_driver_launched(const char *kernel)
{
    for (size_t i = 0; launched[i].count; i++)
        if (strcmp(launched[i].name, kernel) == 0)
            return launched[i].count;
    return 0;
}

int cuFuncSetAttribute(void *function, int what, int value)
{
    ENTER(true);
    return function && what == AT_CUDA_MOST_DYNAMIC_SHARED_BYTES && value > 0 && value <= 227 << 10 ? OK : INVALID_VALUE;
}

/* What the CUDA Driver API asks of a tiled map with 128- or 64-byte swizzle (cuTensorMapEncodeTiled): alignments, boxes, sizes. */
int cuTensorMapEncodeTiled(void *map, int type, uint32_t rank, void *address, const uint64_t *sizes, const uint64_t *strides,
                           const uint32_t *box, const uint32_t *element_strides, int interleave, int swizzle, int promotion, int fill)
{
    ENTER(false);
    uint32_t element = type == AT_CUDA_MAP_UINT8 ? 1 : 2;
    uint32_t most = swizzle == AT_CUDA_MAP_SWIZZLE_128B ? 128 : swizzle == AT_CUDA_MAP_SWIZZLE_64B ? 64 : 0; /* bytes of a box's row */
    bool good = (uintptr_t)map % 64 == 0 && (uintptr_t)address % 16 == 0 && address && rank >= 1 && rank <= 5 && interleave == 0 &&
                box[0] * element <= most && promotion >= 0 && promotion <= 3 && fill == 0 &&
                (type == AT_CUDA_MAP_UINT8 || type == AT_CUDA_MAP_FLOAT16 || type == AT_CUDA_MAP_BFLOAT16);
    for (uint32_t i = 0; i < rank; i++)
        good = good && sizes[i] >= 1 && box[i] >= 1 && box[i] <= 256 && element_strides[i] == 1 && (i == 0 || strides[i - 1] % 16 == 0);
    if (good)
        memset(map, 0, 128);
    return good ? OK : INVALID_VALUE;
}

int cuLaunchKernel(void *function, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x, unsigned block_y, unsigned block_z,
                   unsigned shared_bytes, void *stream, void **arguments, void **extra)
{
    const struct fake_kernel *kernel = function;
    char prefix[64] = "";
    if (fake_state.gpu < 0 || grid_y != 1 || grid_z != 1 || block_y != 1 || block_z != 1 || shared_bytes || stream || extra)
        return INVALID_VALUE;
    fake_asked("kernel", prefix, sizeof prefix);
    bool counts = strncmp(kernel->name, prefix, strlen(prefix)) == 0;
    long n = counts ? launches++ : -1;
    int result = counts ? fake_strike(__func__, n, fake_state.gpu) : OK;
    if (result)
        return result;
    long nth = fake_asked_number("nth", 0);
    bool wrong = counts && fake_strikes(fake_state.gpu) && (nth < 0 || n == nth);
    note_launch(kernel->name);
    fake_meet(fake_state.gpu);
    while (strcmp(kernel->name, "spin") == 0)
        pause();
    if (kernel->attention)
        return fake_attend(arguments, wrong);
    if (!kernel->columns && !kernel->of)
        return ILLEGAL_ADDRESS;
    return (kernel->columns ? launch_dots : launch_floats)(kernel, grid_x, block_x, arguments, wrong);
}
