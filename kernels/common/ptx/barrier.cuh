/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#pragma once

#include <cstdint>

/* One instruction, one function: barriers and registers (PTX ISA, "Parallel Synchronization and Communication Instructions"). */

__device__ __forceinline__ uint32_t at_shared_address(const void *shared)
{
    return static_cast<uint32_t>(__cvta_generic_to_shared(shared));
}

/* The shared memory that a launch gives each of its blocks. */
__device__ __forceinline__ char *at_block_memory()
{
    extern __shared__ char memory[];
    return memory;
}

__device__ __forceinline__ void at_mbarrier_init(uint64_t *barrier, int arrivals)
{
    asm volatile("mbarrier.init.shared::cta.b64 [%0], %1;" ::"r"(at_shared_address(barrier)), "r"(arrivals) : "memory");
}

/* Makes initialised barriers visible to the asynchronous proxy; before the block's first barrier. */
__device__ __forceinline__ void at_mbarrier_init_fence()
{
    asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory");
}

__device__ __forceinline__ void at_mbarrier_arrive(uint64_t *barrier)
{
    asm volatile("mbarrier.arrive.shared::cta.b64 _, [%0];" ::"r"(at_shared_address(barrier)) : "memory");
}

/* Arrives and announces `bytes` that copies will bring. */
__device__ __forceinline__ void at_mbarrier_expect(uint64_t *barrier, uint32_t bytes)
{
    asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(at_shared_address(barrier)), "r"(bytes) : "memory");
}

/* Waits until the phase of that parity is complete. */
__device__ __forceinline__ void at_mbarrier_wait(uint64_t *barrier, uint32_t parity)
{
    asm volatile("{\n.reg .pred p;\nagain:\nmbarrier.try_wait.parity.shared::cta.b64 p, [%0], %1;\n@!p bra again;\n}\n" ::"r"(
                     at_shared_address(barrier)),
                 "r"(parity)
                 : "memory");
}

/* Whether it is complete already. Asked early, the answer is there when it is needed. */
__device__ __forceinline__ bool at_mbarrier_test(uint64_t *barrier, uint32_t parity)
{
    uint32_t complete;
    asm volatile("{\n.reg .pred p;\nmbarrier.test_wait.parity.shared::cta.b64 p, [%1], %2;\nselp.u32 %0, 1, 0, p;\n}\n"
                 : "=r"(complete)
                 : "r"(at_shared_address(barrier)), "r"(parity)
                 : "memory");
    return complete;
}

/* Named barriers of the block: sync waits for `threads` threads, arrive counts as one of them and goes on. */
__device__ __forceinline__ void at_barrier_sync(int name, int threads)
{
    asm volatile("bar.sync %0, %1;" ::"r"(name), "r"(threads) : "memory");
}

__device__ __forceinline__ void at_barrier_arrive(int name, int threads)
{
    asm volatile("bar.arrive %0, %1;" ::"r"(name), "r"(threads) : "memory");
}

/*
 * Lets ptxas (13.0) move no wait from behind to before the arithmetic that makes x and y, neither of which is negative: if one were, this
 * would arrive at a barrier that nobody waits at.
 */
__device__ __forceinline__ void at_barrier_after(float x, float y)
{
    asm volatile(
        "{\n.reg .pred p;\nsetp.lt.f32 p, %0, 0f00000000;\nsetp.lt.or.f32 p, %1, 0f00000000, p;\n@p bar.arrive 15, 256;\n}" ::"f"(x), "f"(y)
        : "memory");
}

/* Registers of each thread of this warpgroup from here on. */
template <int count> __device__ __forceinline__ void at_registers_give()
{
    asm volatile("setmaxnreg.dec.sync.aligned.u32 %0;" ::"n"(count));
}

template <int count> __device__ __forceinline__ void at_registers_take()
{
    asm volatile("setmaxnreg.inc.sync.aligned.u32 %0;" ::"n"(count));
}
