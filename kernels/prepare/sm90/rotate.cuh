/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#pragma once

#include "kernels/prepare/sm90/traits.cuh"

/* E1: sums and differences at `distance` columns, both in this thread. */
template <int distance> __device__ __forceinline__ void at_prepare_butterflies(float (&x)[64])
{
#pragma unroll
    for (int c = 0; c < 64; c++)
        if (!(c & distance)) {
            const float a = x[c], b = x[c + distance];
            x[c] = __fadd_rn(a, b);            /* E1 */
            x[c + distance] = __fsub_rn(a, b); /* E1 */
        }
}

/* E1: the same where the other number is `lanes` threads away. Own product with 1 or -1 is exact, so that this is one rounded sum. */
template <int lanes> __device__ __forceinline__ void at_prepare_butterflies_across(float (&x)[64])
{
    const float own = threadIdx.x & lanes ? -1.0f : 1.0f;
#pragma unroll
    for (int c = 0; c < 64; c++)
        x[c] = __fmaf_rn(x[c], own, __shfl_xor_sync(~0u, x[c], lanes)); /* E1 */
}

/* E1: the signs and distance 1 at once: products with signs are exact, and each sum or difference is rounded once. */
template <class shape> __device__ __forceinline__ void at_prepare_signs(const float *signs, float (&x)[64])
{
#pragma unroll
    for (int k = 0; k < 16; k++) {
        const float4 s = at_prepare_column_four<shape>(signs, k);
        const float b = __fmul_rn(x[4 * k + 1], s.y), d = __fmul_rn(x[4 * k + 3], s.w), a = x[4 * k], c = x[4 * k + 2];
        x[4 * k] = __fmaf_rn(a, s.x, b);      /* E1 */
        x[4 * k + 1] = __fmaf_rn(a, s.x, -b); /* E1 */
        x[4 * k + 2] = __fmaf_rn(c, s.z, d);  /* E1 */
        x[4 * k + 3] = __fmaf_rn(c, s.z, -d); /* E1 */
    }
}

/* E1: x <- x D H / sqrt(width). */
template <class shape> __device__ __forceinline__ void at_prepare_rotate(const float *signs, const at_prepare_arguments &a, float (&x)[64])
{
    at_prepare_signs<shape>(signs, x);
    at_prepare_butterflies<2>(x);
    at_prepare_butterflies<4>(x);
    at_prepare_butterflies<8>(x);
    if (a.width >= 32)
        at_prepare_butterflies<16>(x);
    if (a.width >= 64)
        at_prepare_butterflies<32>(x);
    if constexpr (shape::pieces >= 2)
        if (a.width >= 128)
            at_prepare_butterflies_across<1>(x);
    if constexpr (shape::pieces >= 4)
        if (a.width >= 256)
            at_prepare_butterflies_across<2>(x);
#pragma unroll
    for (int c = 0; c < 64; c++)
        x[c] = __fmul_rn(x[c], a.norm); /* E1 */
}

/*
 * E1: sums and differences x[c] +- x[c + 32] (at = 0: as they are; at = 1: signs by the bit `sign` of the lane, for the two lie exchanged),
 * of which a thread keeps one and sends the other `lanes` threads away: a bit of the column that chose the register chooses the thread
 * afterwards, and the next distance is within a thread. Products with 1 and -1 are exact, so that each result is rounded once.
 */
template <int lanes> __device__ __forceinline__ void at_prepare_exchange_first(float (&x)[64])
{
    const float own = threadIdx.x & lanes ? -1.0f : 1.0f;
#pragma unroll
    for (int c = 0; c < 32; c++) {
        const float a = x[c], b = x[c + 32];
        x[c] = __fmaf_rn(b, own, a);                                    /* E1 */
        x[c + 32] = __shfl_xor_sync(~0u, __fmaf_rn(b, -own, a), lanes); /* E1 */
    }
}

