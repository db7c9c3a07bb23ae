/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "oracles/fp64_sm90/task.h"

struct at_fp64_sizes at_fp64_sizes_of(const struct at_fp64_task *task)
{
    const struct at_fp64_plan *plan = &task->plan;
    size_t rows = (size_t)(plan->heads * plan->rows), keys = (size_t)task->kv_heads * (size_t)plan->keys;
    size_t width = (size_t)(plan->slices * plan->columns), split_rows = rows * (size_t)plan->splits;
    return (struct at_fp64_sizes){.q = rows * (size_t)plan->depth,
                                  .k = keys * (size_t)plan->depth,
                                  .v = keys * width,
                                  .rows = rows,
                                  .split_rows = split_rows,
                                  .sums = split_rows * width,
                                  .weights = task->weights ? rows * (size_t)plan->keys : 0};
}

/* Whole doubles that so many int take. */
static size_t doubles(size_t integers)
{
    return (integers * sizeof(int) + sizeof(double) - 1) / sizeof(double);
}

/* The arrays from `at` on, which may be NULL; *ret_count: doubles that they take. */
static struct at_fp64_arrays lay(const struct at_fp64_task *task, double *at, size_t *ret_count)
{
    const struct at_fp64_sizes n = at_fp64_sizes_of(task);
    const size_t counts[] = {n.q,    n.k,          n.v,    doubles((size_t)task->plan.heads), doubles((size_t)task->plan.rows),
                             n.rows, n.split_rows, n.sums, task->sums ? n.sums : 0,           n.weights};
    double *starts[sizeof counts / sizeof counts[0]];
    size_t count = 0;
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        starts[i] = at ? at + count : NULL;
        count += counts[i];
    }
    *ret_count = count;
    return (struct at_fp64_arrays){.q = starts[0],
                                   .k = starts[1],
                                   .v = starts[2],
                                   .kv_head = (int *)starts[3],
                                   .visible = (int *)starts[4],
                                   .reference = starts[5],
                                   .total = starts[6],
                                   .value = starts[7],
                                   .sum_abs = task->sums ? starts[8] : NULL,
                                   .weight = task->weights ? starts[9] : NULL};
}

size_t at_fp64_bytes_of(const struct at_fp64_task *task)
{
    size_t count;
    lay(task, NULL, &count);
    return count * sizeof(double);
}

struct at_fp64_arrays at_fp64_arrays_in(const struct at_fp64_task *task, void *memory)
{
    size_t count;
    return lay(task, memory, &count);
}
