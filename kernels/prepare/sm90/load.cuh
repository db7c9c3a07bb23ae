/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#pragma once

#include "kernels/prepare/sm90/traits.cuh"

/*
 * A thread's places in the input on its way, of which a warp has its own 32 * columns * `room` bytes: where it writes the first 16 bytes
 * that it fetches, where it reads the first of its piece, and where the former lie in the tile.
 */
template <class shape, enum at_prepare_kind kind, int room> struct at_prepare_in {
    int write, read, from;

    template <int bytes> __device__ __forceinline__ void set()
    {
        constexpr int chunks = shape::columns * bytes / 16;
        const unsigned lane = threadIdx.x % 32, warp = threadIdx.x / 32;
        write = at_kept(warp * (32 * shape::columns * room) + 16 * at_prepare_swizzle<chunks>(lane));
        read = at_kept(warp * (32 * shape::columns * room) + 16 * at_prepare_swizzle<chunks>(lane * chunks));
        from = at_kept(16 * (warp * 32 * chunks + lane));
    }

    __device__ __forceinline__ explicit at_prepare_in(int bytes)
    {
        if (at_prepare_tuned<kind> || bytes == 2)
            set<2>();
        else if (bytes == 1)
            set<1>();
        else
            set<4>();
    }

    template <int bytes>
    __device__ __forceinline__ void fetch_bytes(char *to, const at_prepare_arguments &a, const at_prepare_place &p) const
    {
        constexpr int chunks = shape::columns * bytes / 16;
        const int rows = at_prepare_rows<shape, kind>(a, p);
        const char *source = reinterpret_cast<const char *>(a.input) + at_prepare_first<shape, kind>(a, p) * (shape::dim * bytes) +
                             at_bare(from);
        if (rows == shape::rows) {
#pragma unroll
            for (int i = 0; i < chunks; i++)
                at_copy_async(to + i * 512 + (write ^ 16 * (at_prepare_swizzle<chunks>(i * 32) % 32)), source + 512 * i, true);
        } else {
#pragma unroll 1
            for (int i = 0; i < chunks; i++)
                at_copy_async(to + i * 512 + (write ^ 16 * (at_prepare_swizzle<chunks>(i * 32) % 32)), source + 512 * i,
                              from + 512 * i < rows * (shape::dim * bytes));
        }
    }

    /* Asks for this warp's pieces of a tile, if there is one; rows beyond the last become zeros. */
    __device__ __forceinline__ void fetch(char *to, const at_prepare_walk &walk) const
    {
        if (walk.more()) {
            const at_prepare_arguments &a = walk.of();
            if (at_prepare_tuned<kind> || a.input_bytes == 2)
                fetch_bytes<2>(to, a, walk);
            else if (a.input_bytes == 1)
                fetch_bytes<1>(to, a, walk);
            else
                fetch_bytes<4>(to, a, walk);
        }
        at_copy_async_commit();
    }
};

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

/* The thread's piece, from elements of 4 / per_word bytes; the first 16 bytes are at `place`. */
template <int per_word, void decode(uint32_t, float *), int columns>
__device__ __forceinline__ void at_prepare_piece(const char *pieces, int place, float (&x)[columns])
{
    constexpr int chunks = columns / per_word / 4;
    place = static_cast<int>(at_bare(place));
#pragma unroll
    for (int k = 0; k < chunks; k++) {
        const uint4 v = *reinterpret_cast<const uint4 *>(pieces + (place ^ 16 * k));
        decode(v.x, x + (4 * k) * per_word);
        decode(v.y, x + (4 * k + 1) * per_word);
        decode(v.z, x + (4 * k + 2) * per_word);
        decode(v.w, x + (4 * k + 3) * per_word);
    }
}

/* E1: the same of 16 bits an element, which the signs D change first: `signs` holds the bit of each that is to be turned over. */
template <class shape, void decode(uint32_t, float *)>
__device__ __forceinline__ void at_prepare_piece_signed(const char *pieces, int place, const float *signs, float (&x)[shape::columns])
{
    place = static_cast<int>(at_bare(place));
    const unsigned piece = static_cast<unsigned>(place) / 16 % shape::pieces; /* of the row: at_prepare_swizzle<8>(8 n) is 8 n + n % 8 */
#pragma unroll
    for (int k = 0; k < shape::columns / 8; k++) {
        const uint4 v = *reinterpret_cast<const uint4 *>(pieces + (place ^ 16 * k)), s = at_prepare_sign_eight<shape>(signs, k, piece);
        decode(v.x ^ s.x, x + 8 * k);
        decode(v.y ^ s.y, x + 8 * k + 2);
        decode(v.z ^ s.z, x + 8 * k + 4);
        decode(v.w ^ s.w, x + 8 * k + 6);
    }
}

/* Decodes what has arrived, 16 bits an element, and applies the signs; afterwards its place is free. */
template <class shape>
__device__ __forceinline__ void at_prepare_read_signed(const char *pieces, int place, enum at_format format, const float *signs,
                                                       float (&x)[shape::columns])
{
    if (format == AT_FP16)
        at_prepare_piece_signed<shape, at_decode_fp16>(pieces, place, signs, x);
    else
        at_prepare_piece_signed<shape, at_decode_bf16>(pieces, place, signs, x);
    __syncwarp();
}

/* Decodes what has arrived; afterwards its place is free. `narrow`: of 16 bits an element. */
template <bool narrow, int columns>
__device__ __forceinline__ void at_prepare_read(const char *pieces, int place, enum at_format format, float (&x)[columns])
{
    switch (narrow && format != AT_FP16 ? AT_BF16 : format) {
    case AT_E4M3: at_prepare_piece<4, at_decode_e4m3>(pieces, place, x); break;
    case AT_E5M2: at_prepare_piece<4, at_decode_e5m2>(pieces, place, x); break;
    case AT_FP16: at_prepare_piece<2, at_decode_fp16>(pieces, place, x); break;
    case AT_BF16: at_prepare_piece<2, at_decode_bf16>(pieces, place, x); break;
    default: at_prepare_piece<1, at_decode_fp32>(pieces, place, x); break;
    }
    __syncwarp();
}
