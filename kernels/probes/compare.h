/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_KERNELS_PROBES_COMPARE_H
#define AT_KERNELS_PROBES_COMPARE_H

#include "kernels/probes/probe.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The two kinds of probe: dots.c and floats.c; at_probe_run chooses. */

enum at_status at_probe_dots(const struct at_probe *probe, struct at_gpu *gpu, const struct at_probe_request *request,
                             struct at_pulse *pulse, struct at_probe_outcome *ret_outcome, struct at_error *error);

enum at_status at_probe_floats(const struct at_probe *probe, struct at_gpu *gpu, const struct at_probe_request *request,
                               struct at_pulse *pulse, struct at_probe_outcome *ret_outcome, struct at_error *error);

/* One instruction's worth of wgmma operands: A 64 x depth, B n x depth (its columns one after the other), C 64 x n. */
enum { AT_PROBE_ROWS = 64, AT_PROBE_ROW_BYTES = 32, AT_PROBE_MOST_COLUMNS = 256 };

/*
 * Fills case `index` of the operands of `n` columns: a pure function of (seed, probe, n, index). The cases go through random bit patterns
 * (NaN and infinities among them), finite ones, normal deviates, close exponents, smallest and largest exponents, few nonzero products,
 * sums that cancel, rare specials and products near fp32's smallest; and through accumulators that are zero of either sign, normal
 * deviates, random bit patterns, subnormal, close to overflow, and minus the sum of the products.
 */
void at_probe_case(const struct at_probe *probe, uint64_t seed, int n, int64_t index, void *ret_a, void *ret_b, float *ret_c);

/* `count` elements of AT_PROBE_ROW_BYTES-byte rows as fp32 numbers. */
void at_probe_decode(enum at_format format, const void *codes, int64_t count, float *ret_values);

#ifdef __cplusplus
}
#endif

#endif
