/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_ORACLES_FP64_SM90_EXP2_H
#define AT_ORACLES_FP64_SM90_EXP2_H

#include "oracles/fp64_sm90/config.h"

#include <stdbool.h>

#ifdef __CUDACC__
#define AT_FP64_FUNCTION static __device__ __forceinline__
#else
#include <math.h>
#include <string.h>
#define AT_FP64_FUNCTION static inline
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* The same operations on the GPU and on the CPU, so that the bits are the same. */

#ifdef __CUDACC__
AT_FP64_FUNCTION double at_fp64_fused(double a, double b, double c)
{
    return __fma_rn(a, b, c);
}

AT_FP64_FUNCTION double at_fp64_plus(double a, double b)
{
    return __dadd_rn(a, b);
}

AT_FP64_FUNCTION double at_fp64_times(double a, double b)
{
    return __dmul_rn(a, b);
}

AT_FP64_FUNCTION uint64_t at_fp64_bits(double x)
{
    return (uint64_t)__double_as_longlong(x);
}

AT_FP64_FUNCTION double at_fp64_of_words(uint32_t high, uint32_t low)
{
    return __hiloint2double((int)high, (int)low);
}
#else
AT_FP64_FUNCTION double at_fp64_fused(double a, double b, double c)
{
    return fma(a, b, c);
}

AT_FP64_FUNCTION double at_fp64_plus(double a, double b)
{
    return a + b;
}

AT_FP64_FUNCTION double at_fp64_times(double a, double b)
{
    return a * b;
}

AT_FP64_FUNCTION uint64_t at_fp64_bits(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

AT_FP64_FUNCTION double at_fp64_of_words(uint32_t high, uint32_t low)
{
    uint64_t bits = (uint64_t)high << 32 | low;
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}
#endif

/* 3 2^51: the last bits of x + it are the whole number nearest to x, |x| < 2^51. */
#define AT_FP64_MAGIC 0x1.8p52

AT_FP64_FUNCTION double at_fp64_whole(double x)
{
    return at_fp64_plus(at_fp64_plus(x, AT_FP64_MAGIC), -AT_FP64_MAGIC);
}

/*
 * 2^t (1 + e), |e| <= 2^-52, for -1000 <= t <= 1000 (eq. 42); 0 for t < -1000. 2^f on [-1/2, 1/2] is a polynomial of degree 11 whose
 * coefficients minimise the relative error, rounded to doubles.
 */
AT_FP64_FUNCTION double at_fp64_exp2(double t)
{
    double shifted = at_fp64_plus(t, AT_FP64_MAGIC);
    double f = at_fp64_plus(t, -at_fp64_plus(shifted, -AT_FP64_MAGIC)), p = 0x1.c0638527edf34p-32; /* 4.078e-10 */
    p = at_fp64_fused(p, f, 0x1.e605f979c7a5dp-28);                                                /* 7.073e-9 */
    p = at_fp64_fused(p, f, 0x1.b54167a0b9061p-24);                                                /* 1.018e-7 */
    p = at_fp64_fused(p, f, 0x1.62bfd49ed0adfp-20);                                                /* 1.322e-6 */
    p = at_fp64_fused(p, f, 0x1.ffcbee3b0af8cp-17);                                                /* 1.525e-5 */
    p = at_fp64_fused(p, f, 0x1.4309130961163p-13);                                                /* 1.540e-4 */
    p = at_fp64_fused(p, f, 0x1.5d87fe7bbbe07p-10);                                                /* 1.333e-3 */
    p = at_fp64_fused(p, f, 0x1.3b2ab6fba1e1cp-7);                                                 /* 9.618e-3 */
    p = at_fp64_fused(p, f, 0x1.c6b08d7048f31p-5);                                                 /* 0.0555 */
    p = at_fp64_fused(p, f, 0x1.ebfbdff82c598p-3);                                                 /* 0.2402 */
    p = at_fp64_fused(p, f, 0x1.62e42fefa39f3p-1);                                                 /* 0.6931 */
    p = at_fp64_fused(p, f, 1.0);
    uint64_t bits = at_fp64_bits(p);
    uint32_t high = (uint32_t)(bits >> 32) + ((uint32_t)at_fp64_bits(shifted) << 20), low = (uint32_t)bits;
    /* the upper words of negative numbers grow as they fall: 0xc08f4000 is that of -1000 */
    bool dropped = (uint32_t)(at_fp64_bits(t) >> 32) > 0xc08f4000u;
    return at_fp64_of_words(dropped ? 0 : high, dropped ? 0 : low);
}

#ifdef __cplusplus
}
#endif

#endif
