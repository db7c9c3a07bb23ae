/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#pragma once

#include <cstdint>

/* One instruction for each float of a range of bit patterns; conversions pack the input twice, as kernels use them on pairs. */

struct ex2 {
    static __device__ uint32_t of(float x)
    {
        float y;
        asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
        return __float_as_uint(y);
    }
};

struct rcp {
    static __device__ uint32_t of(float x)
    {
        float y;
        asm("rcp.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
        return __float_as_uint(y);
    }
};

struct lg2 {
    static __device__ uint32_t of(float x)
    {
        float y;
        asm("lg2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
        return __float_as_uint(y);
    }
};

struct cvt_e4m3 {
    static __device__ uint32_t of(float x)
    {
        uint16_t pair;
        asm("cvt.rn.satfinite.e4m3x2.f32 %0, %1, %1;" : "=h"(pair) : "f"(x));
        return pair;
    }
};

struct cvt_e5m2 {
    static __device__ uint32_t of(float x)
    {
        uint16_t pair;
        asm("cvt.rn.satfinite.e5m2x2.f32 %0, %1, %1;" : "=h"(pair) : "f"(x));
        return pair;
    }
};

struct cvt_f16 {
    static __device__ uint32_t of(float x)
    {
        uint32_t pair;
        asm("cvt.rn.f16x2.f32 %0, %1, %1;" : "=r"(pair) : "f"(x));
        return pair;
    }
};

struct cvt_bf16 {
    static __device__ uint32_t of(float x)
    {
        uint32_t pair;
        asm("cvt.rn.bf16x2.f32 %0, %1, %1;" : "=r"(pair) : "f"(x));
        return pair;
    }
};

template <class instruction> __device__ void walk(uint32_t first, int count, uint32_t *out)
{
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < count; i += gridDim.x * blockDim.x)
        out[i] = instruction::of(__uint_as_float(first + i));
}

#define FLOAT_PROBE(NAME) \
    extern "C" __global__ void probe_##NAME(uint32_t first, int count, uint32_t *out) \
    { \
        walk<NAME>(first, count, out); \
    }

FLOAT_PROBE(ex2)
FLOAT_PROBE(rcp)
FLOAT_PROBE(lg2)
FLOAT_PROBE(cvt_e4m3)
FLOAT_PROBE(cvt_e5m2)
FLOAT_PROBE(cvt_f16)
FLOAT_PROBE(cvt_bf16)
