/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_ON_GPU_H
#define AT_STUDY_ON_GPU_H

#include "core/guard.h"
#include "core/hash.h"
#include "core/rows.h"
#include "kernels/attention/kernel.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a kernel gave for the rows looked at, in memory that parent and child share; heads of all batches in their order. */
struct at_gpu_rows {
    int64_t heads, rows, dim;
    float *o;                       /* [heads][rows][dim], decoded */
    float *row_max, *row_sum, *lse; /* [heads][rows] */
    size_t bytes;                   /* of all of it */
};

enum at_status at_gpu_rows_init(struct at_gpu_rows *ret_rows, const struct at_problem *problem, const struct at_rows *rows,
                                struct at_error *error);
void at_gpu_rows_done(struct at_gpu_rows *rows);

/* Of O (fp32 values), row max, row sum and LSE, head by head: at_attend_heads gives the same for the same bits. */
struct at_sha256 at_gpu_rows_sha256(const struct at_gpu_rows *rows);

/* Attention of all heads of one problem on one GPU. */
struct at_on_gpu {
    int gpu; /* its number */
    const struct at_kernel *kernel;
    const struct at_operands *operands; /* on the host, of numerics and a problem that the kernel's check accepts */
    const struct at_rows *rows;         /* looked at */
    const struct at_gpu_rows *out;
};

/*
 * The work of a guarded child (at_guarded): `argument` is a struct at_on_gpu; the answer an int64_t, nanoseconds from the kernel's start
 * to its end. Runs on one thread, for those of the parent are not there.
 */
enum at_status at_on_gpu_attend(const void *argument, struct at_pulse *pulse, void *answer, struct at_error *error);

#ifdef __cplusplus
}
#endif

#endif
