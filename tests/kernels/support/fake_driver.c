/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "fake_driver.h"

#include "fake_faults.h"
#include "fake_kernels.h"
#include "kernels/common/driver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* The entries have the types of the table that loads them. */
#define ENTRY(name) __typeof__(*((struct at_driver *)0)->name) name
ENTRY(cuInit);
ENTRY(cuDriverGetVersion);
ENTRY(cuGetErrorName);
ENTRY(cuGetErrorString);
ENTRY(cuDeviceGetCount);
ENTRY(cuDeviceGet);
ENTRY(cuDeviceGetName);
ENTRY(cuDeviceGetAttribute);
ENTRY(cuDeviceTotalMem_v2);
ENTRY(cuDevicePrimaryCtxRetain);
ENTRY(cuDevicePrimaryCtxRelease_v2);
ENTRY(cuCtxSetCurrent);
ENTRY(cuCtxSynchronize);
ENTRY(cuModuleLoadData);
ENTRY(cuModuleUnload);
ENTRY(cuModuleGetFunction);
ENTRY(cuMemAlloc_v2);
ENTRY(cuMemFree_v2);
ENTRY(cuMemAllocHost_v2);
ENTRY(cuMemFreeHost);
ENTRY(cuMemcpyHtoD_v2);
ENTRY(cuMemcpyDtoH_v2);
ENTRY(cuMemcpyDtoD_v2);
ENTRY(cuMemsetD8_v2);
ENTRY(cuEventCreate);
ENTRY(cuEventRecord);
ENTRY(cuEventSynchronize);
ENTRY(cuEventElapsedTime);
ENTRY(cuEventDestroy_v2);
ENTRY(cuFuncSetAttribute);
ENTRY(cuTensorMapEncodeTiled);
ENTRY(cuLaunchKernel);

enum { OK = 0, INVALID_VALUE = 1, NOT_INITIALIZED = 3, NO_DEVICE = 100, INVALID_DEVICE = 101, INVALID_CONTEXT = 201, INVALID_HANDLE = 400 };

static const struct {
    int result;
    const char *name, *text;
} results[] = {
    {INVALID_VALUE, "CUDA_ERROR_INVALID_VALUE", "invalid argument"},
    {AT_CUDA_NO_MEMORY, "CUDA_ERROR_OUT_OF_MEMORY", "out of memory"},
    {NOT_INITIALIZED, "CUDA_ERROR_NOT_INITIALIZED", "initialization error"},
    {AT_CUDA_STUB_LIBRARY, "CUDA_ERROR_STUB_LIBRARY", "CUDA driver is a stub library"},
    {NO_DEVICE, "CUDA_ERROR_NO_DEVICE", "no CUDA-capable device is detected"},
    {INVALID_DEVICE, "CUDA_ERROR_INVALID_DEVICE", "invalid device ordinal"},
    {INVALID_CONTEXT, "CUDA_ERROR_INVALID_CONTEXT", "invalid device context"},
    {AT_CUDA_NO_IMAGE, "CUDA_ERROR_NO_BINARY_FOR_GPU", "no kernel image is available for execution on the device"},
    {INVALID_HANDLE, "CUDA_ERROR_INVALID_HANDLE", "invalid resource handle"},
    {AT_CUDA_NOT_FOUND, "CUDA_ERROR_NOT_FOUND", "named symbol not found"},
    {700, "CUDA_ERROR_ILLEGAL_ADDRESS", "an illegal memory access was encountered"},
    {803, "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH", "system has unsupported display driver / cuda driver combination"},
    {999, "CUDA_ERROR_UNKNOWN", "unknown error"},
};

static const struct gpu {
    const char *key, *name;
    int major, minor, multiprocessors;
} gpus[] = {{"hopper", "Stand-in H200", 9, 0, 132},
            {"ampere", "Stand-in A100", 8, 0, 108},
            {"ada", "Stand-in L40S", 8, 9, 142},
            {"blackwell", "Stand-in B200", 10, 0, 148}};

