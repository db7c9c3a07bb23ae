/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_ORACLES_FP64_SM90_PLAN_H
#define AT_ORACLES_FP64_SM90_PLAN_H

#include "oracles/fp64_sm90/config.h"
#include "oracles/oracle.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A kernel's start. */
struct at_fp64_kernel {
    char name[32];
    unsigned blocks, threads;
    size_t shared_bytes;
};

/* How heads of one shape are laid out and shared out among the GPU's blocks. Follows from the shape alone, and so do the bits. */
struct at_fp64_plan {
    int64_t heads, row_count, seq_k, dim, score_dim;
    int depth, columns, slices; /* of scores; of one block of V; blocks of V */
    int64_t rows, keys;         /* padded */
    int splits, split_keys;     /* keys are shared out among so many blocks, whose sums the host adds */
    struct at_fp64_kernel attend, reference, weights;
};

enum { AT_FP64_MOST_DEPTH = 256 };

/*
 * For `heads` heads like `head`, with sum p |v| if `sums`. AT_ERR_UNSUPPORTED: score_dim exceeds AT_FP64_MOST_DEPTH, or there are more
 * than 2^30 keys or rows, or more of both than one launch takes.
 */
enum at_status at_fp64_plan_init(struct at_fp64_plan *ret_plan, const struct at_oracle_head *head, int64_t heads, bool sums,
                                 struct at_error *error);

/* Where an element stands in its head's array on the GPU (config.h), in doubles. */
int64_t at_fp64_q_place(const struct at_fp64_plan *plan, int64_t row, int64_t column);
int64_t at_fp64_k_place(const struct at_fp64_plan *plan, int64_t key, int64_t column);
int64_t at_fp64_v_place(const struct at_fp64_plan *plan, int64_t key, int64_t column);

#ifdef __cplusplus
}
#endif

#endif
