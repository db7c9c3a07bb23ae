/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/common/gpu_state.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The version of the kernel module, from "NVRM version: NVIDIA UNIX ... Kernel Module  580.159.03  ..." or its open flavour. */
static void read_driver_version(char *ret_version, size_t room)
{
    char line[256] = "";
    FILE *file = fopen("/proc/driver/nvidia/version", "r");
    ret_version[0] = '\0';
    if (!file)
        return;
    if (fgets(line, sizeof line, file))
        for (char *word = strtok(line, " \t\n"); word && !ret_version[0]; word = strtok(NULL, " \t\n"))
            if (strspn(word, "0123456789.") == strlen(word) && strchr(word, '.'))
                snprintf(ret_version, room, "%s", word);
    fclose(file);
}

static enum at_status find_device(const struct at_driver *driver, int index, int *ret_device, int *ret_count, struct at_error *error)
{
    int count = 0, device = 0, result = driver->cuDeviceGetCount(&count);
    if (result != AT_CUDA_OK)
        return at_driver_fail(driver, result, "the GPUs cannot be counted", error);
    if (count == 0)
        return at_fail(error, AT_ERR_NOT_FOUND,
                       "no GPU: the NVIDIA driver is installed and sees none; look at nvidia-smi, and at "
                       "CUDA_VISIBLE_DEVICES");
    if (index < 0 || index >= count)
        return at_fail(error, AT_ERR_NOT_FOUND, "GPU %d does not exist: the driver sees %d, numbered from 0", index, count);
    result = driver->cuDeviceGet(&device, index);
    if (result != AT_CUDA_OK)
        return at_driver_fail(driver, result, "the GPU cannot be opened", error);
    *ret_device = device;
    *ret_count = count;
    return AT_OK;
}

static int attribute(const struct at_driver *driver, int device, int which)
{
    int value = 0;
    return driver->cuDeviceGetAttribute(&value, which, device) == AT_CUDA_OK ? value : 0;
}

static enum at_status describe(const struct at_driver *driver, int index, int *ret_device, struct at_gpu_facts *ret_facts,
                               struct at_error *error)
{
    struct at_gpu_facts facts = {.index = index};
    int device = 0;
    size_t bytes = 0;
    enum at_status status = find_device(driver, index, &device, &facts.count, error);
    if (status)
        return status;
    int result = driver->cuDeviceGetName(facts.name, sizeof facts.name, device);
    if (result == AT_CUDA_OK)
        result = driver->cuDeviceTotalMem_v2(&bytes, device);
    if (result == AT_CUDA_OK)
        result = driver->cuDriverGetVersion(&facts.driver_cuda);
    if (result != AT_CUDA_OK)
        return at_driver_fail(driver, result, "the GPU does not say what it is", error);
    facts.memory_bytes = (int64_t)bytes;
    facts.major = attribute(driver, device, AT_CUDA_MAJOR);
    facts.minor = attribute(driver, device, AT_CUDA_MINOR);
    facts.l2_bytes = attribute(driver, device, AT_CUDA_L2_BYTES);
    facts.shared_bytes = attribute(driver, device, AT_CUDA_SHARED_BYTES);
    facts.multiprocessors = attribute(driver, device, AT_CUDA_MULTIPROCESSORS);
    facts.clock_khz = attribute(driver, device, AT_CUDA_CLOCK_KHZ);
    facts.memory_clock_khz = attribute(driver, device, AT_CUDA_MEMORY_CLOCK_KHZ);
    facts.memory_bus_bits = attribute(driver, device, AT_CUDA_MEMORY_BUS_BITS);
    facts.ecc = attribute(driver, device, AT_CUDA_ECC) != 0;
    facts.exclusive = attribute(driver, device, AT_CUDA_COMPUTE_MODE) == AT_CUDA_EXCLUSIVE_PROCESS;
    read_driver_version(facts.driver, sizeof facts.driver);
    *ret_device = device;
    *ret_facts = facts;
    return AT_OK;
}

enum at_status at_gpu_find(int index, struct at_gpu_facts *ret_facts, struct at_error *error)
{
    const struct at_driver *driver;
    int device;
    enum at_status status = at_driver_load(&driver, error);
    return status ? status : describe(driver, index, &device, ret_facts, error);
}

const char *at_gpu_generation(const struct at_gpu_facts *facts)
{
    static const struct {
        int from, to; /* compute capability, 10 major + minor */
        const char *name;
    } generations[] = {{30, 37, "Kepler"}, {50, 53, "Maxwell"}, {60, 62, "Pascal"}, {70, 72, "Volta"},      {75, 75, "Turing"},
                       {80, 88, "Ampere"}, {89, 89, "Ada"},     {90, 90, "Hopper"}, {100, 129, "Blackwell"}};
    int capability = 10 * facts->major + facts->minor;
    for (size_t i = 0; i < sizeof generations / sizeof generations[0]; i++)
        if (capability >= generations[i].from && capability <= generations[i].to)
            return generations[i].name;
    return "unknown generation";
}

enum at_status at_gpu_check_hopper(const struct at_gpu_facts *facts, struct at_error *error)
{
    if (facts->major == 9 && facts->minor == 0)
        return AT_OK;
    return at_fail(error, AT_ERR_UNSUPPORTED,
                   "GPU %d, %s, is not Hopper but %s (compute capability %d.%d): wgmma and these kernels need 9.0, "
                   "an H100, H200, H800, H20 or GH200; choose another with --gpu, or use the twin on the CPU",
                   facts->index, facts->name, at_gpu_generation(facts), facts->major, facts->minor);
}

