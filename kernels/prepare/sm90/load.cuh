/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#pragma once

#include "kernels/prepare/sm90/traits.cuh"

template <class shape, int bytes>
__device__ __forceinline__ void at_prepare_fetch_bytes(char *to, const at_prepare_arguments &a, const at_prepare_place &p)
{
    constexpr int chunks = shape::columns * bytes / 16;
    const int lane = threadIdx.x % 32, first = threadIdx.x / 32 * 32 * chunks, rows = at_prepare_rows<shape>(a, p);
    const char *from = reinterpret_cast<const char *>(a.input) + at_prepare_first<shape>(a, p) * (shape::dim * bytes) + 16 * (first + lane);
    const int place = at_prepare_swizzle<chunks>(lane);
    if (rows == shape::rows) {
#pragma unroll
        for (int i = 0; i < chunks; i++)
            at_copy_async(to + i * 512 + 16 * (place ^ at_prepare_swizzle<chunks>(i * 32) % 32), from + 512 * i, true);
    } else {
#pragma unroll 1
        for (int i = 0; i < chunks; i++)
            at_copy_async(to + 16 * at_prepare_swizzle<chunks>(i * 32 + lane), from + 512 * i, first + i * 32 + lane < rows * (shape::dim / 16) * bytes);
    }
}

/* Asks for this warp's pieces of a tile, if there is one; rows beyond the last become zeros. */
template <class shape> __device__ __forceinline__ void at_prepare_fetch(char *to, const at_prepare_walk &walk)
{
    if (walk.more()) {
        const at_prepare_arguments &a = walk.of();
        if (a.input_bytes == 2)
            at_prepare_fetch_bytes<shape, 2>(to, a, walk);
        else if (a.input_bytes == 1)
            at_prepare_fetch_bytes<shape, 1>(to, a, walk);
        else
            at_prepare_fetch_bytes<shape, 4>(to, a, walk);
    }
    at_copy_async_commit();
}

/* Stages of a warp's input where it has four bytes an element: tiles on their way beside the one in registers. */
__device__ __forceinline__ int at_prepare_stages(int bytes)
{
    return 4 / bytes;
}

/* Waits for the oldest of `stages` fetches. */
__device__ __forceinline__ void at_prepare_arrive(int stages)
{
    if (stages == 4)
        at_copy_async_wait<3>();
    else if (stages == 2)
        at_copy_async_wait<1>();
    else
        at_copy_async_wait<0>();
    __syncwarp();
}

__device__ __forceinline__ void at_decode_fp16(uint32_t pair, float *x)
{
    at_unpair_f16(pair, x[0], x[1]);
}

__device__ __forceinline__ void at_decode_bf16(uint32_t pair, float *x)
{
    x[0] = __uint_as_float(pair << 16);
    x[1] = __uint_as_float(pair & 0xffff0000u);
}

/* e5m2 is the upper half of fp16. */
__device__ __forceinline__ void at_decode_e5m2(uint32_t codes, float *x)
{
    at_unpair_f16(__byte_perm(codes, 0, 0x1404), x[0], x[1]);
    at_unpair_f16(__byte_perm(codes, 0, 0x3424), x[2], x[3]);
}

__device__ __forceinline__ void at_decode_e4m3(uint32_t codes, float *x)
{
    at_unpair_f16(at_widen_e4m3(codes & 0xffff), x[0], x[1]);
    at_unpair_f16(at_widen_e4m3(codes >> 16), x[2], x[3]);
}

__device__ __forceinline__ void at_decode_fp32(uint32_t bits, float *x)
{
    x[0] = __uint_as_float(bits);
}

/* The thread's piece, from elements of 4 / per_word bytes. */
template <int per_word, void decode(uint32_t, float *), int columns>
__device__ __forceinline__ void at_prepare_piece(const char *pieces, float (&x)[columns])
{
    constexpr int chunks = columns / per_word / 4;
    const int place = 16 * at_prepare_swizzle<chunks>(threadIdx.x % 32 * chunks);
#pragma unroll
    for (int k = 0; k < chunks; k++) {
        const uint4 v = *reinterpret_cast<const uint4 *>(pieces + (place ^ 16 * k));
        decode(v.x, x + (4 * k) * per_word);
        decode(v.y, x + (4 * k + 1) * per_word);
        decode(v.z, x + (4 * k + 2) * per_word);
        decode(v.w, x + (4 * k + 3) * per_word);
    }
}

/* Decodes what has arrived; afterwards its place is free. */
template <int columns> __device__ __forceinline__ void at_prepare_read(const char *pieces, enum at_format format, float (&x)[columns])
{
    switch (format) {
    case AT_E4M3: at_prepare_piece<4, at_decode_e4m3>(pieces, x); break;
    case AT_E5M2: at_prepare_piece<4, at_decode_e5m2>(pieces, x); break;
    case AT_FP16: at_prepare_piece<2, at_decode_fp16>(pieces, x); break;
    case AT_BF16: at_prepare_piece<2, at_decode_bf16>(pieces, x); break;
    default: at_prepare_piece<1, at_decode_fp32>(pieces, x); break;
    }
    __syncwarp();
}
