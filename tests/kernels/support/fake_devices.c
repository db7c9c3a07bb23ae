/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "fake_state.h"

#include "fake_faults.h"
#include "fake_kernels.h"

#include <stdio.h>

/* The driver itself, its GPUs, their contexts and modules. */

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
    {ILLEGAL_ADDRESS, "CUDA_ERROR_ILLEGAL_ADDRESS", "an illegal memory access was encountered"},
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

struct fake_state fake_state = {.gpu = -1};

/* Calls of each entry so far. */
static struct {
    char entry[40];
    long calls;
} counted[64];

static long count_call(const char *entry)
{
    size_t i = 0;
    while (counted[i].entry[0] && strcmp(counted[i].entry, entry) != 0)
        i++;
    snprintf(counted[i].entry, sizeof counted[i].entry, "%s", entry);
    return counted[i].calls++;
}

int fake_enter(const char *entry, bool needs_context)
{
    if (!fake_state.started && strcmp(entry, "cuInit") != 0)
        return NOT_INITIALIZED;
    if (needs_context && fake_state.gpu < 0)
        return INVALID_CONTEXT;
    return fake_strike(entry, count_call(entry), fake_state.gpu);
}

int fake_driver_live(void)
{
    return fake_state.objects + fake_memory_live();
}

void fake_driver_reset(void)
{
    memset(counted, 0, sizeof counted);
    fake_launches_reset();
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
    if (!fake_state.started)
        fake_count_start();
    fake_state.started = true;
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
    case AT_CUDA_COMPUTE_MODE: *value = (int)fake_asked_number("mode", 0); return OK;
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
    fake_state.objects--;
    return OK;
}
#endif

int cuDevicePrimaryCtxRetain(void **context, int device)
{
    ENTER(false);
    fake_state.objects++;
    *context = &fake_state.contexts[device];
    return OK;
}

int cuCtxSetCurrent(void *context)
{
    ENTER(false);
    fake_state.gpu = context ? (int)((char *)context - fake_state.contexts) : -1;
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
    fake_state.modules++;
    fake_state.objects++;
    *module = &fake_state.module;
    return OK;
}

int cuModuleUnload(void *module)
{
    ENTER(true);
    if (module != &fake_state.module || fake_state.modules == 0)
        return INVALID_HANDLE;
    fake_state.modules--;
    fake_state.objects--;
    return OK;
}

int cuModuleGetFunction(void **function, void *module, const char *name)
{
    ENTER(true);
    static struct fake_kernel kernel; /* the one that is launched next */
    if (module != &fake_state.module)
        return INVALID_HANDLE;
    if (!fake_kernel_find(name, &kernel))
        return AT_CUDA_NOT_FOUND;
    *function = &kernel;
    return OK;
}
