/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#pragma once

#include "kernels/common/ptx/arithmetic.cuh"
#include "kernels/prepare/sm90/config.h"
#include "kernels/prepare/sm90/instructions.cuh"

/*
 * A thread holds a piece, 64 consecutive columns of a row, in fp32; the dim / 64 threads of a row are neighbours, and pieces follow each
 * other as in memory, so that a warp's 32 pieces are one stretch of the input and one of row-major codes: it fetches and stores them alone.
 */
template <int head_dim, int tile_rows> struct at_prepare_shape {
    static constexpr int dim = head_dim, rows = tile_rows, pieces = dim / AT_PREPARE_PIECE; /* of a row */
    static constexpr int threads = AT_PREPARE_THREADS(dim, rows), warps = AT_PREPARE_WARPS(dim, rows);

    static_assert(pieces == 1 || pieces == 2 || pieces == 4, "the threads of a row are neighbours in a warp");
    static_assert(rows == 128 || rows == 64, "16 keys a thread turn V");
    static_assert(AT_PREPARE_BLOCKS(dim, rows) * (AT_PREPARE_SHARED(dim, rows) + 1024) <= 228 << 10, "shared memory of a multiprocessor");
};

/* What a kernel is compiled for: only scales; rotation of whole rows besides; anything, rotation of any width, means and channels too. */
enum at_prepare_kind { AT_PREPARE_PLAIN, AT_PREPARE_WHOLE, AT_PREPARE_ANY };

/* Whether E1's norm is a power of two, and waits for the scale (at_prepare_factor). */
template <class shape, enum at_prepare_kind kind> constexpr bool at_prepare_norm_waits = kind == AT_PREPARE_WHOLE &&shape::pieces != 2;

/*
 * Where tiles wait for a scale of several tiles, their elements lie in `wide` as fp32, and input arrives in `narrow`; else input arrives in
 * `wide`, and codes go through `narrow`.
 */
template <class shape> struct at_prepare_shared {
    char wide[shape::warps][AT_PREPARE_INPUT_BYTES];
    char narrow[shape::warps][AT_PREPARE_OUTPUT_BYTES];
    float signs[shape::dim], mean[shape::dim], reciprocal[shape::dim]; /* of a column, at at_prepare_column_place */
    uint32_t most[2][shape::warps];

    static __device__ __forceinline__ at_prepare_shared &here()
    {
        static_assert(sizeof(at_prepare_shared) == AT_PREPARE_SHARED(shape::dim, shape::rows), "what the host asks for");
        return *reinterpret_cast<at_prepare_shared *>(at_dynamic_shared());
    }
};

/* Which tile: a tensor of the launch, a head (of all batches) and its rows. */
struct at_prepare_place {
    int tensor, n, head, tile; /* tile of the tensor; tile of the head */
    int rows;                  /* that exist; none or fewer in the half of turned V's last keys that there may be */
    int64_t first;             /* row of the tensor */
};

/* The tiles of a block in turn, those of one tensor after those of the other, without a division for each. */
template <class shape> struct at_prepare_walk {
    const at_prepare_batch &batch;
    int tensor = 0, n, head = 0, tile = 0, heads = 0, tiles = 0; /* the last two: of a step */

    __device__ __forceinline__ explicit at_prepare_walk(const at_prepare_batch &all) : batch(all), n(blockIdx.x)
    {
        enter();
    }

    __device__ __forceinline__ bool more() const
    {
        return tensor < batch.count;
    }

    /* The tensor to which the n-th tile from this one's first belongs. */
    __device__ __forceinline__ void enter()
    {
        for (; more() && n >= batch.of[tensor].tiles; tensor++)
            n -= batch.of[tensor].tiles;
        if (more()) {
            const int head_tiles = batch.of[tensor].head_tiles, step = gridDim.x;
            head = n / head_tiles;
            tile = n % head_tiles;
            heads = step / head_tiles;
            tiles = step % head_tiles;
        }
    }

    __device__ __forceinline__ void next()
    {
        if (!more())
            return;
        n += gridDim.x;
        head += heads;
        tile += tiles;
        if (tile >= batch.of[tensor].head_tiles) {
            tile -= batch.of[tensor].head_tiles;
            head++;
        }
        if (n >= batch.of[tensor].tiles)
            enter();
    }

    __device__ __forceinline__ at_prepare_place place() const
    {
        const int rows = batch.of[tensor].rows;
        at_prepare_place p;
        p.tensor = tensor;
        p.n = n;
        p.head = head;
        p.tile = tile;
        p.rows = min(shape::rows, rows - tile * shape::rows);
        p.first = static_cast<int64_t>(head) * rows + tile * shape::rows;
        return p;
    }
};

/*
 * Numbers of columns lie so that threads of the same row, which read four each at once, find them in different banks: the k-th four of
 * each piece beside each other.
 */
template <class shape> __device__ __forceinline__ int at_prepare_column_place(int c)
{
    return (c % 64 / 4 * shape::pieces + c / 64) * 4 + c % 4;
}

template <class shape> __device__ __forceinline__ float4 at_prepare_column_four(const float *columns, int k)
{
    return *reinterpret_cast<const float4 *>(columns + (k * shape::pieces + threadIdx.x % shape::pieces) * 4);
}

/*
 * Where the n-th 16 bytes of pieces of 4 `bytes` (elements of `bytes` bytes) lie: the eight threads that shared memory serves at once read
 * or write the same place of consecutive pieces, and find it in different banks. Only the lower three bits change.
 */
__device__ __forceinline__ int at_prepare_swizzle(int n, int bytes)
{
    return bytes == 1 ? n ^ (n >> 3 & 3) : bytes == 2 ? n ^ (n >> 3 & 7) : n ^ (n >> 4 & 7);
}

/*
 * A thread's codes lie in its own 128 or 256 bytes, the j-th 16 of them at place j ^ twist. Eight neighbours write, and eight read,
 * different banks; so do the readers of rows 16 apart, when V is turned.
 */
template <class shape> __device__ __forceinline__ int at_prepare_twist(int owner)
{
    return (owner ^ owner / (16 * shape::pieces) * (128 / shape::rows)) & 7;
}

/* Which of the row's 16 bytes of codes a thread's j-th are. A rotated row is shared out 32 columns at a time. */
template <class shape, enum at_prepare_kind kind, int bytes> __device__ __forceinline__ int at_prepare_chunk(int piece, int j)
{
    constexpr int half = 2 * bytes;
    return kind == AT_PREPARE_WHOLE ? j / half * (half * shape::pieces) + piece * half + j % half : piece * 2 * half + j;
}
