/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#pragma once

#include "kernels/prepare/sm90/traits.cuh"

/* E4: the scale of elements whose largest magnitude has these bits, as at_scale_value. */
__device__ __forceinline__ float at_prepare_scale_value(const at_prepare_arguments &a, uint32_t most)
{
    float scale;
    if (a.rule == AT_SCALE_GIVEN) {
        scale = a.fixed;
    } else if (most == 0 || most == 0x7f800000u) {
        scale = 1.0f; /* E4 */
    } else if (a.rule == AT_SCALE_POW2) {
        /* The exponents' difference, one more where the fraction is above the format's; a subnormal amax is far below the floor. */
        const uint32_t top = __float_as_uint(a.largest);
        const int field = static_cast<int>(most >> 23) - static_cast<int>(top >> 23) + 127 + ((most & 0x7fffff) > (top & 0x7fffff));
        scale = __uint_as_float(static_cast<uint32_t>(max(field, 1)) << 23); /* E4 */
    } else {
        scale = __fdiv_rn(__uint_as_float(most), a.largest); /* E4 */
    }
    return scale < 0x1p-126f ? 0x1p-126f : scale; /* E4 */
}

/* Bits of the largest magnitude of a piece. Magnitudes compare as their bits do; a NaN is never the larger one (E4). */
__device__ __forceinline__ uint32_t at_prepare_piece_most(const float (&x)[64])
{
    float most[4] = {0, 0, 0, 0};
#pragma unroll
    for (int c = 0; c < 64; c++)
        most[c % 4] = fmaxf(most[c % 4], fabsf(x[c]));
    return __float_as_uint(fmaxf(fmaxf(most[0], most[1]), fmaxf(most[2], most[3])));
}

/*
 * What elements are multiplied by (E5), where E1's norm may wait: once with the product of both, if that has the bits of two products, else
 * the norm has not been applied yet (`apart`). The norm being a power of two, both are the same rounded product unless one of them is
 * subnormal. With 2^-100 <= 1 / scale <= 2^90 the factor is not, and where the rotated element is, it ends below 2^-36: that is cast to 0
 * of its sign, but to bf16.
 */
struct at_prepare_factor {
    float product;
    bool apart;
};

template <bool waits> __device__ __forceinline__ at_prepare_factor at_prepare_factor_of(const at_prepare_arguments &a, float scale)
{
    const float reciprocal = __frcp_rn(scale); /* E5 */
    if (!waits)
        return {reciprocal, false};
    const bool apart = !(reciprocal >= 0x1p-100f && reciprocal <= 0x1p90f) || a.storage == AT_BF16;
    return {apart ? reciprocal : __fmul_rn(reciprocal, a.norm), apart};
}

/*
 * The largest that `count` warps from `first` on hold. Two sets of places in turn: who writes one has passed the barrier after which the
 * others read the other, so that one barrier a turn is enough.
 */
template <class shape> struct at_prepare_block {
    at_prepare_shared<shape> &shared;
    int parity = 0;

    __device__ __forceinline__ explicit at_prepare_block(at_prepare_shared<shape> &memory) : shared(memory)
    {
    }

    __device__ __forceinline__ uint32_t most(uint32_t own, int first, int count)
    {
        own = __reduce_max_sync(~0u, own);
        if (threadIdx.x % 32 == 0)
            shared.most[parity][threadIdx.x / 32] = own;
        __syncthreads();
        uint32_t all = 0;
#pragma unroll
        for (int i = 0; i < shape::warps; i++)
            if (i < count)
                all = max(all, shared.most[parity][first + i]);
        parity ^= 1;
        return all;
    }
};

/* Tells every block the largest of tile n. */
__device__ __forceinline__ void at_prepare_tell(const at_prepare_arguments &a, int n, uint32_t most)
{
    if (threadIdx.x == 0)
        at_word_give(reinterpret_cast<uint64_t *>(a.slots) + n, static_cast<uint64_t>(a.launch) << 32 | most);
}

/* What this thread's first slot of `count` from `first` on holds now: asked for early, so that at_prepare_hear need not wait for memory. */
__device__ __forceinline__ uint64_t at_prepare_look(const at_prepare_arguments &a, int first, int count)
{
    const int i = threadIdx.x;
    return i < count ? at_word_look(reinterpret_cast<const uint64_t *>(a.slots) + first + i) : 0;
}

/* This thread's part of the largest of `count` tiles from `first` on, once all of them were told in this launch. */
__device__ __forceinline__ uint32_t at_prepare_hear(const at_prepare_arguments &a, int first, int count, uint64_t word)
{
    uint32_t most = 0;
    for (int i = threadIdx.x; i < count; i += blockDim.x) {
        const uint64_t *slot = reinterpret_cast<const uint64_t *>(a.slots) + first + i;
        if (i >= static_cast<int>(blockDim.x))
            word = at_word_look(slot);
        for (int polls = 0; static_cast<uint32_t>(word >> 32) != a.launch; word = at_word_look(slot)) {
            at_pause();
            if (++polls == AT_PREPARE_MOST_POLLS)
                at_trap();
        }
        most = max(most, static_cast<uint32_t>(word));
    }
    return most;
}