/* The second exchange: own and received number are sum's terms; their difference has the sign of the thread before. */
template <int before, int lanes> __device__ __forceinline__ void at_prepare_exchange_second(float (&x)[64])
{
    const float sign = threadIdx.x & before ? -1.0f : 1.0f;
    const bool differs = threadIdx.x & lanes;
    const float a0 = differs ? sign : 1.0f, b0 = differs ? -sign : 1.0f, a1 = differs ? 1.0f : sign, b1 = differs ? 1.0f : -sign;
#pragma unroll
    for (int c = 0; c < 32; c++) {
        const float k = x[c], v = x[c + 32];
        x[c] = __fmaf_rn(v, b0, __fmul_rn(k, a0));                                   /* E1 */
        x[c + 32] = __shfl_xor_sync(~0u, __fmaf_rn(v, b1, __fmul_rn(k, a1)), lanes); /* E1 */
    }
}

/* Of four chains of maxima; a NaN is never the larger one (E4). */
__device__ __forceinline__ float at_prepare_most_of(const float (&most)[4])
{
    return fmaxf(fmaxf(most[0], most[1]), fmaxf(most[2], most[3]));
}

/* Sums x[c] + x[c + 32] and differences times `sign`, and their largest magnitude: |a| + |b|, rounded as the larger of the two is. */
__device__ __forceinline__ float at_prepare_rotate_end(float sign, float (&x)[64])
{
    float most[4] = {0, 0, 0, 0};
#pragma unroll
    for (int c = 0; c < 32; c++) {
        const float a = x[c], b = x[c + 32];
        x[c] = __fadd_rn(a, b);                              /* E1 */
        x[c + 32] = __fmaf_rn(b, -sign, __fmul_rn(a, sign)); /* E1 */
        most[c % 4] = fmaxf(most[c % 4], __fadd_rn(fabsf(a), fabsf(b)));
    }
    return at_prepare_most_of(most);
}

/*
 * E1 of whole rows, and the bits of the piece's largest magnitude, which the norm, monotone, leaves the largest. A norm that is a power of
 * two has only been applied to this. Afterwards the n-th thread of a row has the n-th 32 columns of each half of it (at_prepare_chunk).
 */
template <class shape>
__device__ __forceinline__ uint32_t at_prepare_rotate_whole(const float *signs, const at_prepare_arguments &a, float (&x)[64])
{
    float most;
    at_prepare_signs<shape>(signs, x);
    at_prepare_butterflies<2>(x);
    at_prepare_butterflies<4>(x);
    at_prepare_butterflies<8>(x);
    at_prepare_butterflies<16>(x);
    if constexpr (shape::pieces == 1) {
        most = at_prepare_rotate_end(1.0f, x);
    } else {
        at_prepare_exchange_first<1>(x);
        if constexpr (shape::pieces == 4)
            at_prepare_exchange_second<1, 2>(x);
        most = at_prepare_rotate_end(threadIdx.x & shape::pieces / 2 ? -1.0f : 1.0f, x);
    }
    if constexpr (!at_prepare_norm_waits<shape, AT_PREPARE_WHOLE>) {
#pragma unroll
        for (int c = 0; c < 64; c++)
            x[c] = __fmul_rn(x[c], a.norm); /* E1 */
    }
    return __float_as_uint(__fmul_rn(most, a.norm)); /* E1 */
}

/* E3: less the mean of each column. */
template <class shape> __device__ __forceinline__ void at_prepare_smooth(const float *mean, float (&x)[64])
{
#pragma unroll
    for (int k = 0; k < 16; k++) {
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
                                                 const float (&x)[64])
{
    const int piece = threadIdx.x % shape::pieces, row = threadIdx.x / shape::pieces;
    float dot = 0;
#pragma unroll
    for (int turn = 0; turn < shape::pieces; turn++) {
        dot = turn ? __shfl_up_sync(~0u, dot, 1) : 0.0f; /* the n-th thread's turn is the n-th */
#pragma unroll
        for (int k = 0; k < 16; k++) {
            const float4 m = at_prepare_column_four<shape>(mean, k);
            dot = __fmaf_rn(x[4 * k], m.x, dot);     /* E3 */
            dot = __fmaf_rn(x[4 * k + 1], m.y, dot); /* E3 */
            dot = __fmaf_rn(x[4 * k + 2], m.z, dot); /* E3 */
            dot = __fmaf_rn(x[4 * k + 3], m.w, dot); /* E3 */
        }
    }
    if (piece == shape::pieces - 1 && row < p.rows)
        reinterpret_cast<float *>(a.shift)[p.first + row] = __fmul_rn(dot, a.softmax); /* E3 */
}
