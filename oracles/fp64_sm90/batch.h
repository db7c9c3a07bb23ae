/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_ORACLES_FP64_SM90_BATCH_H
#define AT_ORACLES_FP64_SM90_BATCH_H

#include "oracles/fp64_sm90/bound.h"
#include "oracles/fp64_sm90/facts.h"
#include "oracles/fp64_sm90/task.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Heads of one shape on their way through the GPU: what is known of them before, and what goes there and comes back. */
struct at_fp64_batch {
    const struct at_oracle_head *heads; /* [plan.heads], borrowed: one problem, the same rows */
    struct at_fp64_task task;
    struct at_fp64_key_facts *facts; /* [kv_heads] */
    struct at_fp64_bound *bound;     /* [heads][row_count]; nothing stands for a row without key or without a finite truth */
    struct at_fp64_arrays arrays;    /* kv_head: the first head with the same K and V has the same number, counted from 0 */
    int memory;                      /* file descriptor of what they lie in, for another process; -1: none */
    size_t bytes;
};

/*
 * Looks at the heads, makes room and brings the operands into the kernels' order; `weights`: those of each row are wanted. AT_ERR_MEMORY,
 * and AT_ERR_UNSUPPORTED as at_fp64_plan_init. Free with at_fp64_batch_done, failed or not.
 */
enum at_status at_fp64_batch_init(struct at_fp64_batch *ret_batch, const struct at_oracle_head *heads, int64_t count, bool sums,
                                  bool weights, struct at_error *error);
void at_fp64_batch_done(struct at_fp64_batch *batch);

/* Keys that row i of each head sees. */
int64_t at_fp64_batch_keys(const struct at_fp64_batch *batch, int64_t i);

#ifdef __cplusplus
}
#endif

#endif
