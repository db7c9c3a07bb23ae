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
template <int columns> __device__ __forceinline__ uint32_t at_prepare_piece_most(const float (&x)[columns])
{
    float most[4] = {0, 0, 0, 0};
#pragma unroll
    for (int c = 0; c < columns; c++)
        most[c % 4] = fmaxf(most[c % 4], fabsf(x[c]));
    return __float_as_uint(fmaxf(fmaxf(most[0], most[1]), fmaxf(most[2], most[3])));
}

/*
 * What elements are multiplied by (E5), where E1's norm may wait: once with the product of both, if that has the bits of two products, else
 * the norm has not been applied yet (`apart`). The norm being a power of two, both are the same rounded product unless one of them is
 * subnormal. With 2^-100 <= 1 / scale <= 2^90 the factor is not, and where the rotated element is, it ends below 2^-36: that is cast to 0
 * of its sign, but to bf16.
 */
template <bool waits> __device__ __forceinline__ at_prepare_factor at_prepare_factor_of(const at_prepare_arguments &a, float scale)
{
    const float reciprocal = __frcp_rn(scale); /* E5 */
    if (!waits)
        return {reciprocal, 0};
    const bool apart = !(reciprocal >= 0x1p-100f && reciprocal <= 0x1p90f) || a.storage == AT_BF16;
    return {apart ? reciprocal : __fmul_rn(reciprocal, a.norm), apart};
}

/*
 * What the warps of a block tell each other. Two sets of places in turn: who writes one has passed the barrier after which the others read
 * the other, so that one barrier a turn is enough.
 */
template <class shape> struct at_prepare_block {
    at_prepare_shared<shape> &shared;
    int parity = 0;
    bool
        leads; /* this warp, for the block; those of the blocks of a multiprocessor are not all the first, that each may have a scheduler */

    __device__ __forceinline__ explicit at_prepare_block(at_prepare_shared<shape> &memory)
        : shared(memory), leads(__reduce_max_sync(~0u, threadIdx.x / 32) == blockIdx.x * shape::blocks / gridDim.x % 4)
    {
        static_assert(shape::warps >= 4, "each of four may lead");
    }

    /* Each warp's largest, for all of them once this returns. */
    __device__ __forceinline__ void gather(uint32_t own)
    {
        own = __reduce_max_sync(~0u, own);
        parity ^= 1;
        if (threadIdx.x % 32 == 0)
            shared.most[parity][threadIdx.x / 32] = own;
        __syncthreads();
    }

    /* After gather: the largest that `count` warps from `first` on hold. */
    __device__ __forceinline__ uint32_t most(int first, int count) const
    {
        const int lane = threadIdx.x % 32;
        return __reduce_max_sync(~0u, lane < count ? shared.most[parity][first + lane] : 0);
    }

    /* The leader's, for all once they have gathered. */
    __device__ __forceinline__ void note(const at_prepare_factor &own)
    {
        if (threadIdx.x % 32 == 0)
            shared.factor[parity ^ 1] = own;
    }

    /* The leader's, for all. */
    __device__ __forceinline__ at_prepare_factor share(const at_prepare_factor &own)
    {
        if (leads)
            note(own);
        parity ^= 1;
        __syncthreads();
        return shared.factor[parity];
    }
};

/* Tells every block the largest of tile n: one thread. */
__device__ __forceinline__ void at_prepare_tell(const at_prepare_arguments &a, int n, uint32_t most)
{
    at_word_give(reinterpret_cast<uint64_t *>(a.slots) + n, static_cast<uint64_t>(a.launch) << 32 | most);
}

/* What the slots of `count` tiles from `first` on hold now, if they are few: asked for long before it is needed, by one warp. */
struct at_prepare_glance {
    static constexpr int words = 2;
    uint64_t seen[words];

    __device__ __forceinline__ void at(const at_prepare_arguments &a, int first, int count)
    {
        const int lane = threadIdx.x % 32;
#pragma unroll
        for (int k = 0; k < words; k++)
            seen[k] = 32 * k + lane < count ? at_word_look(reinterpret_cast<const uint64_t *>(a.slots) + first + 32 * k + lane)
                                            : static_cast<uint64_t>(a.launch) << 32;
    }

    /* Whether all of them were told in this launch; then their largest. */
    __device__ __forceinline__ bool known(const at_prepare_arguments &a, int count, uint32_t &ret_most) const
    {
        uint32_t missing = count > 32 * words, most = 0;
#pragma unroll
        for (int k = 0; k < words; k++) {
            missing |= static_cast<uint32_t>(seen[k] >> 32) ^ a.launch;
            most = max(most, static_cast<uint32_t>(seen[k]));
        }
        ret_most = __reduce_max_sync(~0u, most);
        return __reduce_max_sync(~0u, missing) == 0;
    }
};

/*
 * Of `threads` threads, whole warps, this one's part of the largest of `count` tiles from `first` on, once all of them were told in this
 * launch. A warp waits as one.
 */
template <int threads>
__device__ __forceinline__ uint32_t at_prepare_hear(const at_prepare_arguments &a, int first, int count, int thread)
{
    constexpr int together = 4;
    const uint64_t *slots = reinterpret_cast<const uint64_t *>(a.slots) + first;
    const uint64_t none = static_cast<uint64_t>(a.launch) << 32;
    uint32_t most = 0;
    int polls = 0;
    for (int base = 0; base < count; base += together * threads) {
        uint64_t words[together];
#pragma unroll
        for (int k = 0; k < together; k++) {
            const int i = base + k * threads + thread;
            words[k] = i >= count ? none : at_word_look(slots + i);
        }
        for (;;) {
            uint32_t missing = 0;
#pragma unroll
            for (int k = 0; k < together; k++)
                missing |= static_cast<uint32_t>(words[k] >> 32) ^ a.launch;
            if (__reduce_max_sync(~0u, missing) == 0)
                break;
            at_pause();
            if (++polls == AT_PREPARE_MOST_POLLS)
                at_trap();
#pragma unroll
            for (int k = 0; k < together; k++)
                if (static_cast<uint32_t>(words[k] >> 32) != a.launch)
                    words[k] = at_word_look(slots + base + k * threads + thread);
        }
#pragma unroll
        for (int k = 0; k < together; k++)
            most = max(most, static_cast<uint32_t>(words[k]));
    }
    return most;
}

/* The scales that do not depend on the elements, by the first tile of each head. */
__device__ __forceinline__ void write_fixed(const at_prepare_arguments &a, const at_prepare_place &p)
{
    for (int i = threadIdx.x; p.tile == 0 && i < a.fixed_count; i += blockDim.x)
        reinterpret_cast<float *>(a.scale)[static_cast<int64_t>(p.head) * a.fixed_count + i] = a.fixed;
}

/* The first tile of those with this tile's scale. */
__device__ __forceinline__ int group_first(const at_prepare_arguments &a, const at_prepare_place &p)
{
    return (a.share == 1 ? p.head : p.head / a.share) * a.group_tiles;
}
