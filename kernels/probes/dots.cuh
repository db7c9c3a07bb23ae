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
        const uint4 *case_a = a + static_cast<int64_t>(i) * (rows * row_bytes / 16);
        const uint4 *case_b = b + static_cast<int64_t>(i) * (N * row_bytes / 16);
        const float *case_c = c + static_cast<int64_t>(i) * rows * N;
        float *case_d = d + static_cast<int64_t>(i) * rows * N;
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
        fence_proxy_async();
        __syncthreads();
        wgmma_fence();
        uint64_t b_at = wgmma_descriptor(b_cores, core_bytes, core_row_bytes);
        if constexpr (from_registers)
            wgmma<A, B, N>::from_registers(sums, fragment, b_at, accumulate);
        else
            wgmma<A, B, N>::from_shared(sums, wgmma_descriptor(a_cores, core_bytes, core_row_bytes), b_at, accumulate);
        wgmma_commit();
        wgmma_wait<0>();
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
#define SHAPES_TO_64(A, B) \
    SHAPE(A, B, 8) SHAPE(A, B, 16) SHAPE(A, B, 24) SHAPE(A, B, 32) \
    SHAPE(A, B, 40) SHAPE(A, B, 48) SHAPE(A, B, 56) SHAPE(A, B, 64)
#define SHAPES_TO_128(A, B) \
    SHAPE(A, B, 72) SHAPE(A, B, 80) SHAPE(A, B, 88) SHAPE(A, B, 96) \
    SHAPE(A, B, 104) SHAPE(A, B, 112) SHAPE(A, B, 120) SHAPE(A, B, 128)
#define SHAPES_TO_192(A, B) \
    SHAPE(A, B, 136) SHAPE(A, B, 144) SHAPE(A, B, 152) SHAPE(A, B, 160) \
    SHAPE(A, B, 168) SHAPE(A, B, 176) SHAPE(A, B, 184) SHAPE(A, B, 192)
#define SHAPES_TO_256(A, B) \
    SHAPE(A, B, 200) SHAPE(A, B, 208) SHAPE(A, B, 216) SHAPE(A, B, 224) \
    SHAPE(A, B, 232) SHAPE(A, B, 240) SHAPE(A, B, 248) SHAPE(A, B, 256)
#define SHAPES(A, B) SHAPES_TO_64(A, B) SHAPES_TO_128(A, B) SHAPES_TO_192(A, B) SHAPES_TO_256(A, B)

SHAPES(e4m3, e4m3)
SHAPES(e4m3, e5m2)
SHAPES(e5m2, e4m3)
SHAPES(e5m2, e5m2)
SHAPES(f16, f16)
SHAPES(bf16, bf16)
SHAPES(tf32, tf32)
