/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#pragma once

#include "kernels/prepare/sm90/traits.cuh"

/* E1: sums and differences at `distance` columns, both in this thread. */
template <int distance, int columns> __device__ __forceinline__ void at_prepare_butterflies(float (&x)[columns])
{
#pragma unroll
    for (int c = 0; c < columns; c++)
        if (!(c & distance)) {
            const float a = x[c], b = x[c + distance];
            x[c] = __fadd_rn(a, b);            /* E1 */
            x[c + distance] = __fsub_rn(a, b); /* E1 */
        }
}

/* E1: the same where the other number is `lanes` threads away. Own product with 1 or -1 is exact, so that this is one rounded sum. */
template <int lanes, int columns> __device__ __forceinline__ void at_prepare_butterflies_across(float (&x)[columns])
{
    const float own = threadIdx.x & lanes ? -1.0f : 1.0f;
#pragma unroll
    for (int c = 0; c < columns; c++)
        x[c] = __fmaf_rn(x[c], own, __shfl_xor_sync(~0u, x[c], lanes)); /* E1 */
}

/* E1: the signs and distance 1 at once: products with signs are exact, and each sum or difference is rounded once. */
template <class shape> __device__ __forceinline__ void at_prepare_signs(const float *signs, float (&x)[shape::columns])
{
#pragma unroll
    for (int k = 0; k < shape::columns / 4; k++) {
        const float4 s = at_prepare_column_four<shape>(signs, k);
        const float b = __fmul_rn(x[4 * k + 1], s.y), d = __fmul_rn(x[4 * k + 3], s.w), a = x[4 * k], c = x[4 * k + 2];
        x[4 * k] = __fmaf_rn(a, s.x, b);      /* E1 */
        x[4 * k + 1] = __fmaf_rn(a, s.x, -b); /* E1 */
        x[4 * k + 2] = __fmaf_rn(c, s.z, d);  /* E1 */
        x[4 * k + 3] = __fmaf_rn(c, s.z, -d); /* E1 */
    }
}

/* E1: x <- x D H / sqrt(width). */
template <class shape>
__device__ __forceinline__ void at_prepare_rotate(const float *signs, const at_prepare_arguments &a, float (&x)[shape::columns])
{
    constexpr int columns = shape::columns;
    at_prepare_signs<shape>(signs, x);
    at_prepare_butterflies<2>(x);
    at_prepare_butterflies<4>(x);
    at_prepare_butterflies<8>(x);
    if (a.width >= 32)
        at_prepare_butterflies<16>(x);
    if (a.width >= 64)
        at_prepare_butterflies<32>(x);
    if constexpr (shape::pieces >= 2)
        if (a.width >= 2 * columns)
            at_prepare_butterflies_across<1>(x);
    if constexpr (shape::pieces >= 4)
        if (a.width >= 4 * columns)
            at_prepare_butterflies_across<2>(x);
#pragma unroll
    for (int c = 0; c < columns; c++)
        x[c] = __fmul_rn(x[c], a.norm); /* E1 */
}

/*
 * E1: sums and differences x[c] +- x[c + half], of which a thread keeps one and sends the other `lanes` threads away: the bit of the column
 * that chose the register chooses the thread afterwards, the one that chose the thread the register, and the next distance is within a
 * thread. What a thread kept in the exchange before (`before`; 0: there was none) is the second number of a difference where that bit of
 * the lane is set, the first where it is not: so the difference has this sign. Products with 1 and -1 are exact: a result is rounded once.
 */
template <int before, int lanes, int columns> __device__ __forceinline__ void at_prepare_exchange(float (&x)[columns])
{
    constexpr int half = columns / 2;
    const bool differs = threadIdx.x & lanes;
    const float sign = threadIdx.x & before ? -1.0f : 1.0f, own = differs ? -1.0f : 1.0f;
    const float a0 = differs ? sign : 1.0f, b0 = differs ? -sign : 1.0f, a1 = differs ? 1.0f : sign, b1 = differs ? 1.0f : -sign;
#pragma unroll
    for (int c = 0; c < half; c++) {
        const float a = x[c], b = x[c + half];
        if constexpr (before == 0) {
            x[c] = __fmaf_rn(b, own, a);                                      /* E1 */
            x[c + half] = __shfl_xor_sync(~0u, __fmaf_rn(b, -own, a), lanes); /* E1 */
        } else {
            x[c] = __fmaf_rn(b, b0, __fmul_rn(a, a0));                                     /* E1 */
            x[c + half] = __shfl_xor_sync(~0u, __fmaf_rn(b, b1, __fmul_rn(a, a1)), lanes); /* E1 */
        }
    }
}

