/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#pragma once

/* What nvcc has built in, for g++: as much of it as the prepare kernels use. */

#include "core/bits.h"

#include <cmath>
#include <cstdint>
#include <string.h>

#include "fibres.cuh"

struct alignas(16) uint4 {
    uint32_t x, y, z, w;
};
struct alignas(16) float4 {
    float x, y, z, w;
};

struct warp {
    struct gate gate;
    uint32_t value[2][32];
};

struct block {
    struct gate gate;
    char *shared;
    struct warp *warps;
    three index;
};

enum { MOST_COPIES = 512 };

/* A thread of the GPU. */
struct fibre : fibre_state {
    struct block *block;
    struct {
        char *to;
        const char *from; /* NULL: zeros */
        int group;
    } copies[MOST_COPIES];
    int copy_count, groups;
};

extern struct fibre *self;
extern three gridDim, blockDim;

static inline struct block *own_block()
{
    return self->block;
}

#include "warps.cuh"

static inline uint32_t __float_as_uint(float x)
{
    return at_bits_of_float(x);
}

static inline float __uint_as_float(uint32_t x)
{
    return at_float_of_bits(x);
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

static inline uint32_t __reduce_max_sync(unsigned, uint32_t own)
{
    const uint32_t *values = exchange(own);
    uint32_t most = 0;
    for (int i = 0; i < 32; i++)
        most = values[i] > most ? values[i] : most;
    return most;
}

static inline float __fadd_rn(float a, float b)
{
    return a + b;
}

static inline float __fsub_rn(float a, float b)
{
    return a - b;
}

static inline float __fmul_rn(float a, float b)
{
    return a * b;
}

static inline float __fdiv_rn(float a, float b)
{
    return a / b;
}

static inline float __frcp_rn(float a)
{
    return 1.0f / a;
}

static inline float __fmaf_rn(float a, float b, float c)
{
    return fmaf(a, b, c);
}

/* PTX max.f32: the other number where one is NaN, a signalling one too, which the C function does not promise. */
static inline float max_f32(float a, float b)
{
    return a != a ? b : b != b ? a : a > b ? a : b;
}
#define fmaxf max_f32

static inline float __int2float_rn(int a)
{
    return (float)a;
}

static inline uint32_t __byte_perm(uint32_t a, uint32_t b, uint32_t selector)
{
    uint64_t both = (uint64_t)b << 32 | a;
    uint32_t result = 0;
    for (int i = 0; i < 4; i++)
        result |= (uint32_t)(both >> 8 * (selector >> 4 * i & 7) & 0xff) << 8 * i;
    return result;
}

static inline int min(int a, int b)
{
    return a < b ? a : b;
}

static inline int max(int a, int b)
{
    return a > b ? a : b;
}

static inline uint32_t max(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

static inline uint4 make_uint4(uint32_t x, uint32_t y, uint32_t z, uint32_t w)
{
    return {x, y, z, w};
}

static inline float4 make_float4(float x, float y, float z, float w)
{
    return {x, y, z, w};
}