struct block {
    struct block *next;
    bool host;
    size_t bytes;
    char *memory;
};

static struct block *blocks;
static int modules, contexts, events;
static long calls[64], launches;
static bool started;
static void *current;

/* Every entry begins with it; `number` counts its calls. */
static int enter(const char *entry, int number, bool needs_context)
{
    if (!started && strcmp(entry, "cuInit") != 0)
        return NOT_INITIALIZED;
    if (needs_context && !current)
        return INVALID_CONTEXT;
    return fake_strike(entry, calls[number]++);
}

#define ENTER(needs_context) \
    do { \
        int refused = enter(__func__, __COUNTER__, needs_context); \
        if (refused) \
            return refused; \
    } while (0)

int fake_driver_live(void)
{
    int live = modules + contexts + events;
    for (const struct block *b = blocks; b; b = b->next)
        live++;
    return live;
}

static const struct gpu *gpu_of(int device)
{
    char key[32];
    for (size_t i = 0; device == 0 && fake_asked("gpu", key, sizeof key) && i < sizeof gpus / sizeof gpus[0]; i++)
        if (strcmp(gpus[i].key, key) == 0)
            return &gpus[i];
    return &gpus[0];
}

int cuInit(unsigned flags)
{
    ENTER(false);
    if (flags)
        return INVALID_VALUE;
    if (fake_asked_number("gpus", 2) == 0)
        return NO_DEVICE;
    started = true;
    return OK;
}

int cuDriverGetVersion(int *version)
{
    ENTER(false);
    *version = (int)fake_asked_number("cuda", 13010);
    return OK;
}

int cuGetErrorName(int result, const char **name)
{
    for (size_t i = 0; i < sizeof results / sizeof results[0]; i++)
        if (results[i].result == result) {
            *name = results[i].name;
            return OK;
        }
    *name = NULL;
    return INVALID_VALUE;
}

int cuGetErrorString(int result, const char **text)
{
    for (size_t i = 0; i < sizeof results / sizeof results[0]; i++)
        if (results[i].result == result) {
            *text = results[i].text;
            return OK;
        }
    *text = NULL;
    return INVALID_VALUE;
}

int cuDeviceGetCount(int *count)
{
    ENTER(false);
    *count = (int)fake_asked_number("gpus", 2);
    if (*count < 0) /* a driver that starts and sees none */
        *count = 0;
    return OK;
}

int cuDeviceGet(int *device, int ordinal)
{
    ENTER(false);
    if (ordinal < 0 || ordinal >= fake_asked_number("gpus", 2))
        return INVALID_DEVICE;
    *device = ordinal;
    return OK;
}

int cuDeviceGetName(char *name, int length, int device)
{
    ENTER(false);
    snprintf(name, (size_t)length, "%s", gpu_of(device)->name);
    return OK;
}

int cuDeviceGetAttribute(int *value, int attribute, int device)
{
    ENTER(false);
    const struct gpu *gpu = gpu_of(device);
    switch (attribute) {
    case AT_CUDA_CLOCK_KHZ: *value = 1980000; return OK;
    case AT_CUDA_MULTIPROCESSORS: *value = gpu->multiprocessors; return OK;
    case AT_CUDA_ECC: *value = 1; return OK;
    case AT_CUDA_MEMORY_CLOCK_KHZ: *value = 3201000; return OK;
    case AT_CUDA_MEMORY_BUS_BITS: *value = 6144; return OK;
    case AT_CUDA_L2_BYTES: *value = 60 << 20; return OK;
    case AT_CUDA_MAJOR: *value = gpu->major; return OK;
    case AT_CUDA_MINOR: *value = gpu->minor; return OK;
    case AT_CUDA_SHARED_BYTES: *value = 227 << 10; return OK;
    default: return INVALID_VALUE;
    }
}

