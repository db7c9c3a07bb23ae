/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_ORACLES_FP64_SM90_FINISH_H
#define AT_ORACLES_FP64_SM90_FINISH_H

#include "oracles/fp64_sm90/batch.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Row i of head h of `truth`, from the batch's results. False, and `truth` is untouched, where no bound stands. Without batch->sums,
 * sum_abs becomes the largest |v| of the column, which is no less than sum p |v|.
 */
bool at_fp64_finish(const struct at_fp64_batch *batch, int64_t h, int64_t i, struct at_oracle_truth *truth);

#ifdef __cplusplus
}
#endif

#endif
