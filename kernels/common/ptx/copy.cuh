/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#pragma once

#include "kernels/common/ptx/barrier.cuh"

/* 128 bytes that the driver fills (cuTensorMapEncodeTiled). */
struct alignas(64) at_tensor_map {
    uint64_t words[16];
};

/* Copies the box at (column, row, head, batch) to `shared`; `barrier` counts its bytes (PTX ISA, "cp.async.bulk.tensor"). */
__device__ __forceinline__ void at_copy_box(void *shared, const at_tensor_map *map, uint64_t *barrier, int column, int row, int head,
                                            int batch)
{
    asm volatile("cp.async.bulk.tensor.4d.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1, {%3, %4, %5, %6}], [%2];" ::"r"(
                     at_shared_address(shared)),
                 "l"(map), "r"(at_shared_address(barrier)), "r"(column), "r"(row), "r"(head), "r"(batch)
                 : "memory");
}

/* Copies `shared` to the box at (column, row, head, batch), but not what lies beyond the tensor; part of this thread's open group. */
__device__ __forceinline__ void at_store_box(const at_tensor_map *map, uint32_t shared, int column, int row, int head, int batch)
{
    asm volatile("cp.async.bulk.tensor.4d.global.shared::cta.bulk_group [%0, {%2, %3, %4, %5}], [%1];" ::"l"(map), "r"(shared), "r"(column),
                 "r"(row), "r"(head), "r"(batch)
                 : "memory");
}

/* Closes this thread's group of copies to global memory. */
__device__ __forceinline__ void at_store_commit()
{
    asm volatile("cp.async.bulk.commit_group;" ::: "memory");
}

/* Waits until all of this thread's groups have read shared memory; until they have also written. */
__device__ __forceinline__ void at_store_wait_read()
{
    asm volatile("cp.async.bulk.wait_group.read 0;" ::: "memory");
}

__device__ __forceinline__ void at_store_wait()
{
    asm volatile("cp.async.bulk.wait_group 0;" ::: "memory");
}

/*
 * Two matrices of 8 rows of 16 bytes, of which the n-th thread has bytes 4 (n % 4) to 4 (n % 4) + 3 of row n / 4; `row` is where row n % 8
 * of the first (n < 8) or second (n < 16) goes (PTX ISA, "stmatrix"). Of four at once ptxas (13.0) spills registers at d = 256.
 */
__device__ __forceinline__ void at_store_matrices(uint32_t row, uint32_t a, uint32_t b)
{
    asm volatile("stmatrix.sync.aligned.m8n8.x2.shared.b16 [%0], {%1, %2};" ::"r"(row), "r"(a), "r"(b) : "memory");
}

__device__ __forceinline__ void at_prefetch_map(const at_tensor_map *map)
{
    asm volatile("prefetch.tensormap [%0];" ::"l"(map) : "memory");
}
