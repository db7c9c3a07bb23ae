/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_ORACLES_FP64_SM90_ARRANGE_H
#define AT_ORACLES_FP64_SM90_ARRANGE_H

#include "oracles/fp64_sm90/plan.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The operands of one head in the kernels' order, padded (config.h): ret_q[rows][depth]; ret_k[keys][depth], ret_v[slices][keys][columns].
 * The arrays are all zero before. What is not finite is left out: rows that see it have no finite truth.
 */
void at_fp64_arrange_queries(const struct at_fp64_plan *plan, const struct at_oracle_head *head, double *ret_q);
void at_fp64_arrange_keys(const struct at_fp64_plan *plan, const struct at_oracle_head *head, double *ret_k, double *ret_v);

#ifdef __cplusplus
}
#endif

#endif
