/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_ORACLES_FP64_SM90_FP64_SM90_H
#define AT_ORACLES_FP64_SM90_FP64_SM90_H

#include "kernels/common/gpu.h"
#include "oracles/oracle.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The fp64 oracle for callers that hold a GPU, several heads in one launch. */

/* The kernels: open the GPU with them, or load them beside others (kernels/common/gpu.h). */
extern const struct at_gpu_image at_fp64_image;

enum at_fp64_want {
    AT_FP64_SUMS,  /* all that struct at_oracle_truth has */
    AT_FP64_VALUES /* cheaper: sum_abs is only bounded, by the largest |v| of the column, and the radius is that much wider; no p */
};

/*
 * Fills truths[count]. The heads are of one shape: equal problem, rows, row_count and score_dim; neighbours that share K and V share
 * memory. Rows for which no bound stands, because a score or a value is too large (eq. 43), go to oracles/certified; *ret_declined is their
 * number, if asked for. AT_ERR_MEMORY before anything is computed.
 */
enum at_status at_fp64_solve(struct at_gpu *gpu, const struct at_oracle_head *heads, int64_t count, enum at_fp64_want want,
                             struct at_oracle_truth *truths, int64_t *ret_declined, struct at_error *error);

#ifdef __cplusplus
}
#endif

#endif
