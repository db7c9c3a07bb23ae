/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_TESTS_KERNELS_FAKE_STATE_H
#define AT_TESTS_KERNELS_FAKE_STATE_H

#include "fake_driver.h"
#include "kernels/common/driver.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* What the files of the stand-in share: one process, one driver, one current context. */

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

enum {
    OK = 0,
    INVALID_VALUE = 1,
    NOT_INITIALIZED = 3,
    NO_DEVICE = 100,
    INVALID_DEVICE = 101,
    INVALID_CONTEXT = 201,
    INVALID_HANDLE = 400,
    ILLEGAL_ADDRESS = 700
};

enum { FAKE_MOST_GPUS = 8 };

struct fake_state {
    bool started;
    int gpu;                               /* whose context is current; -1: none is */
    int objects;                           /* modules, contexts and events that live */
    int modules;                           /* of them */
    char module, contexts[FAKE_MOST_GPUS]; /* handles are their addresses */
};

extern struct fake_state fake_state;

/* Every entry begins with it: the CUresult with which `entry` refuses, or 0. Its calls are counted by its name. */
int fake_enter(const char *entry, bool needs_context);

#define ENTER(needs_context) \
    do { \
        int refused = fake_enter(__func__, needs_context); \
        if (refused) \
            return refused; \
    } while (0)

/* Allocations that live. */
int fake_memory_live(void);

/* `bytes` at `address`, or NULL where they are not all in one allocation of the GPU. */
void *fake_at_address(uint64_t address, size_t bytes);

/* Launches are counted from 0 again. */
void fake_launches_reset(void);

#endif
