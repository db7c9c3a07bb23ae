/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_ORACLES_FP64_SM90_TASK_H
#define AT_ORACLES_FP64_SM90_TASK_H

#include "oracles/fp64_sm90/plan.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* All that the side of a batch with the GPU needs to know beside its arrays: bytes that may go to another process. */
struct at_fp64_task {
    struct at_fp64_plan plan;
    bool sums;      /* plan.attend gives sums of weight |v| too */
    bool weights;   /* of each row are wanted */
    bool reference; /* a row wants its reference found */
    int kv_heads;   /* heads of K and V that differ */
    double scale;   /* as at_fp64_scale gives it */
};

/* The arrays of a batch, one after the other in one piece of memory: what goes to the GPU, and what comes back. */
struct at_fp64_arrays {
    double *q, *k, *v; /* as struct at_fp64_arguments has them, and so all below */
    int *kv_head, *visible;
    double *reference;               /* there: whether it is wanted; back: what it is */
    double *total, *value, *sum_abs; /* sum_abs: NULL without sums */
    double *weight;                  /* NULL unless wanted */
};

/* Elements of each array: of Q, K, V; of the padded rows with their splits; of the sums; of the weights. */
struct at_fp64_sizes {
    size_t q, k, v, rows, split_rows, sums, weights;
};

struct at_fp64_sizes at_fp64_sizes_of(const struct at_fp64_task *task);

/* Bytes of all arrays. */
size_t at_fp64_bytes_of(const struct at_fp64_task *task);

/* Where they are in that many bytes at `memory`. */
struct at_fp64_arrays at_fp64_arrays_in(const struct at_fp64_task *task, void *memory);

#ifdef __cplusplus
}
#endif

#endif
