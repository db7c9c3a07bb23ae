/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_CORE_PROBLEM_H
#define AT_CORE_PROBLEM_H

#include "core/status.h"

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * One attention problem: O = softmax(scale * Q K^T + mask) V for each batch and query head; query head h reads key/value head
 * h / (heads_q / heads_kv). A causal mask is aligned to the bottom right: query i sees keys j <= i + seq_k - seq_q.
 */
struct at_problem {
    int64_t batch, heads_q, heads_kv;
    int64_t seq_q, seq_k; /* rows of Q and O; rows of K and V */
    int64_t dim;          /* head dimension of Q, K and V */
    bool causal;
    double scale; /* 0: exactly 1/sqrt(dim) */
};

/*
 * Refuses sizes < 1, heads_q not a multiple of heads_kv, dim no multiple of 8 from 8 to 256, a scale other than 0 outside
 * [2^-100, 2^100]. What passes can be prepared, solved by oracles and measured.
 */
enum at_status at_problem_check(const struct at_problem *problem, struct at_error *error);

/* Whether the twin computes heads of that dimension: 32, 64, 128 and 256. The kernels for GPUs have some of these. */
bool at_problem_has_twin(const struct at_problem *problem);

/* at_problem_check, and refuses what the twin has not. */
enum at_status at_problem_check_twin(const struct at_problem *problem, struct at_error *error);

/* Number of keys that query row `row` sees: 0 to seq_k. */
int64_t at_problem_keys(const struct at_problem *problem, int64_t row);

/* The fp32 scale that kernels use: the float nearest to `scale`, or to 1/sqrt(dim). */
float at_problem_scale_fp32(const struct at_problem *problem);

/* Query heads for each key/value head. */
int64_t at_problem_group(const struct at_problem *problem);

#ifdef __cplusplus
}
#endif

#endif
