/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_TESTS_ORACLES_FP64_PROBE_H
#define AT_TESTS_ORACLES_FP64_PROBE_H

#include "kernels/common/gpu.h"

#ifdef __cplusplus
extern "C" {
#endif

/* probe.cu; loaded beside others or opened with. */
extern const struct at_gpu_image fp64_probe_image;

enum probe_order { PROBE_ASCENDING, PROBE_DESCENDING, PROBE_PAIRS, PROBE_PRODUCTS, PROBE_ORDERS };
extern const char *const probe_orders[PROBE_ORDERS];

/* Outputs of mma of depth 4, 8 or 16, and how many differ from sums in each order, or are beyond the bound that any order keeps. */
struct probe_result {
    int64_t outputs, differ[PROBE_ORDERS], beyond;
};

/* c + sum a[i] b[i * stride] for i < depth in that order; fused, except PROBE_PRODUCTS, which rounds products and adds ascending. */
double probe_sum(enum probe_order order, int depth, double c, const double *a, const double *b, int stride);

/* Whether |d - (c + sum a b)| <= gamma_(depth + 1) (|c| + sum |a b|) + (depth + 1) 2^-1074, exactly (eq. 40). */
bool probe_within(int depth, double d, double c, const double *a, const double *b, int stride);

enum at_status probe_products(struct at_gpu *gpu, int depth, uint64_t seed, int cases, struct probe_result *result, struct at_error *error);

/* TFLOP/s of products alone; `fused`: beside one scalar fused multiply-add for each 16 of theirs, which are not counted. */
enum at_status probe_rate(struct at_gpu *gpu, int depth, bool fused, double *ret_tflops, struct at_error *error);

#ifdef __cplusplus
}
#endif

#endif