int cuDeviceTotalMem_v2(size_t *bytes, int device)
{
    ENTER(false);
    (void)device;
    *bytes = (size_t)140 << 30;
    return OK;
}

#ifndef AT_FAKE_DRIVER_OLD /* before CUDA 11 there was another function of that purpose */
int cuDevicePrimaryCtxRelease_v2(int device)
{
    ENTER(false);
    (void)device;
    contexts--;
    return OK;
}
#endif

int cuDevicePrimaryCtxRetain(void **context, int device)
{
    ENTER(false);
    static char one[2];
    contexts++;
    *context = &one[device];
    return OK;
}

int cuCtxSetCurrent(void *context)
{
    ENTER(false);
    current = context;
    return OK;
}

int cuCtxSynchronize(void)
{
    ENTER(true);
    return OK;
}

int cuModuleLoadData(void **module, const void *image)
{
    ENTER(true);
    if (!image)
        return INVALID_VALUE;
    modules++;
    *module = &modules;
    return OK;
}

int cuModuleUnload(void *module)
{
    ENTER(true);
    if (module != &modules || modules == 0)
        return INVALID_HANDLE;
    modules--;
    return OK;
}

int cuModuleGetFunction(void **function, void *module, const char *name)
{
    ENTER(true);
    static struct fake_kernel kernel; /* the one that is launched next */
    if (module != &modules)
        return INVALID_HANDLE;
    if (!fake_kernel_find(name, &kernel))
        return AT_CUDA_NOT_FOUND;
    *function = &kernel;
    return OK;
}

static int allocate(bool host, size_t bytes, void **ret_memory)
{
    struct block *block = bytes ? malloc(sizeof *block) : NULL;
    if (!block)
        return INVALID_VALUE;
    *block = (struct block){blocks, host, bytes, malloc(bytes)};
    if (!block->memory) {
        free(block);
        return AT_CUDA_NO_MEMORY;
    }
    memset(block->memory, 0x5a, bytes);
    blocks = block;
    *ret_memory = block->memory;
    return OK;
}

static int release(bool host, const void *memory)
{
    for (struct block **at = &blocks; *at; at = &(*at)->next)
        if ((*at)->memory == memory && (*at)->host == host) {
            struct block *block = *at;
            *at = block->next;
            free(block->memory);
            free(block);
            return OK;
        }
    return INVALID_VALUE;
}

int cuMemAlloc_v2(uint64_t *address, size_t bytes)
{
    ENTER(true);
    void *memory;
    int result = allocate(false, bytes, &memory);
    if (result == OK)
        *address = (uint64_t)(uintptr_t)memory;
    return result;
}

int cuMemFree_v2(uint64_t address)
{
    ENTER(true);
    return release(false, (const void *)(uintptr_t)address);
}

int cuMemAllocHost_v2(void **memory, size_t bytes)
{
    ENTER(true);
    return allocate(true, bytes, memory);
}

int cuMemFreeHost(void *memory)
{
    ENTER(true);
    return release(true, memory);
}

/* `bytes` at `address`, or NULL where they are not all in one allocation of the GPU. */
static char *at_address(uint64_t address, size_t bytes)
{
    char *memory = (char *)(uintptr_t)address;
    for (const struct block *b = blocks; b; b = b->next)
        if (!b->host && memory >= b->memory && memory + bytes <= b->memory + b->bytes)
            return memory;
    return NULL;
}

int cuMemcpyHtoD_v2(uint64_t to, const void *from, size_t bytes)
{
    ENTER(true);
    char *memory = at_address(to, bytes);
    if (!memory)
        return INVALID_VALUE;
    memcpy(memory, from, bytes);
    return OK;
}

int cuMemcpyDtoH_v2(void *to, uint64_t from, size_t bytes)
{
    ENTER(true);
    const char *memory = at_address(from, bytes);
    if (!memory)
        return INVALID_VALUE;
    memcpy(to, memory, bytes);
    return OK;
}

