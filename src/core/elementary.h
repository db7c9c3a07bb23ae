/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_CORE_ELEMENTARY_H
#define AT_CORE_ELEMENTARY_H

#ifdef __cplusplus
extern "C" {
#endif

/*
 * exp2 and log in double precision from IEEE +, -, *, / alone, so that they give the same bits with every mathematical library.
 * tests/core/test_elementary.c measures them against MPFR.
 */

/*
 * 2^x; relative error below 2^-50 for -1022 <= x < 1024; a subnormal result also loses up to half its last place; 0 from -1075 down,
 * infinity from 1024; NaN for NaN.
 */
double at_exp2(double x);

/* Natural logarithm of x > 0, normal; relative error below 2^-48. -infinity for 0, NaN for x < 0 and NaN, infinity for infinity. */
double at_log(double x);

#ifdef __cplusplus
}
#endif

#endif
