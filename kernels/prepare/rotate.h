/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_KERNELS_PREPARE_ROTATE_H
#define AT_KERNELS_PREPARE_ROTATE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* +1 or -1: the random diagonal D of the rotation at column c, from Philox; the same for every head, for Q, K and V. */
float at_rotation_sign(uint64_t seed, int64_t c);

/*
 * E1: x <- x D H / sqrt(width) for each group of `width` columns (a power of two that divides dim) of one row, in fp32: signs, then
 * butterflies (a + b, a - b) at distances 1, 2, 4, ..., then one product with the fp32 number nearest to 1/sqrt(width), before which -0
 * becomes +0: so the bits are the same if any sums are made with the other sign, as the GPU does. H is the Hadamard matrix in natural
 * (Sylvester) order.
 */
void at_rotate_row(float *x, int64_t dim, int width, const float *signs);

/* E22: x <- x H D / sqrt(width), the inverse of at_rotate_row up to rounding, with the same operations in fp32; zeros keep their signs. */
void at_unrotate_row(float *x, int64_t dim, int width, const float *signs);

/* The inverse in double, for references. */
void at_unrotate_row_double(double *x, int64_t dim, int width, const float *signs);

#ifdef __cplusplus
}
#endif

#endif
