/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#pragma once

#include "kernels/prepare/sm90/load.cuh"

/* E6: two numbers cast, the first in the lower half; from an 8-bit storage widened exactly. */
template <enum at_format storage, enum at_format format> __device__ __forceinline__ uint32_t at_prepare_pair(float low, float high)
{
    if constexpr (storage != format) {
        float x[4];
        const uint32_t codes = at_prepare_pair<storage, storage>(low, high);
        if constexpr (storage == AT_E4M3)
            at_decode_e4m3(codes, x);
        else
            at_decode_e5m2(codes, x);
        return at_prepare_pair<format, format>(x[0], x[1]); /* E6 */
    } else if constexpr (format == AT_E4M3) {
        return at_pair_e4m3(low, high); /* E6 */
    } else if constexpr (format == AT_E5M2) {
        return at_pair_e5m2(low, high); /* E6 */
    } else if constexpr (format == AT_FP16) {
        return at_pair_f16(low, high); /* E6 */
    } else {
        return at_pair_bf16(low, high); /* E6 */
    }
}

template <enum at_format storage, enum at_format format> __device__ __forceinline__ uint32_t at_prepare_word(const float (&x)[64], int n)
{
    if constexpr (format == AT_E4M3 || format == AT_E5M2)
        return at_prepare_pair<storage, format>(x[4 * n], x[4 * n + 1]) | at_prepare_pair<storage, format>(x[4 * n + 2], x[4 * n + 3])
                                                                              << 16;
    else
        return at_prepare_pair<storage, format>(x[2 * n], x[2 * n + 1]);
}

/* Casts the piece into the block's `output`: 64 or 128 bytes. */
template <class shape, enum at_format storage, enum at_format format>
__device__ __forceinline__ void at_prepare_cast(char *output, const float (&x)[64])
{
    constexpr int bytes = format == AT_E4M3 || format == AT_E5M2 ? 1 : 2;
#pragma unroll
    for (int k = 0; k < 4 * bytes; k++) {
        const int n = threadIdx.x * 4 * bytes + k;
        uint4 v;
        v.x = at_prepare_word<storage, format>(x, 4 * k);
        v.y = at_prepare_word<storage, format>(x, 4 * k + 1);
        v.z = at_prepare_word<storage, format>(x, 4 * k + 2);
        v.w = at_prepare_word<storage, format>(x, 4 * k + 3);
        *reinterpret_cast<uint4 *>(output + 16 * (bytes == 1 ? at_prepare_swizzle_codes<shape>(n) : at_prepare_swizzle(n, bytes))) = v;
    }
}

template <class shape>
__device__ __forceinline__ void at_prepare_cast_any(const at_prepare_arguments &a, char *output, const float (&x)[64])
{
    switch (a.storage * AT_FORMAT_COUNT + a.format) {
    case AT_E4M3 *AT_FORMAT_COUNT + AT_E4M3: at_prepare_cast<shape, AT_E4M3, AT_E4M3>(output, x); break;
    case AT_E5M2 *AT_FORMAT_COUNT + AT_E5M2: at_prepare_cast<shape, AT_E5M2, AT_E5M2>(output, x); break;
    case AT_FP16 *AT_FORMAT_COUNT + AT_FP16: at_prepare_cast<shape, AT_FP16, AT_FP16>(output, x); break;
    case AT_BF16 *AT_FORMAT_COUNT + AT_BF16: at_prepare_cast<shape, AT_BF16, AT_BF16>(output, x); break;
    case AT_E4M3 *AT_FORMAT_COUNT + AT_FP16: at_prepare_cast<shape, AT_E4M3, AT_FP16>(output, x); break;
    case AT_E4M3 *AT_FORMAT_COUNT + AT_BF16: at_prepare_cast<shape, AT_E4M3, AT_BF16>(output, x); break;
    case AT_E5M2 *AT_FORMAT_COUNT + AT_FP16: at_prepare_cast<shape, AT_E5M2, AT_FP16>(output, x); break;
    default: at_prepare_cast<shape, AT_E5M2, AT_BF16>(output, x); break;
    }
}

