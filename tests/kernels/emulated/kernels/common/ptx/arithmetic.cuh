/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#pragma once

/* In the place of kernels/common/ptx/arithmetic.cuh: the special-function unit as the twin has it, and the conversions. */

#include "core/format.h"
#include "kernels/twin/mufu.h"

static inline float at_ex2(float x)
{
    return at_ex2_approx(x);
}

static inline float at_rcp(float x)
{
    return at_rcp_approx(x);
}

static inline float at_lg2(float x)
{
    return at_lg2_approx(x);
}

static inline uint32_t pair_of(enum at_format format, float low, float high)
{
    enum at_overflow overflow = at_formats[format].bits == 8 ? AT_OVERFLOW_SATURATE : AT_OVERFLOW_IEEE;
    return at_encode(format, low, overflow) | at_encode(format, high, overflow) << at_formats[format].bits;
}

static inline uint32_t at_pair_f16(float low, float high)
{
    return pair_of(AT_FP16, low, high);
}

static inline uint32_t at_pair_bf16(float low, float high)
{
    return pair_of(AT_BF16, low, high);
}

static inline uint32_t at_pair_e4m3(float low, float high)
{
    return pair_of(AT_E4M3, low, high);
}

static inline uint32_t at_pair_e5m2(float low, float high)
{
    return pair_of(AT_E5M2, low, high);
}

static inline uint32_t at_four_e4m3(float a, float b, float c, float d)
{
    return at_pair_e4m3(a, b) | at_pair_e4m3(c, d) << 16;
}
