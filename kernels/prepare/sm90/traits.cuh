/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#pragma once

#include "kernels/common/ptx/arithmetic.cuh"
#include "kernels/common/ptx/barrier.cuh"
#include "kernels/prepare/sm90/config.h"
#include "kernels/prepare/sm90/instructions.cuh"

/*
 * A thread holds a piece, 64 consecutive columns of a row, in fp32; the threads of a row are neighbours, and pieces follow each other as in
 * memory, so that a warp's 32 pieces are one stretch of the input and one of row-major codes: it fetches and stores them alone.
 */
template <int head_dim, int tile_rows> struct at_prepare_shape {
    static constexpr int dim = head_dim, rows = tile_rows, columns = AT_PREPARE_PIECE, pieces = dim / columns; /* of a row */
    static constexpr int threads = AT_PREPARE_THREADS(dim, rows), warps = AT_PREPARE_WARPS(dim, rows);
    static constexpr int blocks = AT_PREPARE_BLOCKS(dim, rows); /* of a multiprocessor */

    static_assert(pieces == 1 || pieces == 2 || pieces == 4, "the threads of a row are neighbours in a warp");
    static_assert(rows == 128 || rows == 64, "16 keys a thread turn V");
    static_assert(blocks * threads * 128 <= 65536, "registers of a multiprocessor");
    static_assert(blocks * (AT_PREPARE_SHARED(dim, rows) + 1024) <= 228 << 10, "shared memory of a multiprocessor");
};

/* What a kernel is compiled for: only scales; rotation of whole rows besides; anything, rotation of any width, means and channels too. */
enum at_prepare_kind { AT_PREPARE_PLAIN, AT_PREPARE_PLAIN_TUNED, AT_PREPARE_WHOLE, AT_PREPARE_WHOLE_TUNED, AT_PREPARE_ANY };

/* The input has 16 bits an element, codes are e4m3, and all rows of every tile exist. */
template <enum at_prepare_kind kind> constexpr bool at_prepare_tuned = kind == AT_PREPARE_PLAIN_TUNED || kind == AT_PREPARE_WHOLE_TUNED;

/* Rows are rotated whole, and a thread ends with other columns than it began with (at_prepare_chunk). */
template <enum at_prepare_kind kind> constexpr bool at_prepare_whole = kind == AT_PREPARE_WHOLE || kind == AT_PREPARE_WHOLE_TUNED;

/* Whether E1's norm is a power of two, and waits for the scale (at_prepare_factor). */
template <class shape, enum at_prepare_kind kind> constexpr bool at_prepare_norm_waits = at_prepare_whole<kind> &&shape::dim != 128;

/* Columns of a piece that wait in registers, where there is room beside the tile that is being made; the others in shared memory. */
template <class shape, enum at_prepare_kind kind>
constexpr int at_prepare_kept = !at_prepare_tuned<kind> ? 0 : kind == AT_PREPARE_PLAIN_TUNED || shape::dim == 64 ? 8 : 16;

/*
 * A thread's place in shared memory for its elements, of `bytes` bytes each: fp32 (a tile that waits) or codes. An odd number of 16 bytes
 * to a thread: eight neighbours write or read the same 16 of theirs in different banks, at offsets that are constants. Every 16 rows begin
 * 16 bytes (of 64 rows: 32) further on, so that the readers of rows 16 apart do too, when V is turned.
 */
template <class shape, int bytes> struct at_prepare_slots {
    static constexpr int stride = shape::columns * bytes + 16, skew = 16 * (128 / shape::rows);

    /* The threads from a multiple of eight on; `more`, a multiple of eight, further on, in the same warp. */
    static __device__ __forceinline__ int of(unsigned owner)
    {
        return owner * stride + owner / (16 * shape::pieces) * skew;
    }

    static constexpr __device__ int further(int more)
    {
        return more * stride + more / (16 * shape::pieces) * skew;
    }
};

/* What elements are multiplied by (E5), and whether E1's norm has still to be: at_prepare_factor_of. */
struct alignas(8) at_prepare_factor {
    float product;
    uint32_t apart;
};

/* A pass in which tiles wait keeps them as fp32 and has one on its way; the other has four bytes an element on their way, and codes. */
template <class shape> struct at_prepare_shared {
    char memory[shape::threads * (6 * shape::columns + 16) + 128];     /* input on its way, then slots */
    float signs[shape::dim], mean[shape::dim], reciprocal[shape::dim]; /* of a column, at at_prepare_column_place or _sign_place */
    uint32_t most[2][shape::warps];
    at_prepare_factor factor; /* the listener's */
    uint64_t noted;           /* barrier: it is there */

    static __device__ __forceinline__ at_prepare_shared &here()
    {
        static_assert(sizeof(at_prepare_shared) == AT_PREPARE_SHARED(shape::dim, shape::rows), "what the host asks for");
        return *reinterpret_cast<at_prepare_shared *>(at_dynamic_shared());
    }

    /* Of `bytes` bytes an element, behind the input on its way, of 6 - `bytes`. */
    template <int bytes> __device__ __forceinline__ char *slots()
    {
        return memory + shape::threads * shape::columns * (6 - bytes);
    }
};

/* Which tile: a tensor of the launch, a head (of all batches), a tile of the head. */
struct at_prepare_place {
    int tensor, head, tile;
};

/* Its number of the tensor's tiles. */
__device__ __forceinline__ int at_prepare_number(const at_prepare_arguments &a, const at_prepare_place &p)
{
    return p.head * a.head_tiles + p.tile;
}

