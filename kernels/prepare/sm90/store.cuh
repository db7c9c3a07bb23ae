/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#pragma once

#include "kernels/prepare/sm90/load.cuh"
#include "kernels/prepare/sm90/rotate.cuh"

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

template <enum at_format storage, enum at_format format> __device__ __forceinline__ uint32_t at_prepare_word(const float *x, int n)
{
    if constexpr (format == AT_E4M3 || format == AT_E5M2)
        return at_prepare_pair<storage, format>(x[4 * n], x[4 * n + 1]) | at_prepare_pair<storage, format>(x[4 * n + 2], x[4 * n + 3])
                                                                              << 16;
    else
        return at_prepare_pair<storage, format>(x[2 * n], x[2 * n + 1]);
}

/* A piece's elements in registers, and its place for codes. */
template <class shape> struct at_prepare_held {
    using slots = at_prepare_slots<shape, 2>;
    const float (&x)[shape::columns];
    char *own;

    template <int count> __device__ __forceinline__ void take(int first, float (&y)[count]) const
    {
#pragma unroll
        for (int i = 0; i < count; i++)
            y[i] = x[first + i];
    }
};

/*
 * A piece that waits: its last columns in registers, the others in shared memory, where codes take the place of elements that have been
 * read.
 */
template <class shape, enum at_prepare_kind kind> struct at_prepare_waiting {
    using slots = at_prepare_slots<shape, 4>;
    static constexpr int there = shape::columns - at_prepare_kept<shape, kind>; /* in shared memory */
    char *own;
    float kept[shape::columns - there + 1]; /* one more, for none is no array */

    __device__ __forceinline__ void put(const float (&x)[shape::columns])
    {
#pragma unroll
        for (int c = 0; c < there; c += 4)
            *reinterpret_cast<float4 *>(own + 4 * c) = make_float4(x[c], x[c + 1], x[c + 2], x[c + 3]);
#pragma unroll
        for (int c = there; c < shape::columns; c++)
            kept[c - there] = x[c];
    }

    __device__ __forceinline__ float4 four(int c) const
    {
        if (c < there)
            return *reinterpret_cast<const float4 *>(own + 4 * c);
        return make_float4(kept[c - there], kept[c - there + 1], kept[c - there + 2], kept[c - there + 3]);
    }

    /* E1's norm, where it is not in the factor. */
    __device__ __forceinline__ void norm(const at_prepare_products &norm)
    {
#pragma unroll 1
        for (int c = 0; c < there; c++) {
            float *x = reinterpret_cast<float *>(own) + c;
            *x = __fmaf_rn(*x, c < shape::columns / 2 ? norm.first : norm.second, norm.zero); /* E1 */
        }
#pragma unroll
        for (int c = there; c < shape::columns; c++)
            kept[c - there] = __fmaf_rn(kept[c - there], norm.second, norm.zero); /* E1 */
    }
};

/* The same, multiplied. */
template <class shape, enum at_prepare_kind kind> struct at_prepare_multiplied {
    using slots = at_prepare_slots<shape, 4>;
    const at_prepare_waiting<shape, kind> &waiting;
    at_prepare_products by;
    char *own;

    template <int count> __device__ __forceinline__ void take(int first, float (&y)[count]) const
    {
#pragma unroll
        for (int i = 0; i < count; i += 4) {
            const float4 v = waiting.four(first + i);
            const float factor = first + i < shape::columns / 2 ? by.first : by.second;
            y[i] = __fmaf_rn(v.x, factor, by.zero);     /* E5 */
            y[i + 1] = __fmaf_rn(v.y, factor, by.zero); /* E5 */
            y[i + 2] = __fmaf_rn(v.z, factor, by.zero); /* E5 */
            y[i + 3] = __fmaf_rn(v.w, factor, by.zero); /* E5 */
        }
    }
};

/* Casts a piece into its own place. */
template <class shape, enum at_format storage, enum at_format format, class piece>
__device__ __forceinline__ void at_prepare_cast(const piece &from)
{
    constexpr int bytes = format == AT_E4M3 || format == AT_E5M2 ? 1 : 2;
#pragma unroll
    for (int j = 0; j < shape::columns * bytes / 16; j++) {
        float x[16 / bytes];
        from.take(16 / bytes * j, x);
        *reinterpret_cast<uint4 *>(from.own + 16 * j) =
            make_uint4(at_prepare_word<storage, format>(x, 0), at_prepare_word<storage, format>(x, 1),
                       at_prepare_word<storage, format>(x, 2), at_prepare_word<storage, format>(x, 3));
    }
}

template <class shape, enum at_prepare_kind kind, class piece>
__device__ __forceinline__ void at_prepare_cast_any(const at_prepare_arguments &a, const piece &from)
{
    const int which = a.storage * AT_FORMAT_COUNT + a.format;
    if (at_prepare_tuned<kind> || which == AT_E4M3 * AT_FORMAT_COUNT + AT_E4M3) { /* before the table: it is what is tuned */
        at_prepare_cast<shape, AT_E4M3, AT_E4M3>(from);
        return;
    }
    switch (which) {
    case AT_E5M2 *AT_FORMAT_COUNT + AT_E5M2: at_prepare_cast<shape, AT_E5M2, AT_E5M2>(from); break;
    case AT_FP16 *AT_FORMAT_COUNT + AT_FP16: at_prepare_cast<shape, AT_FP16, AT_FP16>(from); break;
    case AT_BF16 *AT_FORMAT_COUNT + AT_BF16: at_prepare_cast<shape, AT_BF16, AT_BF16>(from); break;
    case AT_E4M3 *AT_FORMAT_COUNT + AT_FP16: at_prepare_cast<shape, AT_E4M3, AT_FP16>(from); break;
    case AT_E4M3 *AT_FORMAT_COUNT + AT_BF16: at_prepare_cast<shape, AT_E4M3, AT_BF16>(from); break;
    case AT_E5M2 *AT_FORMAT_COUNT + AT_FP16: at_prepare_cast<shape, AT_E5M2, AT_FP16>(from); break;
    default: at_prepare_cast<shape, AT_E5M2, AT_BF16>(from); break;
    }
}

