/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_TESTS_ORACLES_FP64_PRODUCT_H
#define AT_TESTS_ORACLES_FP64_PRODUCT_H

#include "kernels/common/gpu.h"

/* The product of two n x n matrices of doubles, normal ones, by this machine's cuBLASLt, on one GPU. */
struct product;

/* AT_ERR_NOT_FOUND: there is no cuBLASLt. Free with product_free; NULL is fine. */
enum at_status product_new(struct at_gpu *gpu, int64_t n, struct product **ret_product, struct at_error *error);
void product_free(struct product *product);

/* Milliseconds by the GPU's clock: ret_ms[repeats], in order of time. */
enum at_status product_time(struct product *product, int repeats, double *ret_ms, struct at_error *error);

#endif
