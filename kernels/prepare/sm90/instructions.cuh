/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#pragma once

#include <cstdint>

/* One instruction, one function: what kernels/common/ptx does not have. */

__device__ __forceinline__ char *at_dynamic_shared()
{
    extern __shared__ __align__(128) char at_dynamic_memory[];
    return at_dynamic_memory;
}

/* Copies 16 bytes to shared memory beside what the thread does, or writes 16 zeros (PTX ISA, "cp.async"). */
__device__ __forceinline__ void at_copy_async(void *shared, const void *global, bool there)
{
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(static_cast<uint32_t>(__cvta_generic_to_shared(shared))),
                 "l"(__cvta_generic_to_global(global)), "r"(there ? 16 : 0)
                 : "memory");
}

__device__ __forceinline__ void at_copy_async_commit()
{
    asm volatile("cp.async.commit_group;" ::: "memory");
}

/* Waits until all but the last `pending` groups of this thread have arrived. */
template <int pending> __device__ __forceinline__ void at_copy_async_wait()
{
    asm volatile("cp.async.wait_group %0;" ::"n"(pending) : "memory");
}

/* A word that blocks hand to each other: neither half is seen without the other, and no other data goes with it. */
__device__ __forceinline__ void at_word_give(uint64_t *word, uint64_t value)
{
    asm volatile("st.relaxed.gpu.global.u64 [%0], %1;" ::"l"(__cvta_generic_to_global(word)), "l"(value) : "memory");
}

__device__ __forceinline__ uint64_t at_word_look(const uint64_t *word)
{
    uint64_t value;
    asm volatile("ld.relaxed.gpu.global.u64 %0, [%1];" : "=l"(value) : "l"(__cvta_generic_to_global(word)) : "memory");
    return value;
}

__device__ __forceinline__ void at_pause()
{
    asm volatile("nanosleep.u32 40;" ::: "memory");
}

/* Ends the launch with an error. */
__device__ __forceinline__ void at_trap()
{
    asm volatile("trap;");
}

/* Two fp16 numbers, the first in the lower half. */
__device__ __forceinline__ void at_unpair_f16(uint32_t pair, float &low, float &high)
{
    asm("{\n.reg .b16 l, h;\nmov.b32 {l, h}, %2;\ncvt.f32.f16 %0, l;\ncvt.f32.f16 %1, h;\n}" : "=f"(low), "=f"(high) : "r"(pair));
}

/* Two e4m3 codes in the lower 16 bits, exactly, as two fp16 numbers. */
__device__ __forceinline__ uint32_t at_widen_e4m3(uint32_t codes)
{
    uint32_t pair;
    asm("cvt.rn.f16x2.e4m3x2 %0, %1;" : "=r"(pair) : "h"(static_cast<uint16_t>(codes)));
    return pair;
}
