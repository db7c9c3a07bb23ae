/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_CHECK_MODEL_H
#define AT_STUDY_CHECK_MODEL_H

#include "study/check_expect.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The other source of expected errors: the a-priori model of docs/budget.md, where the twin has not the head dimension or is not wanted. It
 * runs no kernel; how far right kernels come from it is measured where the twin exists (check_spread.h).
 */
extern const struct at_check_source at_check_by_model;

/*
 * What the kernel's part is expected to be on these operands in rows `rows` of head `head` (b * query heads + h), whose truth, with P, is
 * that of the operands: P's cast, the two accumulators, rounded scores and the output, each as noise of its format.
 *   ret_square[rows]: mean square over the columns; 0 without a finite truth
 */
enum at_status at_check_model_rows(const struct at_check_case *c, const struct at_operands *operands, const struct at_rows *rows,
                                   const struct at_oracle_truth *truth, int64_t head, double *ret_square, struct at_error *error);

#ifdef __cplusplus
}
#endif

#endif