/*
 * Row-major codes: each warp writes what its own threads cast, 16 bytes of four chunks of 8 threads at a time: 512 bytes in a row or, where
 * a thread has 128 bytes, twice every other 64. A lane reads of the (lane % 8)-th of eight.
 */
template <class shape, enum at_prepare_kind kind, int bytes, class slots> struct at_prepare_out {
    static constexpr int row_bytes = shape::dim * bytes, chunks = shape::columns * bytes / 16;
    static constexpr int apart = 4, together = 8, rows = together / shape::pieces; /* chunks, threads and rows that a warp reads at once */
    int from, to;                                                                  /* of the slots; of the tile's codes */

    __device__ __forceinline__ at_prepare_out()
    {
        const unsigned thread = threadIdx.x % 8, j = threadIdx.x % 32 / 8;
        from = slots::of(threadIdx.x / 32 * 32) + slots::of(thread) + 16 * j;
        to = row() * row_bytes + 16 * at_prepare_chunk<shape, kind, bytes>(thread % shape::pieces, j);
    }

    static __device__ __forceinline__ int row()
    {
        return (threadIdx.x / 32 * 32 + threadIdx.x % 8) / shape::pieces;
    }

    /* `more` chunks of a thread further on is as far in the row for each of them. */
    static constexpr __device__ int further(int i, int more)
    {
        return i * rows * row_bytes + 16 * (at_prepare_whole<kind> ? more * shape::pieces : more);
    }

    template <bool all> __device__ __forceinline__ void copy(char *at, const char *codes, int there) const
    {
#pragma unroll
        for (int i = 0; i < 32 / together; i++)
#pragma unroll
            for (int more = 0; more < chunks; more += apart)
                if (all || row() + i * rows < there)
                    *reinterpret_cast<uint4 *>(at + further(i, more)) =
                        *reinterpret_cast<const uint4 *>(codes + slots::further(i * together) + 16 * more);
    }

    __device__ __forceinline__ void store(const at_prepare_arguments &a, const at_prepare_place &p, const char *codes) const
    {
        const int there = at_prepare_rows<shape, kind>(a, p);
        char *at = reinterpret_cast<char *>(a.codes) + at_prepare_first<shape, kind>(a, p) * row_bytes + at_bare(to);
        __syncwarp();
        if (there == shape::rows)
            copy<true>(at, codes + from, there);
        else
            copy<false>(at, codes + from, there);
    }
};

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
template <class shape, enum at_prepare_kind kind, class slots>
__device__ __forceinline__ void at_prepare_store_turned(const at_prepare_arguments &a, const at_prepare_place &p, const char *codes)
{
    constexpr int sixteens = shape::rows / 16;
    const int keys = threadIdx.x % sixteens, word = threadIdx.x / sixteens % 4, chunk = threadIdx.x / (4 * sixteens);
    __syncthreads();
    const int piece = at_prepare_chunk_piece<shape, kind, 1>(chunk), j = at_prepare_chunk_index<shape, kind, 1>(chunk);
    const char *from = codes + keys * slots::further(16 * shape::pieces) + piece * slots::stride + 16 * j + 4 * word;
    uint32_t read[16], to[4][4];
#pragma unroll
    for (int i = 0; i < 16; i++)
        read[i] = *reinterpret_cast<const uint32_t *>(from + i * shape::pieces * slots::stride);
#pragma unroll
    for (int t = 0; t < 4; t++)
        at_prepare_turn_bytes(read[2 * t], read[2 * t + 1], read[2 * t + 8], read[2 * t + 9], to[0][t], to[1][t], to[2][t], to[3][t]);
    const int64_t keys_of_row = static_cast<int64_t>(a.head_tiles) * shape::rows;
    const int64_t row = static_cast<int64_t>(p.head) * shape::dim + 16 * chunk + 4 * word;
    char *at = reinterpret_cast<char *>(a.codes) + row * keys_of_row + p.tile * shape::rows + 16 * keys;
#pragma unroll
    for (int q = 0; q < 4; q++, at += keys_of_row)
        *reinterpret_cast<uint4 *>(at) = make_uint4(to[q][0], to[q][1], to[q][2], to[q][3]);
}

/* `narrow`: of 8-bit codes. */
template <class shape, enum at_prepare_kind kind, class slots>
__device__ __forceinline__ void at_prepare_store_any(const at_prepare_arguments &a, const at_prepare_place &p, const char *codes,
                                                     const at_prepare_out<shape, kind, 1, slots> &narrow)
{
    if (a.turned)
        at_prepare_store_turned<shape, kind, slots>(a, p, codes);
    else if (at_prepare_tuned<kind> || a.format == AT_E4M3 || a.format == AT_E5M2)
        narrow.store(a, p, codes);
    else
        at_prepare_out<shape, kind, 2, slots>().store(a, p, codes);
}
