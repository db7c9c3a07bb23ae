/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/common/driver.h"

#include <dlfcn.h>
#include <string.h>

#define ENTRY(name) \
    { \
#name, offsetof(struct at_driver, name) \
    }

static const struct {
    const char *name;
    size_t at;
} entries[] = {
    ENTRY(cuInit),
    ENTRY(cuDriverGetVersion),
    ENTRY(cuGetErrorName),
    ENTRY(cuGetErrorString),
    ENTRY(cuDeviceGetCount),
    ENTRY(cuDeviceGet),
    ENTRY(cuDeviceGetName),
    ENTRY(cuDeviceGetAttribute),
    ENTRY(cuDeviceTotalMem_v2),
    ENTRY(cuDevicePrimaryCtxRetain),
    ENTRY(cuDevicePrimaryCtxRelease_v2),
    ENTRY(cuCtxSetCurrent),
    ENTRY(cuCtxSynchronize),
    ENTRY(cuModuleLoadData),
    ENTRY(cuModuleUnload),
    ENTRY(cuModuleGetFunction),
    ENTRY(cuMemAlloc_v2),
    ENTRY(cuMemFree_v2),
    ENTRY(cuMemAllocHost_v2),
    ENTRY(cuMemFreeHost),
    ENTRY(cuMemcpyHtoD_v2),
    ENTRY(cuMemcpyDtoH_v2),
    ENTRY(cuMemcpyDtoD_v2),
    ENTRY(cuMemsetD8_v2),
    ENTRY(cuEventCreate),
    ENTRY(cuEventRecord),
    ENTRY(cuEventSynchronize),
    ENTRY(cuEventElapsedTime),
    ENTRY(cuEventDestroy_v2),
    ENTRY(cuFuncSetAttribute),
    ENTRY(cuTensorMapEncodeTiled),
    ENTRY(cuLaunchKernel),
};

enum { ENTRIES = sizeof entries / sizeof entries[0] };

static const char library_name[] = "libcuda.so.1";

enum at_status at_driver_fail(const struct at_driver *driver, int result, const char *what, struct at_error *error)
{
    const char *name = NULL, *text = NULL;
    if (driver->cuGetErrorName(result, &name) != AT_CUDA_OK || driver->cuGetErrorString(result, &text) != AT_CUDA_OK || !name || !text)
        return at_fail(error, AT_ERR_DEVICE, "%s: CUDA error %d", what, result);
    return at_fail(error, AT_ERR_DEVICE, "%s: %s (%s)", what, name, text);
}

static enum at_status start(const struct at_driver *driver, struct at_error *error)
{
    int result = driver->cuInit(0);
    if (result == AT_CUDA_OK)
        return AT_OK;
    if (result == AT_CUDA_NO_DEVICE)
        return at_fail(error, AT_ERR_NOT_FOUND,
                       "no GPU: the NVIDIA driver is installed and sees none; look at nvidia-smi, and at "
                       "CUDA_VISIBLE_DEVICES");
    if (result == AT_CUDA_STUB_LIBRARY)
        return at_fail(error, AT_ERR_NOT_FOUND, "no NVIDIA driver: %s is the toolkit's stub; install the driver", library_name);
    at_driver_fail(driver, result, "the NVIDIA driver does not start (cuInit)", error);
    if (error)
        strncat(error->message, ": look at nvidia-smi; reload the driver or restart the machine",
                sizeof error->message - strlen(error->message) - 1);
    return AT_ERR_DEVICE;
}

enum at_status at_driver_load(const struct at_driver **ret_driver, struct at_error *error)
{
    static struct at_driver driver;
    static void *library;
    if (!library) {
        void *opened = dlopen(library_name, RTLD_NOW | RTLD_LOCAL);
        if (!opened)
            return at_fail(error, AT_ERR_NOT_FOUND, "no NVIDIA driver: %s; install it, or use a machine with a GPU", dlerror());
        for (size_t i = 0; i < ENTRIES; i++) {
            void *entry = dlsym(opened, entries[i].name);
            if (!entry) {
                dlclose(opened);
                return at_fail(error, AT_ERR_UNSUPPORTED, "the NVIDIA driver is too old: %s has no %s; install driver 525 or newer",
                               library_name, entries[i].name);
            }
            memcpy((char *)&driver + entries[i].at, &entry, sizeof entry);
        }
        library = opened;
    }
    enum at_status status = start(&driver, error);
    if (!status)
        *ret_driver = &driver;
    return status;
}
