/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/common/gpu.h"

#include "kernels/common/driver.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_IMAGES = 8 };

struct at_gpu {
    const struct at_driver *driver;
    struct at_gpu_facts facts;
    int device, images;
    void *context, *modules[MOST_IMAGES];
    const struct at_gpu_image *loaded[MOST_IMAGES];
};

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
    assert(gpu->images < MOST_IMAGES);
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

static enum at_status no_memory(struct at_gpu *gpu, int result, const char *where, size_t bytes, struct at_error *error)
{
    if (result == AT_CUDA_NO_MEMORY)
        return at_fail(error, AT_ERR_MEMORY, "GPU %d: no %.1f MiB of %s memory left: end what else uses it", gpu->facts.index,
                       (double)bytes / 0x1p20, where);
    return at_driver_fail(gpu->driver, result, "memory cannot be had", error);
}

enum at_status at_gpu_alloc(struct at_gpu *gpu, size_t bytes, uint64_t *ret_address, struct at_error *error)
{
    uint64_t address;
    int result = gpu->driver->cuMemAlloc_v2(&address, bytes);
    if (result != AT_CUDA_OK)
        return no_memory(gpu, result, "its own", bytes, error);
    *ret_address = address;
    return AT_OK;
}

void at_gpu_free(struct at_gpu *gpu, uint64_t address)
{
    if (address)
        gpu->driver->cuMemFree_v2(address);
}

enum at_status at_gpu_host_alloc(struct at_gpu *gpu, size_t bytes, void **ret_memory, struct at_error *error)
{
    void *memory;
    int result = gpu->driver->cuMemAllocHost_v2(&memory, bytes);
    if (result != AT_CUDA_OK)
        return no_memory(gpu, result, "the host's pinned", bytes, error);
    *ret_memory = memory;
    return AT_OK;
}

void at_gpu_host_free(struct at_gpu *gpu, void *memory)
{
    if (memory)
        gpu->driver->cuMemFreeHost(memory);
}

enum at_status at_gpu_copy_in(struct at_gpu *gpu, uint64_t to, const void *from, size_t bytes, struct at_error *error)
{
    int result = gpu->driver->cuMemcpyHtoD_v2(to, from, bytes);
    return result == AT_CUDA_OK ? AT_OK : at_driver_fail(gpu->driver, result, "copying to the GPU", error);
}

enum at_status at_gpu_copy_out(struct at_gpu *gpu, void *to, uint64_t from, size_t bytes, struct at_error *error)
{
    int result = gpu->driver->cuMemcpyDtoH_v2(to, from, bytes);
    return result == AT_CUDA_OK ? AT_OK : at_driver_fail(gpu->driver, result, "copying from the GPU", error);
}

enum at_status at_gpu_copy(struct at_gpu *gpu, uint64_t to, uint64_t from, size_t bytes, struct at_error *error)
{
    int result = gpu->driver->cuMemcpyDtoD_v2(to, from, bytes);
    return result == AT_CUDA_OK ? AT_OK : at_driver_fail(gpu->driver, result, "copying on the GPU", error);
}

enum at_status at_gpu_clear(struct at_gpu *gpu, uint64_t address, size_t bytes, struct at_error *error)
{
    int result = gpu->driver->cuMemsetD8_v2(address, 0, bytes);
    return result == AT_CUDA_OK ? AT_OK : at_driver_fail(gpu->driver, result, "clearing memory of the GPU", error);
}

enum at_status at_gpu_start(struct at_gpu *gpu, const struct at_gpu_launch *launch, struct at_error *error)
{
    const struct at_driver *driver = gpu->driver;
    void *function;
    int result = AT_CUDA_NOT_FOUND;
    for (int i = 0; i < gpu->images && result == AT_CUDA_NOT_FOUND; i++)
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
    const struct at_gpu_launch launch = {kernel, blocks, threads, 0, arguments};
    return at_gpu_launch(gpu, &launch, error);
}

/* One call of `enqueue` between two events. */
static enum at_status time_once(struct at_gpu *gpu, at_gpu_enqueue *enqueue, void *context, void *const events[2], double *ret_time_ns,
                                struct at_error *error)
{
    const struct at_driver *driver = gpu->driver;
    float time_ms = 0;
    int result = driver->cuEventRecord(events[0], NULL);
    enum at_status status = result == AT_CUDA_OK ? enqueue(context, error) : AT_OK;
    if (status)
        return status;
    if (result == AT_CUDA_OK)
        result = driver->cuEventRecord(events[1], NULL);
    if (result == AT_CUDA_OK)
        result = driver->cuEventSynchronize(events[1]);
    if (result == AT_CUDA_OK)
        result = driver->cuEventElapsedTime(&time_ms, events[0], events[1]);
    if (result != AT_CUDA_OK)
        return at_driver_fail(driver, result, "timing the GPU's work", error);
    *ret_time_ns = (double)time_ms * 1e6;
    return AT_OK;
}

enum at_status at_gpu_time(struct at_gpu *gpu, at_gpu_enqueue *enqueue, void *context, int repeats, double *ret_time_ns,
                           struct at_error *error)
{
    const struct at_driver *driver = gpu->driver;
    void *events[2] = {NULL, NULL};
    enum at_status status = AT_OK;
    int result = driver->cuEventCreate(&events[0], 0);
    if (result == AT_CUDA_OK)
        result = driver->cuEventCreate(&events[1], 0);
    if (result != AT_CUDA_OK)
        status = at_driver_fail(driver, result, "timing the GPU's work", error);
    for (int i = 0; i < repeats && !status; i++)
        status = time_once(gpu, enqueue, context, events, &ret_time_ns[i], error);
    for (int i = 0; i < 2; i++)
        if (events[i])
            driver->cuEventDestroy_v2(events[i]);
    return status;
}

enum at_status at_gpu_map_tensor(struct at_gpu *gpu, const struct at_tensor *tensor, uint64_t address, int box_rows,
                                 struct at_gpu_map *ret_map, struct at_error *error)
{
    static const int types[AT_FORMAT_COUNT] = {
        [AT_E4M3] = AT_CUDA_MAP_UINT8, [AT_E5M2] = AT_CUDA_MAP_UINT8, [AT_FP16] = AT_CUDA_MAP_FLOAT16, [AT_BF16] = AT_CUDA_MAP_BFLOAT16};
    uint64_t size = at_format_size(tensor->format), row = (uint64_t)tensor->dim * size;
    const uint64_t sizes[4] = {(uint64_t)tensor->dim, (uint64_t)tensor->seq, (uint64_t)tensor->heads, (uint64_t)tensor->batch};
    const uint64_t strides[3] = {row, sizes[1] * row, sizes[2] * sizes[1] * row};
    const bool narrow = row == 64;
    const uint32_t box[4] = {(uint32_t)((narrow ? 64 : 128) / size), (uint32_t)box_rows, 1, 1}, ones[4] = {1, 1, 1, 1};
    struct at_gpu_map map;
    int result =
        gpu->driver->cuTensorMapEncodeTiled(&map, types[tensor->format], 4, (void *)(uintptr_t)address, sizes, strides, box, ones, 0,
                                            narrow ? AT_CUDA_MAP_SWIZZLE_64B : AT_CUDA_MAP_SWIZZLE_128B, AT_CUDA_MAP_PROMOTE_256B, 0);
    if (result != AT_CUDA_OK)
        return at_driver_fail(gpu->driver, result, "a tensor cannot be mapped for the copy engine", error);
    *ret_map = map;
    return AT_OK;
}