static enum at_status check_image(const struct at_gpu_facts *facts, const struct at_gpu_image *image, struct at_error *error)
{
    if (image->size == 0)
        return at_fail(error, AT_ERR_UNSUPPORTED,
                       "this attest holds no GPU code: it was built without nvcc; install the CUDA toolkit 12.0 or "
                       "newer and build again");
    if (facts->driver_cuda < image->cuda_version / 1000 * 1000)
        return at_fail(error, AT_ERR_UNSUPPORTED,
                       "the NVIDIA driver%s%s is too old: it supports CUDA %d.%d, and this attest was built with %d.%d: "
                       "update the driver, or build with an older toolkit",
                       facts->driver[0] ? " " : "", facts->driver, facts->driver_cuda / 1000, facts->driver_cuda % 1000 / 10,
                       image->cuda_version / 1000, image->cuda_version % 1000 / 10);
    return AT_OK;
}

static enum at_status take(struct at_gpu *gpu, struct at_error *error)
{
    int result = gpu->driver->cuDevicePrimaryCtxRetain(&gpu->context, gpu->device);
    if (result == AT_CUDA_OK)
        result = gpu->driver->cuCtxSetCurrent(gpu->context);
    return result == AT_CUDA_OK ? AT_OK : at_driver_fail(gpu->driver, result, "the GPU cannot be taken into use", error);
}

enum at_status at_gpu_load(struct at_gpu *gpu, const struct at_gpu_image *image, struct at_error *error)
{
    for (int i = 0; i < gpu->images; i++)
        if (gpu->loaded[i] == image)
            return AT_OK;
    assert(gpu->images < AT_GPU_MOST_IMAGES);
    enum at_status status = check_image(&gpu->facts, image, error);
    if (status)
        return status;
    int result = gpu->driver->cuModuleLoadData(&gpu->modules[gpu->images], image->bytes);
    if (result != AT_CUDA_OK)
        return at_driver_fail(gpu->driver, result,
                              result == AT_CUDA_NO_IMAGE ? "the kernels are not built for this GPU" : "the kernels cannot be loaded",
                              error);
    gpu->loaded[gpu->images++] = image;
    return AT_OK;
}

enum at_status at_gpu_open(int index, const struct at_gpu_image *image, struct at_gpu **ret_gpu, struct at_error *error)
{
    struct at_gpu *gpu = calloc(1, sizeof *gpu);
    if (!gpu)
        return at_fail(error, AT_ERR_MEMORY, "GPU %d: out of memory", index);
    enum at_status status = at_driver_load(&gpu->driver, error);
    if (!status)
        status = describe(gpu->driver, index, &gpu->device, &gpu->facts, error);
    if (!status)
        status = at_gpu_check_hopper(&gpu->facts, error);
    if (!status)
        status = check_image(&gpu->facts, image, error); /* before anything is taken into use */
    if (!status)
        status = take(gpu, error);
    if (!status)
        status = at_gpu_load(gpu, image, error);
    if (status)
        at_gpu_close(gpu);
    else
        *ret_gpu = gpu;
    return status;
}

struct at_gpu *at_gpu_close(struct at_gpu *gpu)
{
    for (int i = 0; gpu && i < gpu->images; i++)
        gpu->driver->cuModuleUnload(gpu->modules[i]);
    if (gpu && gpu->context)
        gpu->driver->cuDevicePrimaryCtxRelease_v2(gpu->device);
    free(gpu);
    return NULL;
}

const struct at_gpu_facts *at_gpu_facts(const struct at_gpu *gpu)
{
    return &gpu->facts;
}

enum at_status at_gpu_start(struct at_gpu *gpu, const struct at_gpu_launch *launch, struct at_error *error)
{
    const struct at_driver *driver = gpu->driver;
    void *function;
    int result = AT_CUDA_NOT_FOUND;
    for (int i = 0; i < gpu->images && result == AT_CUDA_NOT_FOUND; i++)
        if (!launch->image || launch->image == gpu->loaded[i])
            result = driver->cuModuleGetFunction(&function, gpu->modules[i], launch->kernel);
    if (result == AT_CUDA_OK && launch->shared_bytes)
        result = driver->cuFuncSetAttribute(function, AT_CUDA_MOST_DYNAMIC_SHARED_BYTES, (int)launch->shared_bytes);
    if (result == AT_CUDA_OK)
        result = driver->cuLaunchKernel(function, launch->blocks, 1, 1, launch->threads, 1, 1, (unsigned)launch->shared_bytes, NULL,
                                        launch->arguments, NULL);
    return result == AT_CUDA_OK ? AT_OK : at_driver_fail(driver, result, launch->kernel, error);
}

enum at_status at_gpu_wait(struct at_gpu *gpu, struct at_error *error)
{
    int result = gpu->driver->cuCtxSynchronize();
    return result == AT_CUDA_OK ? AT_OK : at_driver_fail(gpu->driver, result, "the GPU's work", error);
}

enum at_status at_gpu_launch(struct at_gpu *gpu, const struct at_gpu_launch *launch, struct at_error *error)
{
    enum at_status status = at_gpu_start(gpu, launch, error);
    if (status)
        return status;
    int result = gpu->driver->cuCtxSynchronize();
    return result == AT_CUDA_OK ? AT_OK : at_driver_fail(gpu->driver, result, launch->kernel, error);
}

enum at_status at_gpu_run(struct at_gpu *gpu, const char *kernel, unsigned blocks, unsigned threads, void **arguments,
                          struct at_error *error)
{
    const struct at_gpu_launch launch = {NULL, kernel, blocks, threads, 0, arguments};
    return at_gpu_launch(gpu, &launch, error);
}
