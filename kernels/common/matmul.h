/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_KERNELS_COMMON_MATMUL_H
#define AT_KERNELS_COMMON_MATMUL_H

#include "kernels/common/gpu.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The product of two n x n matrices by cuBLASLt, which is what a GPU does at best: C = A B^T with A and B of one format, fp32 accumulation,
 * C in bf16. Of 8-bit formats the accumulator is that of the matrix unit (cuBLASLt calls it fast): it is never promoted, as in
 * FlashAttention-3's kernel.
 */
struct at_matmul;

/*
 * Allocates the matrices on `gpu` and fills A and B with the codes at `a` and `b`, `bytes` each, repeated as often as needed. `format` is
 * AT_BF16 or AT_E4M3, n a multiple of 16. AT_ERR_NOT_FOUND: there is no cuBLASLt. Close with at_matmul_close.
 */
enum at_status at_matmul_open(struct at_gpu *gpu, enum at_format format, int64_t n, const void *a, const void *b, size_t bytes,
                              struct at_matmul **ret_matmul, struct at_error *error);
struct at_matmul *at_matmul_close(struct at_matmul *matmul); /* NULL is fine; returns NULL */

/* cuBLASLt's own: 130100 is 13.1.0. */
size_t at_matmul_version(const struct at_matmul *matmul);

/* Enqueues one product. */
enum at_status at_matmul_start(struct at_matmul *matmul, struct at_error *error);

/* Copies row i of C to the host, n codes of bf16, after what was enqueued. */
enum at_status at_matmul_row(struct at_matmul *matmul, int64_t i, void *ret_codes, struct at_error *error);

#ifdef __cplusplus
}
#endif

#endif
