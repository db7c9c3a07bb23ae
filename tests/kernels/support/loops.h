/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_TESTS_KERNELS_LOOPS_H
#define AT_TESTS_KERNELS_LOOPS_H

#include "kernels/twin/lanes.h"

/* Attacks on the element-wise loops of a path: `lanes` against the plain functions they stand for. */

/* Every `stride`-th of the 2^32 bit patterns, from a start that moves with the block; stride 1 is all. Bits must agree. */
void loops_exponentiate(const struct at_lanes *lanes, uint32_t stride);

/* Every `stride`-th number from 0 to 2^100, infinity and NaN, in each format: values, and the counts of clipped and vanished ones. */
void loops_cast(const struct at_lanes *lanes, uint32_t stride);

/* Every code of every format, with NaN and infinities among them, at every length up to 40: exponents, range, special. */
void loops_take_exponents(const struct at_lanes *lanes);

/* Every code of every format at every length up to 100: at_decode's bits; of 8-bit ones also the parts, exponents and their range. */
void loops_decode(const struct at_lanes *lanes);

/* Sums of a maximum and of fused multiply-adds at every length up to 100, NaN and infinities among the numbers. */
void loops_maximum_and_shift(const struct at_lanes *lanes);

#endif
