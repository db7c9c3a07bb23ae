/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#pragma once

/* In the place of kernels/common/ptx/wgmma_group.cuh: a group's products are made when all have closed it, or when it is waited for. */

#include "kernels/common/ptx/barrier.cuh"

/* Makes the products of the group after the last one made of this thread's warpgroup, which all of its threads have closed. */
void make_products();

static inline struct warpgroup *own_warpgroup()
{
    return &own_block()->warpgroups[threadIdx.x / 128];
}

static inline struct fibre *first_of_warpgroup()
{
    return self - threadIdx.x % 128;
}

static inline bool all_have_closed(unsigned group)
{
    for (int i = 0; i < 128; i++)
        if (first_of_warpgroup()[i].groups <= group)
            return false;
    return true;
}

static inline void at_wgmma_fence() {}

static inline void at_wgmma_commit()
{
    self->group_end[self->groups++ % MOST_GROUPS] = self->issued;
    own_warpgroup()->closed++;
    if (self->groups - own_warpgroup()->made > MOST_GROUPS)
        fibre_fail("more groups of products under way than the emulation holds");
    if (fibre_random() % 256 == 0)
        while (all_have_closed(own_warpgroup()->made))
            make_products();
}

template <int pending> static inline void at_wgmma_wait()
{
    struct warpgroup *w = own_warpgroup();
    while (w->made + pending < self->groups)
        if (all_have_closed(w->made))
            make_products();
        else
            fibre_yield(&w->closed, w->closed);
}

static inline void at_fence_proxy_async() {}

static inline uint32_t at_wgmma_descriptor_low(uint32_t address, uint32_t leading)
{
    return (address & 0x3ffff) >> 4 | (leading >> 4) << 16;
}

template <int row> static inline uint64_t at_wgmma_descriptor_swizzled(uint32_t low)
{
    return static_cast<uint64_t>(8 * row >> 4 | (row == 128 ? 1u : 2u) << 30) << 32 | low;
}

template <int count> static inline void at_wgmma_touch(float (&)[count]) {}
