/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_DATASETS_AXIS_H
#define AT_DATASETS_AXIS_H

#include "datasets/fill.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Rows made of one direction and noise across it. Each key/value head has a unit vector w, shared by its query heads and all batches;
 * with n of independent N(0, 1) and n' = n - (n.w) w
 *   row = along * w + across * n'
 * so that before rounding q.k = along_q along_k + across_q across_k n'.n'': the first part is exact, the second has mean 0 and, over
 * keys, standard deviation across_q across_k |n'|.
 */

/* Sets head->pattern to w. */
void at_axis_begin_head(struct at_fill_head *head);

/* One row; `head` has been begun. */
void at_axis_row(const struct at_fill_head *head, int64_t s, double along, double across, double *ret_row);

/* What `across` of Q must be for scaled scores of standard deviation `deviation` (nats) where that of K is 1. */
double at_axis_across(const struct at_problem *problem, double deviation);

#ifdef __cplusplus
}
#endif

#endif
