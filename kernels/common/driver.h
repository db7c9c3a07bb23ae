/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_KERNELS_COMMON_DRIVER_H
#define AT_KERNELS_COMMON_DRIVER_H

#include "core/status.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The functions of libcuda.so.1 that attest calls, with the types of the CUDA Driver API spelled out (results and devices are int,
 * handles void *, addresses 64 bits), so that nothing of the toolkit is needed to build or to look at a machine. Of all sources only those
 * behind gpu.h include this.
 */
struct at_driver {
    int (*cuInit)(unsigned flags);
    int (*cuDriverGetVersion)(int *version);
    int (*cuGetErrorName)(int result, const char **name);
    int (*cuGetErrorString)(int result, const char **text);
    int (*cuDeviceGetCount)(int *count);
    int (*cuDeviceGet)(int *device, int ordinal);
    int (*cuDeviceGetName)(char *name, int length, int device);
    int (*cuDeviceGetAttribute)(int *value, int attribute, int device);
    int (*cuDeviceTotalMem_v2)(size_t *bytes, int device);
    int (*cuDevicePrimaryCtxRetain)(void **context, int device);
    int (*cuDevicePrimaryCtxRelease_v2)(int device);
    int (*cuCtxSetCurrent)(void *context);
    int (*cuCtxSynchronize)(void);
    int (*cuModuleLoadData)(void **module, const void *image);
    int (*cuModuleUnload)(void *module);
    int (*cuModuleGetFunction)(void **function, void *module, const char *name);
    int (*cuMemAlloc_v2)(uint64_t *address, size_t bytes);
    int (*cuMemFree_v2)(uint64_t address);
    int (*cuMemAllocHost_v2)(void **memory, size_t bytes);
    int (*cuMemFreeHost)(void *memory);
    int (*cuMemcpyHtoD_v2)(uint64_t to, const void *from, size_t bytes);
    int (*cuMemcpyDtoH_v2)(void *to, uint64_t from, size_t bytes);
    int (*cuMemcpyDtoD_v2)(uint64_t to, uint64_t from, size_t bytes);
    int (*cuMemsetD8_v2)(uint64_t to, unsigned char value, size_t bytes);
    int (*cuEventCreate)(void **event, unsigned flags);
    int (*cuEventRecord)(void *event, void *stream);
    int (*cuEventSynchronize)(void *event);
    int (*cuEventElapsedTime)(float *time_ms, void *start, void *end);
    int (*cuEventDestroy_v2)(void *event);
    int (*cuFuncSetAttribute)(void *function, int attribute, int value);
    int (*cuTensorMapEncodeTiled)(void *map, int type, uint32_t rank, void *address, const uint64_t *sizes, const uint64_t *strides,
                                  const uint32_t *box, const uint32_t *element_strides, int interleave, int swizzle, int promotion,
                                  int fill);
    int (*cuLaunchKernel)(void *function, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x, unsigned block_y,
                          unsigned block_z, unsigned shared_bytes, void *stream, void **arguments, void **extra);
};

/* Results that are told apart (CUresult). */
enum {
    AT_CUDA_OK = 0,
    AT_CUDA_NO_MEMORY = 2,
    AT_CUDA_STUB_LIBRARY = 34,
    AT_CUDA_NO_DEVICE = 100,
    AT_CUDA_NO_IMAGE = 209,
    AT_CUDA_NOT_FOUND = 500
};

/* CUdevice_attribute. */
enum {
    AT_CUDA_CLOCK_KHZ = 13,
    AT_CUDA_MULTIPROCESSORS = 16,
    AT_CUDA_COMPUTE_MODE = 20,
    AT_CUDA_ECC = 32,
    AT_CUDA_MEMORY_CLOCK_KHZ = 36,
    AT_CUDA_MEMORY_BUS_BITS = 37,
    AT_CUDA_L2_BYTES = 38,
    AT_CUDA_MAJOR = 75,
    AT_CUDA_MINOR = 76,
    AT_CUDA_SHARED_BYTES = 97
};

/* CUcomputemode. */
enum { AT_CUDA_EXCLUSIVE_PROCESS = 3 };

/* CUfunction_attribute, CUtensorMapDataType, CUtensorMapSwizzle, CUtensorMapL2promotion. */
enum { AT_CUDA_MOST_DYNAMIC_SHARED_BYTES = 8 };
enum { AT_CUDA_MAP_UINT8 = 0, AT_CUDA_MAP_FLOAT16 = 6, AT_CUDA_MAP_BFLOAT16 = 9 };
enum { AT_CUDA_MAP_SWIZZLE_64B = 2, AT_CUDA_MAP_SWIZZLE_128B = 3, AT_CUDA_MAP_PROMOTE_256B = 3 };

/* Loads libcuda.so.1 once and starts it; the table is static. AT_ERR_NOT_FOUND: there is no driver; AT_ERR_DEVICE: it does not start. */
enum at_status at_driver_load(const struct at_driver **ret_driver, struct at_error *error);

/* AT_ERR_DEVICE: "<what>: CUDA_ERROR_NAME (text)". */
enum at_status at_driver_fail(const struct at_driver *driver, int result, const char *what, struct at_error *error);

#ifdef __cplusplus
}
#endif

#endif
