/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_KERNELS_TWIN_LANES_H
#define AT_KERNELS_TWIN_LANES_H

#include "kernels/twin/attention.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The element-wise steps of a row, many at a time: loops without branches that the compiler turns into vector code, compiled once for
 * each path (lanes_loops.h). Every path gives the bits of the plain functions named beside each.
 */
struct at_lanes {
    /* x[i] <- at_ex2_approx(x[i]) */
    void (*ex2)(float *x, int64_t n);

    /*
     * x[i] (0 to 2^100, infinite or NaN) <- decoded from its code in `format` (at_encode, at_decode): 8-bit formats saturate. Adds the
     * numbers of finite elements that exceeded the format and of nonzero ones that became zero.
     */
    void (*cast)(enum at_format format, float *x, int64_t n, int64_t *saturated, int64_t *underflowed);

    /* exponent[i] <- at_wgmma_exponent(format, x[i]), 0 for NaN and infinities; range of those of finite nonzero elements. */
    void (*exponents)(enum at_format format, const float *x, int64_t n, int16_t *exponent, int *least, int *most, bool *special);

    /* x[i] <- at_decode(format, codes[i]); a format of 8 or 16 bits. */
    void (*decode)(enum at_format format, const void *codes, int64_t n, float *x);

    /*
     * x = at_decode(format, codes[i]), a format of 8 bits: above[i] <- max(x, 0), below[i] <- min(x, 0) or -0, narrow[i] <- its exponent,
     * AT_PANEL_NOTHING for zero, AT_PANEL_SPECIAL for NaN and infinities, whose parts mean nothing.
     */
    void (*decode_parts)(enum at_format format, const uint8_t *codes, int64_t n, float *above, float *below, int8_t *narrow);

    /* The least of narrow[n] but for AT_PANEL_NOTHING, 127 if there is none, and the largest. */
    void (*narrow_range)(const int8_t *narrow, int64_t n, int *least, int *most);

    /* The largest of `least` and x[n]; NaN among x are passed over. */
    float (*largest)(const float *x, int64_t n, float least);

    /* x[i] <- fma(x[i], factor, addend) */
    void (*shift)(float *x, int64_t n, float factor, float addend);
};

/* The loops of a path; those of AT_SIMD_SCALAR are the plain functions themselves. `simd` is not AT_SIMD_AUTO. */
const struct at_lanes *at_lanes_of(enum at_simd simd);

extern const struct at_lanes at_lanes_avx2, at_lanes_avx512;

#ifdef __cplusplus
}
#endif

#endif
