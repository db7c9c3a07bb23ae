/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_TESTS_KERNELS_DOT_SPEC_H
#define AT_TESTS_KERNELS_DOT_SPEC_H

#include "core/format.h"

/*
 * One output element of one WGMMA from the rules of the measurement, in big integers (GMP) and from the bits of the codes: nothing of
 * kernels/twin or of at_decode is used.
 *   a[depth], b[depth * stride]: codes; depth 32 for 8 bits, 16 for 16 bits, 8 for fp32, which is read as tf32; c: the accumulator
 * Finite terms only. A result that is truncated to nothing keeps its sign; a zero sum is +0.
 */
float spec_dot(enum at_format a_format, enum at_format b_format, const uint32_t *a, const uint32_t *b, int64_t stride, float c);

/* Whether a code is NaN or infinite, from its fields. */
bool spec_special(enum at_format format, uint32_t code);

#endif