/* Row-major codes: each warp writes what its own threads cast, 512 bytes at a time. */
template <class shape, int bytes>
__device__ __forceinline__ void at_prepare_store(const at_prepare_arguments &a, const at_prepare_place &p, const char *output)
{
    const int first = threadIdx.x / 32 * 128 * bytes + threadIdx.x % 32, there = p.rows * (shape::dim / 16) * bytes;
    uint4 *to = reinterpret_cast<uint4 *>(a.codes) + p.first * (shape::dim / 16 * bytes) + first;
    __syncwarp();
#pragma unroll
    for (int i = 0; i < 4 * bytes; i++) {
        const int n = first + i * 32;
        const int from = bytes == 1 ? at_prepare_swizzle_codes<shape>(n) : at_prepare_swizzle(n, bytes);
        if (n < there)
            to[i * 32] = *reinterpret_cast<const uint4 *>(output + 16 * from);
    }
}

/* Four words of four bytes turned: the n-th result has the n-th byte of each, in order. */
__device__ __forceinline__ void at_prepare_turn_bytes(uint32_t a, uint32_t b, uint32_t c, uint32_t d, uint32_t &r0, uint32_t &r1,
                                                      uint32_t &r2, uint32_t &r3)
{
    const uint32_t low_ab = __byte_perm(a, b, 0x5140), low_cd = __byte_perm(c, d, 0x5140);
    const uint32_t high_ab = __byte_perm(a, b, 0x7362), high_cd = __byte_perm(c, d, 0x7362);
    r0 = __byte_perm(low_ab, low_cd, 0x5410);
    r1 = __byte_perm(low_ab, low_cd, 0x7632);
    r2 = __byte_perm(high_ab, high_cd, 0x5410);
    r3 = __byte_perm(high_ab, high_cd, 0x7632);
}

/*
 * 8-bit V turned (at_device_turn_v). A thread has four columns and 16 keys: it reads a word of each key and writes 16 bytes of each column;
 * eight threads make the 128 keys of a tile, or four the 64. Word t of these 16 bytes holds keys 2t, 2t + 1, 2t + 8, 2t + 9.
 */
template <class shape>
__device__ __forceinline__ void at_prepare_store_turned(const at_prepare_arguments &a, const at_prepare_place &p, const char *output)
{
    constexpr int sixteens = shape::rows / 16;
    const int keys = threadIdx.x % sixteens, word = threadIdx.x / sixteens % 4, chunk = threadIdx.x / (4 * sixteens);
    uint32_t from[16], to[4][4];
    __syncthreads();
#pragma unroll
    for (int i = 0; i < 16; i++) {
        const int n = (16 * keys + i) * (4 * shape::pieces) + chunk;
        from[i] = *reinterpret_cast<const uint32_t *>(output + 16 * at_prepare_swizzle_codes<shape>(n) + 4 * word);
    }
#pragma unroll
    for (int t = 0; t < 4; t++)
        at_prepare_turn_bytes(from[2 * t], from[2 * t + 1], from[2 * t + 8], from[2 * t + 9], to[0][t], to[1][t], to[2][t], to[3][t]);
    const int64_t keys_of_row = static_cast<int64_t>(a.head_tiles) * shape::rows;
    const int64_t row = static_cast<int64_t>(p.head) * shape::dim + 16 * chunk + 4 * word;
#pragma unroll
    for (int q = 0; q < 4; q++) {
        char *at = reinterpret_cast<char *>(a.codes) + (row + q) * keys_of_row + p.tile * shape::rows + 16 * keys;
        *reinterpret_cast<uint4 *>(at) = make_uint4(to[q][0], to[q][1], to[q][2], to[q][3]);
    }
}
