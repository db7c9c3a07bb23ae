/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_TESTS_KERNELS_PATHS_H
#define AT_TESTS_KERNELS_PATHS_H

#include "kernels/twin/wgmma.h"

/* Attacks on one vector path, against the scalar one; each skips visibly where this machine lacks the path. */

/* Bit equality on at least `products` random products of every format, regime and accumulator that the path itself takes. */
void path_gives_the_scalar_bits(enum at_simd simd, at_wgmma_chain_path *path, int64_t products);

/* Bit equality on sums at and beyond the end of int32, with accumulators that add to them or not. */
void path_holds_the_largest_sums(enum at_simd simd, at_wgmma_chain_path *path);

/* Operands and accumulators outside the path's range, infinities and NaN: the same bits through at_wgmma_chain. */
void path_leaves_its_range_to_scalar(enum at_simd simd);

#endif
