/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_KERNELS_TWIN_MUFU_H
#define AT_KERNELS_TWIN_MUFU_H

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The special-function unit of Hopper, bit for bit (measured on an H200: 0 of 2^32 inputs differ for each function). Subnormal inputs
 * count as zero and subnormal results are flushed to zero, as `.ftz` says.
 */
float at_ex2_approx(float x); /* 2^x */
float at_rcp_approx(float x); /* 1/x */
float at_lg2_approx(float x); /* log2 x */

/* 2^x rounded to the nearest fp32 number (docs/numerics.md, E13), with subnormals. */
float at_ex2_exact(float x);

/* log2 x rounded to the nearest fp32 number for normal x > 0; -infinity for 0. */
float at_lg2_exact(float x);

#ifdef __cplusplus
}
#endif

#endif
