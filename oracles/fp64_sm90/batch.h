/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_ORACLES_FP64_SM90_BATCH_H
#define AT_ORACLES_FP64_SM90_BATCH_H

#include "oracles/fp64_sm90/bound.h"
#include "oracles/fp64_sm90/facts.h"
#include "oracles/fp64_sm90/plan.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Heads of one shape on their way through the GPU: what is known of them before, and room for what comes back. */
struct at_fp64_batch {
    const struct at_oracle_head *heads; /* [plan.heads], borrowed: one problem, the same rows */
    struct at_fp64_plan plan;
    bool sums, weights; /* wanted */
    double scale;
    int *kv_head; /* [heads] the first head with the same K and V has the same number; counted from 0 */
    int kv_heads;
    struct at_fp64_key_facts *facts; /* [kv_heads] */
    struct at_fp64_bound *bound;     /* [heads][row_count]; nothing stands for a row without key or without a finite truth */
    /* From the GPU, for the padded rows: [heads][splits][rows]..., as struct at_fp64_arguments has them. */
    double *value, *sum_abs, *total, *reference; /* reference: [heads][rows]; sum_abs NULL unless plan.attend gives sums */
    double *weight;                              /* [heads][rows][keys], NULL unless wanted */
    size_t result_bytes;                         /* of all five, which begin at `reference` */
};

/*
 * Looks at the heads and makes room; `weights`: for those of each row. AT_ERR_MEMORY, and AT_ERR_UNSUPPORTED as at_fp64_plan_init. Free
 * with at_fp64_batch_done, failed or not. The results may be filled by a child of this process.
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
