/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_GPU_TASK_H
#define AT_STUDY_GPU_TASK_H

#include "core/hash.h"
#include "core/rows.h"
#include "kernels/attention/kernel.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Attention of all heads of one problem, in memory that this process shares with a GPU's. */

/* What a kernel gave for the rows looked at; heads of all batches in their order. */
struct at_gpu_rows {
    int64_t heads, rows, dim;
    float *o;                       /* [heads][rows][dim], decoded */
    float *row_max, *row_sum, *lse; /* [heads][rows] */
};

/* Of O (fp32 values), row max, row sum and LSE, head by head: at_attend_heads gives the same for the same bits. */
struct at_sha256 at_gpu_rows_sha256(const struct at_gpu_rows *rows);

/* What a GPU is to do and where its answer goes. */
struct at_gpu_work {
    const struct at_kernel *kernel;
    struct at_operands operands; /* codes, scales, means and the shift of the LSE; the rest is NULL */
    struct at_rows rows;         /* looked at */
    struct at_gpu_rows out;
    int64_t *time_ns; /* from the kernel's start to its end */
};

struct at_gpu_task {
    int memory;              /* its descriptor; -1: not this process's to close, or none */
    size_t bytes, kept;      /* of all of it; of what is kept after the operands are dropped */
    void *base;              /* where it lies in this process */
    struct at_gpu_work work; /* pointers into it */
};

/* Copies rows and operands, which may go then, into memory to be shared. AT_ERR_MEMORY. Free with at_gpu_task_done. */
enum at_status at_gpu_task_init(struct at_gpu_task *ret_task, const struct at_kernel *kernel, const struct at_operands *operands,
                                const struct at_rows *rows, struct at_error *error);

/* The same memory in the process that was given its descriptor, which stays the caller's. Free with at_gpu_task_done. */
enum at_status at_gpu_task_open(int memory, size_t bytes, struct at_gpu_task *ret_task, struct at_error *error);

/* Gives the memory of the operands back, in all processes: nobody may still work on them. */
void at_gpu_task_drop_operands(struct at_gpu_task *task);

void at_gpu_task_done(struct at_gpu_task *task);

#ifdef __cplusplus
}
#endif

#endif
