/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#pragma once

/* What nvcc has built in, for g++: as much of it as the kernels use; first what needs no other thread. */

#include "core/bits.h"

#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <string.h>

#include "fibres.cuh"

struct alignas(8) uint2 {
    uint32_t x, y;
};
struct alignas(16) uint4 {
    uint32_t x, y, z, w;
};
struct alignas(16) float4 {
    float x, y, z, w;
};

static inline uint2 make_uint2(uint32_t x, uint32_t y)
{
    return {x, y};
}

static inline uint4 make_uint4(uint32_t x, uint32_t y, uint32_t z, uint32_t w)
{
    return {x, y, z, w};
}

static inline float4 make_float4(float x, float y, float z, float w)
{
    return {x, y, z, w};
}

static inline uint32_t __float_as_uint(float x)
{
    return at_bits_of_float(x);
}

static inline float __uint_as_float(uint32_t x)
{
    return at_float_of_bits(x);
}

static inline int __float_as_int(float x)
{
    return static_cast<int>(at_bits_of_float(x));
}

static inline float __int_as_float(int x)
{
    return at_float_of_bits(static_cast<uint32_t>(x));
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

/* PTX max.f32: the other number where one is NaN, a signalling one too, which the C function does not promise; +0 is larger than -0. */
static inline float max_f32(float a, float b)
{
    return a != a ? b : b != b ? a : a > b || (a == b && !std::signbit(a)) ? a : b;
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

static inline int __vimax3_s32(int a, int b, int c)
{
    return max(max(a, b), c);
}
