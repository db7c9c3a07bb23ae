/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#pragma once

#include "kernels/common/ptx/barrier.cuh"

/* One instruction, one function: what surrounds wgmma.mma_async (PTX ISA, "Asynchronous Warpgroup Level Matrix Instructions"). */

/* Orders this warpgroup's register and shared-memory accesses before the wgmma that follow. */
__device__ __forceinline__ void at_wgmma_fence()
{
    asm volatile("wgmma.fence.sync.aligned;" ::: "memory");
}

/* Closes a group of the wgmma issued so far. */
__device__ __forceinline__ void at_wgmma_commit()
{
    asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory");
}

/* Waits until at most `pending` groups are still under way. */
template <int pending> __device__ __forceinline__ void at_wgmma_wait()
{
    asm volatile("wgmma.wait_group.sync.aligned %0;" ::"n"(pending) : "memory");
}

/* Makes what this thread wrote to shared memory visible to the asynchronous proxy. */
__device__ __forceinline__ void at_fence_proxy_async()
{
    asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
}

/*
 * Descriptor of a K-major matrix without swizzle: cores of 8 rows x 16 bytes, `leading` bytes from one to the next along K and `stride`
 * bytes along the rows; all are multiples of 16.
 */
__device__ __forceinline__ uint64_t at_wgmma_descriptor(const void *shared, uint32_t leading, uint32_t stride)
{
    uint64_t address = at_shared_address(shared) & 0x3ffff;
    return address >> 4 | static_cast<uint64_t>(leading >> 4) << 16 | static_cast<uint64_t>(stride >> 4) << 32;
}

/*
 * Descriptor of a swizzled matrix, as TMA lays it out: rows of 128 or 64 bytes, 8 of them one core and swizzled by as many. Its lower half
 * says where, and `leading`, bytes between blocks of 64 columns of an N-major matrix (K-major: any); 1/16 of the bytes may be added to it.
 */
__device__ __forceinline__ uint32_t at_wgmma_descriptor_low(uint32_t address, uint32_t leading)
{
    return (address & 0x3ffff) >> 4 | (leading >> 4) << 16;
}

template <int row> __device__ __forceinline__ uint64_t at_wgmma_descriptor_swizzled(uint32_t low)
{
    static_assert(row == 128 || row == 64, "swizzles by 128 or 64 bytes");
    constexpr uint32_t high = 8 * row >> 4 | (row == 128 ? 1u : 2u) << 30;
    uint64_t descriptor;
    asm("mov.b64 %0, {%1, %2};" : "=l"(descriptor) : "r"(low), "r"(high));
    return descriptor;
}

/* Tells the compiler that the asynchronous wgmma may have changed these registers. */
template <int count> __device__ __forceinline__ void at_wgmma_touch(float (&x)[count])
{
#pragma unroll
    for (int i = 0; i < count; i++)
        asm volatile("" : "+f"(x[i])::"memory");
}
