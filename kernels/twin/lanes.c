/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/twin/lanes.h"

#include "kernels/twin/mufu.h"
#include "kernels/twin/wgmma.h"

#include <math.h>

static void ex2(float *x, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        x[i] = at_ex2_approx(x[i]); /* E13b */
}

static void cast(enum at_format format, float *x, int64_t n, int64_t *saturated, int64_t *underflowed)
{
    enum at_overflow overflow = at_formats[format].bits == 8 ? AT_OVERFLOW_SATURATE : AT_OVERFLOW_IEEE; /* E15d */
    for (int64_t i = 0; i < n; i++) {
        float kept = at_decode(format, at_encode(format, x[i], overflow)); /* E15e */
        *saturated += isfinite(x[i]) && !isfinite(at_decode(format, at_encode(format, x[i], AT_OVERFLOW_IEEE)));
        *underflowed += kept == 0 && x[i] != 0;
        x[i] = kept;
    }
}

static void exponents(enum at_format format, const float *x, int64_t n, int16_t *exponent, int *least, int *most, bool *special)
{
    *least = INT16_MAX;
    *most = INT16_MIN;
    *special = false;
    for (int64_t i = 0; i < n; i++) {
        *special |= !isfinite(x[i]);
        exponent[i] = (int16_t)(isfinite(x[i]) ? at_wgmma_exponent(format, x[i]) : 0);
        if (x[i] != 0 && isfinite(x[i])) {
            *least = exponent[i] < *least ? exponent[i] : *least;
            *most = exponent[i] > *most ? exponent[i] : *most;
        }
    }
}

static void decode(enum at_format format, const void *codes, int64_t n, float *x)
{
    at_decode_array(format, codes, (size_t)n, x);
}

static void decode_parts(enum at_format format, const uint8_t *codes, int64_t n, float *above, float *below, int8_t *narrow)
{
    for (int64_t i = 0; i < n; i++) {
        float x = at_decode(format, codes[i]);
        above[i] = signbit(x) ? 0.0f : x;
        below[i] = signbit(x) ? x : 0.0f;
        narrow[i] = (int8_t)(!isfinite(x) ? AT_PANEL_SPECIAL : x == 0 ? AT_PANEL_NOTHING : at_wgmma_exponent(format, x));
    }
}

static void narrow_range(const int8_t *narrow, int64_t n, int *least, int *most)
{
    *least = INT8_MAX;
    *most = INT8_MIN;
    for (int64_t i = 0; i < n; i++) {
        *least = narrow[i] != AT_PANEL_NOTHING && narrow[i] < *least ? narrow[i] : *least;
        *most = narrow[i] > *most ? narrow[i] : *most;
    }
}

static float largest(const float *x, int64_t n, float least)
{
    for (int64_t i = 0; i < n; i++)
        least = x[i] > least ? x[i] : least;
    return least;
}

static void shift(float *x, int64_t n, float factor, float addend)
{
    for (int64_t i = 0; i < n; i++)
        x[i] = fmaf(x[i], factor, addend); /* E12c */
}

static const struct at_lanes lanes_scalar = {ex2, cast, exponents, decode, decode_parts, narrow_range, largest, shift};

const struct at_lanes *at_lanes_of(enum at_simd simd)
{
#ifdef AT_HAVE_X86_PATHS
    if (simd == AT_SIMD_AVX512)
        return &at_lanes_avx512;
    if (simd == AT_SIMD_AVX2)
        return &at_lanes_avx2;
#endif
    (void)simd;
    return &lanes_scalar;
}
