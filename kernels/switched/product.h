/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_KERNELS_SWITCHED_PRODUCT_H
#define AT_KERNELS_SWITCHED_PRODUCT_H

#include "kernels/twin/wgmma.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Products of a row with a matrix of doubles, without rounding or with that of a chain of WGMMAs. */

/* As at_wgmma_exponent, of any double: max(floor(log2|x|), smallest normal exponent of `format`), AT_WGMMA_ZERO for 0. */
void at_product_exponents(enum at_format format, const double *x, int64_t count, int32_t *ret_exponent);

/* d[j] <- d[j] + sum over i in [0, k) of a[i] b[i][j], j in [0, n), in double. */
void at_product_exact(const double *a, const double *b, int64_t k, int64_t n, double *d);

/*
 * The same by instructions of r.depth products (docs/numerics.md, "One WGMMA") on operands that need not be numbers of any format: the
 * exponents are those of at_product_exponents, a product is the double nearest to a b, and terms, sum and result are truncated as the
 * instruction truncates. On numbers of the formats it has the bits of at_wgmma_dot; NaN and infinities stay some NaN or infinity.
 *   k: a multiple of r.depth; a, a_exponent[k]; b, b_exponent[k][n]
 */
void at_product_truncated(struct at_wgmma_rounding r, const double *a, const int32_t *a_exponent, const double *b,
                          const int32_t *b_exponent, int64_t k, int64_t n, double *d);

#ifdef __cplusplus
}
#endif

#endif
