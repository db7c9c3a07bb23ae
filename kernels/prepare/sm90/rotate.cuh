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
        x[c] = __fmaf_rn(x[c], a.norm, 0.0f); /* E1: an exact zero is +0 */
}

/*
 * E1: sums and differences x[c] +- x[c + half], of which a thread keeps one and sends the other `lanes` threads away: the bit of the column
 * that chose the register chooses the thread afterwards, the one that chose the thread the register, and the next distance is within a
 * thread. The product with 1 or -1 is exact: a result is rounded once. What a thread kept in the exchange before is the second number of a
 * difference where that bit of the lane is set, so that the difference has the other sign: at_prepare_late_sign.
 */
template <int lanes, int columns> __device__ __forceinline__ void at_prepare_exchange(float (&x)[columns])
{
    constexpr int half = columns / 2;
    const float own = threadIdx.x & lanes ? -1.0f : 1.0f;
#pragma unroll
    for (int c = 0; c < half; c++) {
        const float a = x[c], b = x[c + half];
        x[c] = __fmaf_rn(b, own, a);                                      /* E1 */
        x[c + half] = __shfl_xor_sync(~0u, __fmaf_rn(b, -own, a), lanes); /* E1 */
    }
}

/* Of four chains of maxima; a NaN is never the larger one (E4). */
__device__ __forceinline__ float at_prepare_most_of(const float (&most)[4])
{
    return fmaxf(fmaxf(most[0], most[1]), fmaxf(most[2], most[3]));
}

/* E1: the last distance, within a thread, and the largest magnitude of results: |a| + |b|, rounded as the larger of the two is. */
template <int columns> __device__ __forceinline__ float at_prepare_rotate_end(float (&x)[columns])
{
    float most[4] = {0, 0, 0, 0};
#pragma unroll
    for (int c = 0; c < columns / 2; c++) {
        const float a = x[c], b = x[c + columns / 2];
        x[c] = __fadd_rn(a, b);               /* E1 */
        x[c + columns / 2] = __fsub_rn(a, b); /* E1 */
        most[c % 4] = fmaxf(most[c % 4], __fadd_rn(fabsf(a), fabsf(b)));
    }
    return at_prepare_most_of(most);
}

/*
 * The signs that the thread's elements of rotated rows still need, those of its first half and of its second: a difference taken the other
 * way round has the other sign, in the last distance where the bit of the lane is set that the exchange before went over, and in the second
 * exchange, for the threads that keep differences, where that of the first is. A product with the sign gives a difference that is zero
 * the other zero; the sum with +0 makes that +0 again, which E1 asks for.
 */
template <class shape> __device__ __forceinline__ float at_prepare_late_sign(int half)
{
    const bool first = shape::pieces >= 4 && (threadIdx.x & 3) == 3, last = threadIdx.x & shape::pieces / 2;
    return first != (half && last) ? -1.0f : 1.0f;
}

/* What a thread multiplies the two halves of its piece with, and adds to that: +0 makes an exact zero +0, -0 leaves it. */
struct at_prepare_products {
    float first, second, zero;
};

/* The late signs times a number: what makes the elements of E1, each of whose exact zeros is +0. */
template <class shape> __device__ __forceinline__ at_prepare_products at_prepare_late_signs(float number)
{
    return {__fmul_rn(at_prepare_late_sign<shape>(0), number), __fmul_rn(at_prepare_late_sign<shape>(1), number), 0.0f};
}

template <int columns> __device__ __forceinline__ void at_prepare_multiply(const at_prepare_products &by, float (&x)[columns])
{
#pragma unroll
    for (int c = 0; c < columns; c++)
        x[c] = __fmaf_rn(x[c], c < columns / 2 ? by.first : by.second, by.zero); /* E1, E5 */
}

/*
 * E1 of whole rows whose signs D have been applied and, where `distance` is 2, whose first butterflies too; and the bits of the piece's
 * largest magnitude, which the norm, monotone, leaves the largest. A norm that is a power of two has only been applied to this, and neither
 * has the late sign. Afterwards the n-th thread of a row has the n-th columns of each half of it (at_prepare_chunk).
 */
template <class shape, int distance>
__device__ __forceinline__ uint32_t at_prepare_rotate_whole(const at_prepare_arguments &a, float (&x)[shape::columns])
{
    if constexpr (distance == 1)
        at_prepare_butterflies<1>(x);
    at_prepare_butterflies<2>(x);
    at_prepare_butterflies<4>(x);
    at_prepare_butterflies<8>(x);
    at_prepare_butterflies<16>(x);
    if constexpr (shape::pieces >= 2)
        at_prepare_exchange<1>(x);
    if constexpr (shape::pieces >= 4)
        at_prepare_exchange<2>(x);
    const float most = at_prepare_rotate_end(x);
    if constexpr (!at_prepare_norm_waits<shape, AT_PREPARE_WHOLE>)
        at_prepare_multiply(at_prepare_late_signs<shape>(a.norm), x);
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
    if (piece == shape::pieces - 1 && row < at_prepare_rows<shape, AT_PREPARE_ANY>(a, p))
        reinterpret_cast<float *>(a.shift)[at_prepare_first<shape, AT_PREPARE_ANY>(a, p) + row] = __fmul_rn(dot, a.softmax); /* E3 */
}
