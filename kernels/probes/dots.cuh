/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#pragma once

#include "kernels/common/ptx/wgmma_group.cuh"
#include "wgmma.cuh"

/*
 * One WGMMA of one warpgroup for each case, A and B as raw bytes and the accumulator from memory, so that the host can compare every bit.
 * A row of A or of B (that is a column of the product) is 32 bytes long for every operand type: 32, 16 or 8 elements.
 */
constexpr int rows = 64, row_bytes = 32, threads = 128;
constexpr int core_bytes = 128, core_row_bytes = 2 * core_bytes; /* 8 rows x 16 bytes; two of them hold 8 rows */

/* Where 16-byte chunk `chunk` (row = chunk / 2, half = chunk % 2) lies among the cores, in chunks. */
__device__ __forceinline__ int core_chunk(int chunk)
{
    int row = chunk / 2, half = chunk % 2;
    return (row / 8) * (core_row_bytes / 16) + half * (core_bytes / 16) + row % 8;
}

template <operand A, operand B, int N, bool from_registers>
__device__ void multiply(const uint4 *a, const uint4 *b, const float *c, float *d, int cases, int accumulate)
{
    __shared__ alignas(128) uint4 a_cores[rows * row_bytes / 16], b_cores[N * row_bytes / 16];
    const int thread = threadIdx.x, lane = thread % 32, row = thread / 32 * 16 + lane / 4, column = lane % 4 * 2;
    for (int i = blockIdx.x; i < cases; i += gridDim.x) {
        const int64_t at = i;
        const uint4 *case_a = a + at * (rows * row_bytes / 16), *case_b = b + at * (N * row_bytes / 16);
        const float *case_c = c + at * rows * N;
        float *case_d = d + at * rows * N;
        __syncthreads();
        for (int chunk = thread; chunk < rows * row_bytes / 16; chunk += threads)
            a_cores[core_chunk(chunk)] = case_a[chunk];
        for (int chunk = thread; chunk < N * row_bytes / 16; chunk += threads)
            b_cores[core_chunk(chunk)] = case_b[chunk];
        float sums[N / 2];
#pragma unroll
        for (int j = 0; j < N / 8; j++)
#pragma unroll
            for (int k = 0; k < 4; k++)
                sums[4 * j + k] = case_c[(row + k / 2 * 8) * N + 8 * j + column + k % 2];
        const uint32_t *words = reinterpret_cast<const uint32_t *>(case_a);
        const uint32_t fragment[4] = {words[row * 8 + lane % 4], words[(row + 8) * 8 + lane % 4], words[row * 8 + 4 + lane % 4],
                                      words[(row + 8) * 8 + 4 + lane % 4]};
        at_fence_proxy_async();
        __syncthreads();
        at_wgmma_fence();
        uint64_t b_at = at_wgmma_descriptor(b_cores, core_bytes, core_row_bytes);
        if constexpr (from_registers)
            wgmma<A, B, N>::from_registers(sums, fragment, b_at, accumulate);
        else
            wgmma<A, B, N>::from_shared(sums, at_wgmma_descriptor(a_cores, core_bytes, core_row_bytes), b_at, accumulate);
        at_wgmma_commit();
        at_wgmma_wait<0>();
#pragma unroll
        for (int j = 0; j < N / 8; j++)
#pragma unroll
            for (int k = 0; k < 4; k++)
                case_d[(row + k / 2 * 8) * N + 8 * j + column + k % 2] = sums[4 * j + k];
    }
}

#define DOT_PROBE(A, B, N, PLACE, REGISTERS) \
    extern "C" __global__ void __launch_bounds__(threads) \
        probe_##A##_##B##_n##N##_##PLACE(const uint4 *a, const uint4 *b, const float *c, float *d, int cases, int accumulate) \
    { \
        multiply<operand::A, operand::B, N, REGISTERS>(a, b, c, d, cases, accumulate); \
    }
#define SHAPE(A, B, N) DOT_PROBE(A, B, N, shared, false) DOT_PROBE(A, B, N, registers, true)
#define FOUR(A, B, N1, N2, N3, N4) SHAPE(A, B, N1) SHAPE(A, B, N2) SHAPE(A, B, N3) SHAPE(A, B, N4)
#define SHAPES(A, B) \
    FOUR(A, B, 8, 16, 24, 32) \
    FOUR(A, B, 40, 48, 56, 64) \
    FOUR(A, B, 72, 80, 88, 96) \
    FOUR(A, B, 104, 112, 120, 128) \
    FOUR(A, B, 136, 144, 152, 160) \
    FOUR(A, B, 168, 176, 184, 192) \
    FOUR(A, B, 200, 208, 216, 224) \
    FOUR(A, B, 232, 240, 248, 256)

SHAPES(e4m3, e4m3)
SHAPES(e4m3, e5m2)
SHAPES(e5m2, e4m3)
SHAPES(e5m2, e5m2)
SHAPES(f16, f16)
SHAPES(bf16, bf16)
SHAPES(tf32, tf32)
