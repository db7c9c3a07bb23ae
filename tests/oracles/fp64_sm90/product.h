/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_TESTS_ORACLES_FP64_PRODUCT_H
#define AT_TESTS_ORACLES_FP64_PRODUCT_H

#include "kernels/common/gpu.h"

/* Milliseconds of the product of two n x n matrices of doubles, normal ones, by this machine's cuBLASLt: the median of some. */
enum at_status product_time(struct at_gpu *gpu, int64_t n, double *ret_ms, struct at_error *error);

#endif