int cuMemcpyDtoD_v2(uint64_t to, uint64_t from, size_t bytes)
{
    ENTER(true);
    char *target = at_address(to, bytes);
    const char *source = at_address(from, bytes);
    if (!target || !source)
        return INVALID_VALUE;
    memmove(target, source, bytes);
    return OK;
}

int cuMemsetD8_v2(uint64_t to, unsigned char value, size_t bytes)
{
    ENTER(true);
    char *memory = at_address(to, bytes);
    if (!memory)
        return INVALID_VALUE;
    memset(memory, value, bytes);
    return OK;
}

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
    events++;
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
    events--;
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
    const void *a = at_address(address[0], (size_t)cases * ROWS * ROW_BYTES), *b = at_address(address[1], (size_t)cases * n * ROW_BYTES);
    const float *c = (const void *)at_address(address[2], outputs * sizeof(float));
    uint32_t *d = (void *)at_address(address[3], outputs * sizeof(float)), *made = malloc(outputs * sizeof *made);
    bool fits = a && b && c && d && made;
    if (fits) {
        fake_dots(kernel, a, b, c, cases, accumulate, (float *)made);
        fake_deliver(made, outputs, n, wrong, d);
    }
    free(made);
    return fits ? OK : 700;
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
    uint32_t *out = (void *)at_address(address, (size_t)count * sizeof *out), *made = malloc((size_t)count * sizeof *made);
    bool fits = out && made;
    if (fits) {
        fake_floats(kernel, first, count, made);
        fake_deliver(made, (size_t)count, 0, wrong, out);
    }
    free(made);
    return fits ? OK : 700;
}

/* The kernels launched so far. */
static struct {
    char name[64];
    int count;
} launched[512];

static void note_launch(const char *name)
{
    size_t i = 0;
    while (launched[i].count && strcmp(launched[i].name, name) != 0)
        i++;
    snprintf(launched[i].name, sizeof launched[i].name, "%s", name);
    launched[i].count++;
}

void fake_driver_reset(void)
{
    memset(calls, 0, sizeof calls);
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

/* What the CUDA Driver API asks of a tiled map with 128-byte swizzle (cuTensorMapEncodeTiled): alignments, boxes, sizes. */
int cuTensorMapEncodeTiled(void *map, int type, uint32_t rank, void *address, const uint64_t *sizes, const uint64_t *strides,
                           const uint32_t *box, const uint32_t *element_strides, int interleave, int swizzle, int promotion, int fill)
{
    ENTER(false);
    uint32_t element = type == AT_CUDA_MAP_UINT8 ? 1 : 2;
    bool good = (uintptr_t)map % 64 == 0 && (uintptr_t)address % 16 == 0 && address && rank >= 1 && rank <= 5 && interleave == 0 &&
                swizzle == AT_CUDA_MAP_SWIZZLE_128B && box[0] * element <= 128 && promotion >= 0 && promotion <= 3 && fill == 0 &&
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
    if (!current || grid_y != 1 || grid_z != 1 || block_y != 1 || block_z != 1 || shared_bytes || stream || extra)
        return INVALID_VALUE;
    fake_asked("kernel", prefix, sizeof prefix);
    bool counts = strncmp(kernel->name, prefix, strlen(prefix)) == 0;
    long n = counts ? launches++ : -1;
    int result = counts ? fake_strike(__func__, n) : OK;
    if (result)
        return result;
    long nth = fake_asked_number("nth", 0);
    bool wrong = counts && (nth < 0 || n == nth);
    note_launch(kernel->name);
    while (strcmp(kernel->name, "spin") == 0)
        pause();
    if (!kernel->columns && !kernel->of)
        return 700;
    return (kernel->columns ? launch_dots : launch_floats)(kernel, grid_x, block_x, arguments, wrong);
}