/* Of four chains of maxima; a NaN is never the larger one (E4). */
__device__ __forceinline__ float at_prepare_most_of(const float (&most)[4])
{
    return fmaxf(fmaxf(most[0], most[1]), fmaxf(most[2], most[3]));
}

/*
 * E1: the last distance, within a thread after an exchange over `before` lanes (0: there was none), and the largest magnitude of results:
 * |a| + |b|, rounded as the larger of the two is.
 */
template <int before, int columns> __device__ __forceinline__ float at_prepare_rotate_end(float (&x)[columns])
{
    const float sign = threadIdx.x & before ? -1.0f : 1.0f;
    float most[4] = {0, 0, 0, 0};
#pragma unroll
    for (int c = 0; c < columns / 2; c++) {
        const float a = x[c], b = x[c + columns / 2];
        x[c] = __fadd_rn(a, b); /* E1 */
        if constexpr (before == 0)
            x[c + columns / 2] = __fsub_rn(a, b); /* E1 */
        else
            x[c + columns / 2] = __fmaf_rn(b, -sign, __fmul_rn(a, sign)); /* E1 */
        most[c % 4] = fmaxf(most[c % 4], __fadd_rn(fabsf(a), fabsf(b)));
    }
    return at_prepare_most_of(most);
}

/*
 * E1 of whole rows, and the bits of the piece's largest magnitude, which the norm, monotone, leaves the largest. A norm that is a power of
 * two has only been applied to this. Afterwards the n-th thread of a row has the n-th columns of each half of it (at_prepare_chunk).
 */
template <class shape>
__device__ __forceinline__ uint32_t at_prepare_rotate_whole(const float *signs, const at_prepare_arguments &a, float (&x)[shape::columns])
{
    at_prepare_signs<shape>(signs, x);
    at_prepare_butterflies<2>(x);
    at_prepare_butterflies<4>(x);
    at_prepare_butterflies<8>(x);
    at_prepare_butterflies<16>(x);
    if constexpr (shape::pieces >= 2)
        at_prepare_exchange<0, 1>(x);
    if constexpr (shape::pieces >= 4)
        at_prepare_exchange<1, 2>(x);
    const float most = at_prepare_rotate_end<shape::pieces / 2>(x);
    if constexpr (!at_prepare_norm_waits<shape, AT_PREPARE_WHOLE>) {
#pragma unroll
        for (int c = 0; c < shape::columns; c++)
            x[c] = __fmul_rn(x[c], a.norm); /* E1 */
    }
    return __float_as_uint(__fmul_rn(most, a.norm)); /* E1 */
}

/* E3: less the mean of each column. */
template <class shape> __device__ __forceinline__ void at_prepare_smooth(const float *mean, float (&x)[shape::columns])
{
#pragma unroll
    for (int k = 0; k < shape::columns / 4; k++) {
        const float4 m = at_prepare_column_four<shape>(mean, k);
        x[4 * k] = __fsub_rn(x[4 * k], m.x);         /* E3 */
        x[4 * k + 1] = __fsub_rn(x[4 * k + 1], m.y); /* E3 */
        x[4 * k + 2] = __fsub_rn(x[4 * k + 2], m.z); /* E3 */
        x[4 * k + 3] = __fsub_rn(x[4 * k + 3], m.w); /* E3 */
    }
}

/* E3: q . mean(K) as one chain over the columns, which goes through the threads of the row, the last of which writes. */
template <class shape>
__device__ __forceinline__ void at_prepare_shift(const float *mean, const at_prepare_arguments &a, const at_prepare_place &p,
                                                 const float (&x)[shape::columns])
{
    const int piece = threadIdx.x % shape::pieces, row = threadIdx.x / shape::pieces;
    float dot = 0;
#pragma unroll
    for (int turn = 0; turn < shape::pieces; turn++) {
        dot = turn ? __shfl_up_sync(~0u, dot, 1) : 0.0f; /* the n-th thread's turn is the n-th */
#pragma unroll
        for (int k = 0; k < shape::columns / 4; k++) {
            const float4 m = at_prepare_column_four<shape>(mean, k);
            dot = __fmaf_rn(x[4 * k], m.x, dot);     /* E3 */
            dot = __fmaf_rn(x[4 * k + 1], m.y, dot); /* E3 */
            dot = __fmaf_rn(x[4 * k + 2], m.z, dot); /* E3 */
            dot = __fmaf_rn(x[4 * k + 3], m.w, dot); /* E3 */
        }
    }
    if (piece == shape::pieces - 1 && row < at_prepare_rows<shape>(a, p))
        reinterpret_cast<float *>(a.shift)[at_prepare_first<shape>(a, p) + row] = __fmul_rn(dot, a.softmax); /* E3 */
}
