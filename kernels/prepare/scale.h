/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_KERNELS_PREPARE_SCALE_H
#define AT_KERNELS_PREPARE_SCALE_H

#include "core/numerics.h"
#include "kernels/operands.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * E4: the fp32 scale of a group of elements whose largest magnitude is `amax` >= 0: amax / max(format) rounded to nearest, or that
 * rounded up to a power of two, or the given number; at least 2^-126, so that its reciprocal is finite; 1 where amax is 0 or infinite.
 */
float at_scale_value(const struct at_operand_numerics *numerics, float amax);

/*
 * Allocates the scales of `values` [batch][heads][seq][dim] as `numerics` asks and fills them. `share`: consecutive heads that share
 * a head scale (the query heads of one key/value head; 1 for K and V). NaN elements do not enter amax.
 */
enum at_status at_scales_init(struct at_scales *ret_scales, const struct at_operand_numerics *numerics, const float *values, int64_t batch,
                              int64_t heads, int64_t seq, int64_t dim, int64_t share, struct at_error *error);

#ifdef __cplusplus
}
#endif

#endif
