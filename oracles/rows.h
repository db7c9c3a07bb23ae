/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_ORACLES_ROWS_H
#define AT_ORACLES_ROWS_H

#include "oracles/oracle.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Rows of a truth that come from another one. */

/* Row n of `from` becomes row i of `to`; P if `to` has it. */
void at_oracle_take_row(const struct at_oracle_truth *from, int64_t n, const struct at_problem *problem, struct at_oracle_truth *to,
                        int64_t i);

/* The `count` rows that are not done, by `sharper`; *ret_bits: its precision. `oracle` names who asks. */
enum at_status at_oracle_solve_rest(const struct at_oracle_head *head, const bool *done, int64_t count, const char *oracle,
                                    const struct at_oracle *sharper, struct at_oracle_truth *truth, int *ret_bits, struct at_error *error);

/* radius_log2 of a truth of `count` outputs: the largest log2(radius / sum_abs) where both are finite and sum_abs > 0. */
double at_oracle_largest_ratio(const struct at_oracle_truth *truth, int64_t count);

#ifdef __cplusplus
}
#endif

#endif
