/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#pragma once

#include "kernels/prepare/sm90/rotate.cuh"

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

/* The same for a thread: with the late signs, where the norm's product is made by this one. */
template <class shape, enum at_prepare_kind kind>
__device__ __forceinline__ at_prepare_products at_prepare_products_of(const at_prepare_factor &factor)
{
    if (at_prepare_norm_waits<shape, kind> && !factor.apart)
        return at_prepare_late_signs<shape>(factor.product);
    return {factor.product, factor.product, -0.0f};
}

/*
 * What the warps of a block tell each other. Two sets of places in turn: who writes one has passed the barrier after which the others read
 * the other, so that one barrier a turn is enough.
 */
template <class shape> struct at_prepare_block {
    at_prepare_shared<shape> &shared;
    uint32_t turn = 0; /* parity of how often they have gathered */
    unsigned role;     /* of this warp; of a multiprocessor's blocks other warps listen and tell, that each may have a scheduler */

    __device__ __forceinline__ explicit at_prepare_block(at_prepare_shared<shape> &memory)
        : shared(memory), role(__reduce_max_sync(~0u, threadIdx.x / 32 ^ blockIdx.x * shape::blocks / gridDim.x % 4))
    {
        static_assert(shape::warps >= 4, "each of four may listen");
    }

    /* Whether this warp hears of the block's scales. */
    __device__ __forceinline__ bool listens() const
    {
        return role == 0;
    }

    /* Whether it tells of the block's tiles. */
    __device__ __forceinline__ bool tells() const
    {
        return role == 2;
    }

    /* Each warp's largest, for all of them once this returns. */
    __device__ __forceinline__ void gather(uint32_t own)
    {
        own = __reduce_max_sync(~0u, own);
        turn ^= 1;
        if (threadIdx.x % 32 == 0)
            shared.most[turn][threadIdx.x / 32] = own;
        __syncthreads();
    }

    /* After gather: the largest that `count` warps from `first` on hold. */
    __device__ __forceinline__ uint32_t most(int first, int count) const
    {
        const int lane = threadIdx.x % 32;
        return __reduce_max_sync(~0u, lane < count ? shared.most[turn][first + lane] : 0);
    }

    /* The listener's, for all. They have found the one before: they have gathered since. */
    __device__ __forceinline__ void note(const at_prepare_factor &factor)
    {
        if (threadIdx.x % 32 == 0) {
            shared.factor = factor;
            at_mbarrier_arrive(&shared.noted);
        }
    }

    /* The n-th, of which this is the parity, once it is there. */
    __device__ __forceinline__ at_prepare_factor noted(uint32_t parity) const
    {
        at_mbarrier_wait(&shared.noted, parity);
        return shared.factor;
    }
};

/* Tells every block the largest of tile n: one thread. */
__device__ __forceinline__ void at_prepare_tell(const at_prepare_arguments &a, int n, uint32_t most)
{
    at_word_give(reinterpret_cast<uint64_t *>(a.slots) + n, static_cast<uint64_t>(a.launch) << 32 | most);
}

/*
 * The slots of `count` tiles of a scale, which `threads` threads, whole warps, share; a thread has `together` at a time. Looked at long
 * before the scale is needed, most have been told by then, and memory need not be waited for.
 */
template <int threads> struct at_prepare_ear {
    static constexpr int together = 8, reach = threads * together;
    const uint64_t *slots;
    int count, thread;
    uint32_t launch;
    uint64_t words[together];

    __device__ __forceinline__ at_prepare_ear(const at_prepare_arguments &a, int first, int tiles)
        : slots(reinterpret_cast<const uint64_t *>(a.slots) + first), count(tiles), thread(threadIdx.x % threads), launch(a.launch)
    {
    }

    __device__ __forceinline__ void look(int base)
    {
#pragma unroll
        for (int k = 0; k < together; k++) {
            const int i = base + k * threads + thread;
            words[k] = i < count ? at_word_look(slots + i) : static_cast<uint64_t>(launch) << 32;
        }
    }

    /* At those that had not been told. */
    __device__ __forceinline__ void look_again(int base)
    {
#pragma unroll
        for (int k = 0; k < together; k++)
            if (static_cast<uint32_t>(words[k] >> 32) != launch)
                words[k] = at_word_look(slots + base + k * threads + thread);
    }

    /* Whether the warp's were told in this launch. */
    __device__ __forceinline__ bool told() const
    {
        uint32_t missing = 0;
#pragma unroll
        for (int k = 0; k < together; k++)
            missing |= static_cast<uint32_t>(words[k] >> 32) ^ launch;
        return __reduce_max_sync(~0u, missing) == 0;
    }

    /* The warp's largest. */
    __device__ __forceinline__ uint32_t most() const
    {
        uint32_t most = 0;
#pragma unroll
        for (int k = 0; k < together; k++)
            most = max(most, static_cast<uint32_t>(words[k]));
        return __reduce_max_sync(~0u, most);
    }

    /* The warp's largest of all, once they were told; after look(0). */
    __device__ __forceinline__ uint32_t hear()
    {
        uint32_t most_of_all = 0;
        int polls = 0;
        for (int base = 0; base < count; base += reach) {
            if (base)
                look(base);
            while (!told()) {
                at_pause();
                if (++polls == AT_PREPARE_MOST_POLLS)
                    at_trap();
                look_again(base);
            }
            most_of_all = max(most_of_all, most());
        }
        return most_of_all;
    }
};

/* What a block's listener has. */
using at_prepare_listener = at_prepare_ear<32>;

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

/* After block.gather: tells every block the largest of the tile. */
template <class shape>
__device__ __forceinline__ void tell_most(const at_prepare_block<shape> &block, const at_prepare_arguments &a, const at_prepare_place &p)
{
    if (block.tells()) {
        const uint32_t most = block.most(0, shape::warps);
        if (threadIdx.x % 32 == 0)
            at_prepare_tell(a, at_prepare_number(a, p), most);
    }
}

/* E4, E5: the factor of all tiles of a group, whose largest this is; by one warp. */
template <bool waits>
__device__ __forceinline__ at_prepare_factor factor_of_group(const at_prepare_arguments &a, const at_prepare_place &p, uint32_t most)
{
    const float scale = at_prepare_scale_value(a, most);
    if (threadIdx.x % 32 == 0 && p.tile == 0)
        reinterpret_cast<float *>(a.scale)[p.head] = scale;
    return at_prepare_factor_of<waits>(a, scale);
}

/* The same once they are told, for the whole block: the listener, which has looked, finds it. */
template <class shape, bool waits>
__device__ __forceinline__ at_prepare_factor factor_across(at_prepare_block<shape> &block, const at_prepare_arguments &a,
                                                           const at_prepare_place &p, at_prepare_listener &ear, uint32_t parity)
{
    if (block.listens())
        block.note(factor_of_group<waits>(a, p, ear.hear()));
    return block.noted(parity);
}
