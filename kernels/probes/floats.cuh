/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#pragma once

#include "kernels/common/ptx/arithmetic.cuh"

/* One instruction for each float of a range of bit patterns; conversions pack the input twice, as kernels use them on pairs. */
#define FLOAT_PROBE(NAME, RESULT) \
    extern "C" __global__ void probe_##NAME(uint32_t first, int count, uint32_t *out) \
    { \
        for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < count; i += gridDim.x * blockDim.x) { \
            const float x = __uint_as_float(first + i); \
            out[i] = RESULT; \
        } \
    }

FLOAT_PROBE(ex2, __float_as_uint(at_ex2(x)))
FLOAT_PROBE(rcp, __float_as_uint(at_rcp(x)))
FLOAT_PROBE(lg2, __float_as_uint(at_lg2(x)))
FLOAT_PROBE(cvt_e4m3, at_pair_e4m3(x, x))
FLOAT_PROBE(cvt_e5m2, at_pair_e5m2(x, x))
FLOAT_PROBE(cvt_f16, at_pair_f16(x, x))
FLOAT_PROBE(cvt_bf16, at_pair_bf16(x, x))
