/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#pragma once

/* Barriers and exchanges, once `struct warp`, `struct block`, `self` and own_block() are there. */

#define threadIdx (self->index)
#define blockIdx (own_block()->index)

static inline struct warp *own_warp()
{
    return &own_block()->warps[self->index.x / 32];
}

static inline void __syncthreads()
{
    come_to(&own_block()->gate);
}

static inline void __syncwarp()
{
    come_to(&own_warp()->gate);
}

/* Every lane's value, until the exchange after the next. */
static inline const uint32_t *exchange(uint32_t own)
{
    uint32_t *values = own_warp()->value[self->exchanges++ % 2];
    values[self->index.x % 32] = own;
    __syncwarp();
    return values;
}

static inline uint32_t __shfl_xor_sync(unsigned, uint32_t own, int lanes)
{
    return exchange(own)[(self->index.x % 32) ^ static_cast<unsigned>(lanes)];
}
