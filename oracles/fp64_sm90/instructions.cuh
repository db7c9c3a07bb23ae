/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#pragma once

#include "kernels/common/ptx/barrier.cuh"

/* One instruction, one function: what kernels/common/ptx does not have. */

/* Two doubles that lie side by side and travel together. */
struct alignas(16) at_fp64_pair {
    double x, y;
};

__device__ __forceinline__ char *at_fp64_shared()
{
    extern __shared__ __align__(128) char at_fp64_memory[];
    return at_fp64_memory;
}

/*
 * d += a b of 16 x 8 and 8 x 8 doubles (PTX ISA, "mma.m16n8k8", .f64). Lane 4 g + t holds a[0], a[1] = A[g], A[g + 8] [t], a[2], a[3] those
 * of column t + 4; b[0], b[1] = B[t], B[t + 4] [g]; d[0], d[1] = D[g][2 t], [2 t + 1], and d[2], d[3] those of row g + 8.
 */
__device__ __forceinline__ void at_fp64_mma(double (&d)[4], const double (&a)[4], double b0, double b1)
{
    asm("mma.sync.aligned.m16n8k8.row.col.f64.f64.f64.f64 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
        : "+d"(d[0]), "+d"(d[1]), "+d"(d[2]), "+d"(d[3])
        : "d"(a[0]), "d"(a[1]), "d"(a[2]), "d"(a[3]), "d"(b0), "d"(b1));
}

/* Copies `bytes`, a multiple of 16, to `shared`; `barrier` counts them (PTX ISA, "cp.async.bulk"). */
__device__ __forceinline__ void at_fp64_copy(char *shared, const double *global, uint32_t bytes, uint64_t *barrier)
{
    asm volatile("cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1], %2, [%3];" ::"r"(at_shared_address(shared)),
                 "l"(__cvta_generic_to_global(global)), "r"(bytes), "r"(at_shared_address(barrier))
                 : "memory");
}

/* *count += 1 and what it was; what others did before theirs is seen, and what this thread did is seen by those after. */
__device__ __forceinline__ uint32_t at_fp64_count(uint32_t *count)
{
    uint32_t before;
    asm volatile("atom.acq_rel.cta.shared::cta.add.u32 %0, [%1], 1;" : "=r"(before) : "r"(at_shared_address(count)) : "memory");
    return before;
}

/* Read anew wherever it is asked for, so that no register holds what follows from it meanwhile. */
__device__ __forceinline__ int at_fp64_block_index()
{
    uint32_t index;
    asm volatile("mov.u32 %0, %%ctaid.x;" : "=r"(index));
    return static_cast<int>(index);
}

__device__ __forceinline__ int at_fp64_thread_index()
{
    uint32_t index;
    asm volatile("mov.u32 %0, %%tid.x;" : "=r"(index));
    return static_cast<int>(index);
}
