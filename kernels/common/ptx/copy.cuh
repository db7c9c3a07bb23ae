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

__device__ __forceinline__ void at_prefetch_map(const at_tensor_map *map)
{
    asm volatile("prefetch.tensormap [%0];" ::"l"(map) : "memory");
}