/* Its rows that exist: none or fewer in the half of turned V's last keys that there may be. */
template <class shape, enum at_prepare_kind kind>
__device__ __forceinline__ int at_prepare_rows(const at_prepare_arguments &a, const at_prepare_place &p)
{
    return at_prepare_tuned<kind> ? shape::rows : min(shape::rows, a.rows - p.tile * shape::rows);
}

/* Its first row of the tensor. */
template <class shape, enum at_prepare_kind kind>
__device__ __forceinline__ int64_t at_prepare_first(const at_prepare_arguments &a, const at_prepare_place &p)
{
    if (at_prepare_tuned<kind>)
        return static_cast<int64_t>(at_prepare_number(a, p)) * shape::rows;
    return static_cast<int64_t>(p.head) * a.rows + p.tile * shape::rows;
}

/* The tiles of a block in turn, those of one tensor after those of the other, without a division for each. */
struct at_prepare_walk : at_prepare_place {
    const at_prepare_batch &batch;

    __device__ __forceinline__ explicit at_prepare_walk(const at_prepare_batch &all) : at_prepare_place{0, 0, 0}, batch(all)
    {
        enter(blockIdx.x);
    }

    __device__ __forceinline__ bool more() const
    {
        return tensor < batch.count;
    }

    __device__ __forceinline__ const at_prepare_arguments &of() const
    {
        return batch.of[tensor];
    }

    /* The tensor to which the n-th tile from this one's first belongs. */
    __device__ __forceinline__ void enter(int n)
    {
        for (; more() && n >= of().tiles; tensor++)
            n -= of().tiles;
        if (more()) {
            head = n / of().head_tiles;
            tile = n % of().head_tiles;
        }
    }

    __device__ __forceinline__ void next()
    {
        if (!more())
            return;
        head += batch.steps[tensor].heads;
        tile += batch.steps[tensor].tiles;
        if (tile >= of().head_tiles) {
            tile -= of().head_tiles;
            head++;
        }
        if (head >= of().heads)
            enter(at_prepare_number(of(), *this));
    }
};

/* A number of the thread that is kept in a register: what a shuffle gives is not made anew where it is used. */
__device__ __forceinline__ int at_kept(int number)
{
    return static_cast<int>(__shfl_xor_sync(~0u, static_cast<uint32_t>(number), 0));
}

/* A number of which the compiler keeps nothing else in registers: offsets and wider numbers are made of it where they are used. */
__device__ __forceinline__ unsigned at_bare(int number)
{
    asm volatile("" : "+r"(number));
    return static_cast<unsigned>(number);
}

/*
 * Numbers of columns lie so that threads of the same row, which read four each at once, find them in different banks: the k-th four of
 * each piece beside each other.
 */
template <class shape> __device__ __forceinline__ int at_prepare_column_place(int c)
{
    return (c % shape::columns / 4 * shape::pieces + c / shape::columns) * 4 + c % 4;
}

template <class shape> __device__ __forceinline__ float4 at_prepare_column_four(const float *columns, int k)
{
    return *reinterpret_cast<const float4 *>(columns + (k * shape::pieces + threadIdx.x % shape::pieces) * 4);
}

/* The same for bits of two columns in a word, eight columns at a time. */
template <class shape> __device__ __forceinline__ int at_prepare_sign_place(int pair)
{
    constexpr int pairs = shape::columns / 2;
    return (pair % pairs / 4 * shape::pieces + pair / pairs) * 4 + pair % 4;
}

template <class shape> __device__ __forceinline__ uint4 at_prepare_sign_eight(const float *signs, int k, unsigned piece)
{
    return *reinterpret_cast<const uint4 *>(signs + (k * shape::pieces + piece) * 4);
}

/*
 * Where the n-th 16 bytes of pieces of `chunks` times 16 lie: the eight threads that shared memory serves at once read or write the same
 * place of consecutive pieces, and find it in different banks. Only the lower three bits change.
 */
template <int chunks> __device__ __forceinline__ int at_prepare_swizzle(int n)
{
    static_assert(chunks == 4 || chunks == 8 || chunks == 16, "pieces of 64 to 256 bytes");
    return chunks == 16 ? n ^ (n >> 4 & 7) : n ^ (n >> 3 & (chunks - 1));
}

/*
 * Which of the row's 16 bytes of codes a thread's j-th are. Of a rotated row the n-th thread has the n-th of as many parts of each half.
 */
template <class shape, enum at_prepare_kind kind, int bytes> __device__ __forceinline__ int at_prepare_chunk(int piece, int j)
{
    constexpr int all = shape::columns * bytes / 16, half = all / 2;
    return at_prepare_whole<kind> ? j / half * (half * shape::pieces) + piece * half + j % half : piece * all + j;
}

/* The piece of a chunk of the row, and which of its own it is: the inverse. */
template <class shape, enum at_prepare_kind kind, int bytes> __device__ __forceinline__ int at_prepare_chunk_piece(int chunk)
{
    constexpr int all = shape::columns * bytes / 16, half = all / 2;
    return at_prepare_whole<kind> ? chunk / half % shape::pieces : chunk / all;
}

template <class shape, enum at_prepare_kind kind, int bytes> __device__ __forceinline__ int at_prepare_chunk_index(int chunk)
{
    constexpr int all = shape::columns * bytes / 16, half = all / 2;
    return at_prepare_whole<kind> ? chunk / (half * shape::pieces) * half + chunk % half : chunk % all;
}
