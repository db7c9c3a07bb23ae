/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "heads.h"

#include "oracles/fp64_sm90/finish.h"

#include <inttypes.h>
#include <stdlib.h>

enum at_status heads_init(struct heads *ret_heads, struct at_gpu *gpu, const struct at_problem *problem, const double *q, const double *k,
                          const double *v, bool sums, struct at_error *error)
{
    struct heads *x = ret_heads;
    int64_t count = problem->heads_q, keys = problem->seq_k;
    *x = (struct heads){.problem = *problem, .rows = malloc((size_t)problem->seq_q * sizeof *x->rows), .batch.memory = -1};
    if (count > HEADS_MOST || problem->heads_kv != count || problem->batch != 1)
        return at_fail(error, AT_ERR_ARGUMENT, "%" PRId64 " heads: up to %d, each with keys of its own", count, HEADS_MOST);
    if (!x->rows)
        return at_fail(error, AT_ERR_MEMORY, "no memory for %" PRId64 " rows", problem->seq_q);
    for (int64_t i = 0; i < problem->seq_q; i++)
        x->rows[i] = i;
    for (int64_t h = 0; h < count; h++)
        x->head[h] = (struct at_oracle_head){.problem = &x->problem,
                                             .rows = x->rows,
                                             .row_count = problem->seq_q,
                                             .q = q + h * problem->seq_q * problem->dim,
                                             .k = k + h * keys * problem->dim,
                                             .v = v + h * keys * problem->dim};
    enum at_status status = at_fp64_batch_init(&x->batch, x->head, count, sums, false, error);
    if (!status)
        status = at_fp64_device_init(&x->device, gpu, &x->batch.task, &x->batch.arrays, error);
    if (!status)
        status = at_fp64_device_refer(&x->device, error);
    if (!status)
        status = at_fp64_device_attend(&x->device, error);
    return status ? status : at_gpu_wait(gpu, error);
}

void heads_done(struct heads *x)
{
    if (x->device.gpu)
        at_fp64_device_done(&x->device);
    at_fp64_batch_done(&x->batch);
    free(x->rows);
    x->rows = NULL;
}

static enum at_status attend(void *context, struct at_error *error)
{
    return at_fp64_device_attend(context, error);
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

enum at_status heads_time(struct heads *x, int repeats, double *ret_ms, struct at_error *error)
{
    enum at_status status = at_gpu_time(x->device.gpu, attend, &x->device, repeats, ret_ms, error);
    if (status)
        return status;
    for (int i = 0; i < repeats; i++)
        ret_ms[i] *= 1e-6;
    qsort(ret_ms, (size_t)repeats, sizeof *ret_ms, ascending);
    return AT_OK;
}

enum at_status heads_fetch(struct heads *x, double *ret_o, double *ret_radius, double *ret_sum_abs, struct at_error *error)
{
    struct at_oracle_truth truth = {0};
    int64_t rows = x->problem.seq_q, one = rows * x->problem.dim, without = 0;
    enum at_status status = at_fp64_device_fetch(&x->device, error);
    if (!status)
        status = at_oracle_truth_init(&truth, &x->problem, rows, 0, error);
    for (int64_t h = 0; h < x->problem.heads_q && !status; h++) {
        struct at_oracle_truth part = truth;
        part.o = ret_o + h * one;
        part.radius = ret_radius + h * one;
        part.sum_abs = ret_sum_abs + h * one;
#pragma omp parallel for schedule(static) reduction(+ : without)
        for (int64_t i = 0; i < rows; i++)
            without += !at_fp64_finish(&x->batch, h, i, &part);
    }
    at_oracle_truth_done(&truth);
    if (!status && without)
        status = at_fail(error, AT_ERR_UNDEFINED, "%" PRId64 " rows have no bound", without);
    return status;
}
