/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_KERNELS_PREPARE_PREPARE_H
#define AT_KERNELS_PREPARE_PREPARE_H

#include "kernels/operands.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Rotates, smooths, scales and quantises `inputs` (any format, not changed) as `numerics` says (docs/numerics.md, E1 to E6). The bits
 * do not depend on the number of threads. `inputs` must have the shapes of `problem`. Free with at_operands_done.
 */
enum at_status at_prepare(const struct at_problem *problem, const struct at_numerics *numerics, const struct at_qkv *inputs,
                          struct at_operands *ret_operands, struct at_error *error);

/*
 * The elements that the quantised operands of one head stand for, in the space of the inputs where that is the same for softmax:
 * Q and K are left rotated (scores do not change), V's mean is added back and V is rotated back, and K's mean is left out (it moves only
 * the log-sum-exp, by lse_shift). With a smoothed Q the kernel's scores are q . k of the quantised residuals plus mean(Q) . k of the
 * unquantised keys: rows are then twice as wide, (q, mean) and (quantised k, k), and their product is that sum.
 * Each element is computed in double from code, scale and mean.
 *   h: the query head; rows[row_count]: the query rows wanted
 *   ret_q[row_count][score_dim], ret_k[seq_k][score_dim], ret_v[seq_k][dim]; score_dim = at_operands_score_dim
 */
int64_t at_operands_score_dim(const struct at_operands *operands); /* dim, or 2 dim with a smoothed Q */
void at_operands_dequantise(const struct at_operands *operands, int64_t b, int64_t h, const int64_t *rows, int64_t row_count, double *ret_q,
                            double *ret_k, double *ret_v);

#ifdef __cplusplus
}
#endif

#endif
