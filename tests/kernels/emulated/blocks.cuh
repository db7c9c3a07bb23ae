/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#pragma once

/* Blocks that run at once, and what their threads exchange; once struct fibre_own and struct block_own are there: what a room adds. */

#include "intrinsics.cuh"

struct warp {
    struct gate gate;
    uint32_t value[2][32];
};

struct block : block_own {
    struct gate gate;
    char *shared; /* at a multiple of 1024 */
    struct warp *warps;
    three index;
};

/* A thread of the GPU; those of a block follow each other in memory. */
struct fibre : fibre_state, fibre_own {
    struct block *block;
};

extern struct fibre *self;
extern three gridDim, blockDim;

static inline struct block *own_block()
{
    return self->block;
}

#include "warps.cuh"

static inline int __shfl_xor_sync(unsigned, int own, int lanes)
{
    return static_cast<int>(__shfl_xor_sync(~0u, static_cast<uint32_t>(own), lanes));
}

static inline float __shfl_xor_sync(unsigned, float own, int lanes)
{
    return __uint_as_float(__shfl_xor_sync(~0u, __float_as_uint(own), lanes));
}

static inline float __shfl_up_sync(unsigned, float own, unsigned lanes)
{
    unsigned lane = self->index.x % 32;
    return __uint_as_float(exchange(__float_as_uint(own))[lane < lanes ? lane : lane - lanes]);
}

static inline int __shfl_sync(unsigned, int own, int lane)
{
    return static_cast<int>(exchange(static_cast<uint32_t>(own))[lane]);
}

static inline uint32_t __reduce_max_sync(unsigned, uint32_t own)
{
    const uint32_t *values = exchange(own);
    uint32_t most = 0;
    for (int i = 0; i < 32; i++)
        most = values[i] > most ? values[i] : most;
    return most;
}

static inline bool __all_sync(unsigned, bool own)
{
    const uint32_t *values = exchange(own);
    bool all = true;
    for (int i = 0; i < 32; i++)
        all = all && values[i];
    return all;
}
