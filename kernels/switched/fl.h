/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_KERNELS_SWITCHED_FL_H
#define AT_KERNELS_SWITCHED_FL_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* fp32 rounding of operations on doubles: where the operands are fp32 numbers, the bits of the fp32 operation. */

/*
 * Sums, products and quotients of two fp32 numbers in double, rounded once more to fp32, are those of fp32: 53 >= 2 * 24 + 2 bits
 * (Figueroa, "When is double rounding innocuous?", SIGNUM 30(3), 1995).
 */
static inline double at_fl(double x)
{
    return (double)(float)x;
}

/* fl(x) if `on`, else x. */
static inline double at_fl_if(bool on, double x)
{
    return on ? at_fl(x) : x;
}

static inline bool at_is_fp32(double x)
{
    return x == (double)(float)x;
}

/* fl(a b + c) with one rounding where all three are fp32 numbers; else a fused multiply-add in double, rounded to fp32. */
static inline double at_fl_fma(double a, double b, double c)
{
    return at_is_fp32(a) && at_is_fp32(b) && at_is_fp32(c) ? (double)fmaf((float)a, (float)b, (float)c) : at_fl(fma(a, b, c));
}

/* Whether all of x[n] are fp32 numbers; NaN is none. */
static inline bool at_are_fp32(const double *x, int64_t n)
{
    int64_t others = 0;
    for (int64_t i = 0; i < n; i++)
        others += !at_is_fp32(x[i]);
    return others == 0;
}

#ifdef __cplusplus
}
#endif

#endif
