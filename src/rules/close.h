/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_RULES_CLOSE_H
#define AT_RULES_CLOSE_H

#include "core/format.h"

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* PyTorch's element-wise arithmetic, as the sources of several rules use it. */

/* The number of `format` nearest to x, as one operation on a tensor of that type leaves it; overflow gives infinity or NaN. */
float at_close_round(enum at_format format, float x);

/* fl(a - b) in `format`. */
float at_close_difference(enum at_format format, float a, float b);

/*
 * torch.testing.assert_close on two tensors of `format`, equal_nan=False: every element equal, or |got - reference| finite and at most
 * atol + |rtol * reference|, each operation rounded to the format. NaN is never close; an infinity only to itself.
 * Source: PyTorch, aten/src/ATen/native/TensorCompare.cpp, isclose.
 */
bool at_close_all(const float *got, const float *reference, int64_t count, double atol, double rtol, enum at_format format);

/* tensor.abs().max() of got - reference, computed in `format`: NaN if any difference is NaN; 0 of nothing. */
float at_close_largest(const float *got, const float *reference, int64_t count, enum at_format format);

#ifdef __cplusplus
}
#endif

#endif
