/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/common/gpu_state.h"

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

enum at_status at_gpu_fill(struct at_gpu *gpu, uint64_t address, unsigned char byte, size_t bytes, struct at_error *error)
{
    int result = gpu->driver->cuMemsetD8_v2(address, byte, bytes);
    return result == AT_CUDA_OK ? AT_OK : at_driver_fail(gpu->driver, result, "filling memory of the GPU", error);
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
