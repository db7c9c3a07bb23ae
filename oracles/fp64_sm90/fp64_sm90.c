/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "oracles/fp64_sm90/fp64_sm90.h"

#include "oracles/certified/certified.h"
#include "oracles/fp64_sm90/device.h"
#include "oracles/fp64_sm90/finish.h"
#include "oracles/fp64_sm90/service.h"
#include "oracles/rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BITS = 53 };

/* No rows are no work. */
static enum at_status solve_none(struct at_oracle_truth *truths, int64_t count, int64_t *ret_declined)
{
    for (int64_t h = 0; h < count; h++) {
        truths[h].precision_bits = BITS;
        truths[h].radius_log2 = -INFINITY;
    }
    if (ret_declined)
        *ret_declined = 0;
    return AT_OK;
}

static bool alike(const struct at_oracle_head *a, const struct at_oracle_head *b)
{
    const struct at_problem *p = a->problem, *q = b->problem;
    return p->seq_q == q->seq_q && p->seq_k == q->seq_k && p->dim == q->dim && p->causal == q->causal && p->scale == q->scale &&
           a->row_count == b->row_count && a->score_dim == b->score_dim &&
           (a->rows == b->rows || memcmp(a->rows, b->rows, (size_t)a->row_count * sizeof *a->rows) == 0);
}

static enum at_status check(const struct at_oracle_head *heads, int64_t count, struct at_error *error)
{
    enum at_status status = at_oracle_head_check(heads, "fp64_sm90", error);
    if (status)
        return status;
    for (int64_t h = 1; h < count; h++)
        if (!alike(&heads[h], heads))
            return at_fail(error, AT_ERR_ARGUMENT, "oracle fp64_sm90: heads of different shapes or rows: one call for each shape");
    return AT_OK;
}

/* From the batch's results to the truths; what no bound stands for is computed otherwise. */
static enum at_status finish(const struct at_fp64_batch *batch, struct at_oracle_truth *truths, int64_t *ret_declined,
                             struct at_error *error)
{
    enum at_status status = AT_OK;
    int64_t rows = batch->task.plan.row_count, declined = 0;
    bool *done = calloc((size_t)rows + 1, sizeof *done);
    if (!done)
        return at_fail(error, AT_ERR_MEMORY, "oracle fp64_sm90: no memory for rows");
    for (int64_t h = 0; h < batch->task.plan.heads && !status; h++) {
        int64_t left = 0;
        int bits = 0;
#pragma omp parallel for schedule(static) reduction(+ : left)
        for (int64_t i = 0; i < rows; i++) {
            done[i] = at_fp64_finish(batch, h, i, &truths[h]);
            left += !done[i];
        }
        if (left > 0)
            status = at_oracle_solve_rest(&batch->heads[h], done, left, "fp64_sm90", &at_oracle_certified, &truths[h], &bits, error);
        truths[h].precision_bits = bits > BITS ? bits : BITS;
        truths[h].radius_log2 = at_oracle_largest_ratio(&truths[h], rows * batch->task.plan.dim);
        declined += left;
    }
    free(done);
    if (!status && ret_declined)
        *ret_declined = declined;
    return status;
}

enum at_status at_fp64_solve(struct at_gpu *gpu, const struct at_oracle_head *heads, int64_t count, enum at_fp64_want want,
                             struct at_oracle_truth *truths, int64_t *ret_declined, struct at_error *error)
{
    struct at_fp64_batch batch;
    enum at_status status = check(heads, count, error);
    if (status || heads->row_count == 0)
        return status ? status : solve_none(truths, count, ret_declined);
    status = at_fp64_batch_init(&batch, heads, count, want == AT_FP64_SUMS, want == AT_FP64_SUMS && truths->p, error);
    if (!status)
        status = at_fp64_device_run(gpu, &batch.task, &batch.arrays, error);
    if (!status)
        status = finish(&batch, truths, ret_declined, error);
    at_fp64_batch_done(&batch);
    return status;
}

static enum at_status solve(const struct at_oracle_head *head, struct at_oracle_truth *truth, struct at_error *error)
{
    struct at_fp64_batch batch;
    enum at_status status = check(head, 1, error);
    if (status || head->row_count == 0)
        return status ? status : solve_none(truth, 1, NULL);
    status = at_fp64_batch_init(&batch, head, 1, true, truth->p != NULL, error);
    if (!status)
        status = at_fp64_service_run(&batch, error);
    if (!status)
        status = finish(&batch, truth, NULL, error);
    at_fp64_batch_done(&batch);
    return status;
}

/* Operands and results in the kernels' order, with P, and the facts of all keys; of what is refused about as much. */
static double bytes_of(const struct at_oracle_shape *shape, double wide)
{
    double keys = (double)shape->problem->seq_k;
    const struct at_oracle_head head = {
        .problem = shape->problem, .row_count = shape->row_count > 1 ? shape->row_count : 1, .score_dim = shape->score_dim};
    struct at_fp64_task task = {.sums = true, .weights = true, .kv_heads = 1};
    double arrays = 8 * keys * ((double)shape->row_count + wide + (double)shape->problem->dim);
    if (!at_fp64_plan_init(&task.plan, &head, 1, true, NULL))
        arrays = (double)at_fp64_bytes_of(&task);
    return arrays + 8 * (2 * keys + (double)(sizeof(struct at_fp64_bound) / 8) * (double)shape->row_count);
}

/*
 * A driver that starts, once; then operands that are brought there, products at what an H200 does with sums, and weights that come back
 * (docs/oracles.md).
 */
static void estimate(const struct at_oracle_shape *shape, struct at_oracle_estimate *ret_estimate)
{
    double keys = (double)shape->problem->seq_k, dim = (double)shape->problem->dim;
    double wide = shape->score_dim ? (double)shape->score_dim : dim;
    *ret_estimate = (struct at_oracle_estimate){.seconds = 1e-8 * keys * (wide + dim) + shape->pairs * (4 * (wide + dim) / 2e13 + 1.25e-8),
                                                .bytes = bytes_of(shape, wide),
                                                .radius_log2 = log2(2 * keys + 16 * dim) - 52,
                                                .start_s = 1};
}

/* Whether the GPU takes the kernels does not change while attest runs: it is looked at once. */
static enum at_status available(struct at_error *error)
{
    static bool known;
    static enum at_status status;
    static struct at_error why;
    if (!known) {
        status = at_fp64_service_look(&why);
        known = true;
    }
    return status ? at_fail(error, status, "%s", why.message) : AT_OK;
}

const struct at_oracle at_oracle_fp64_sm90 = {
    .name = "fp64_sm90",
    .summary = "double precision on a Hopper GPU's tensor cores; for all rows of long sequences",
    .bound = "radius proved a priori (docs/oracles.md), near (2 keys + 4 dim |q||k| scale) 2^-53 of sum p|v|; needs an H100 or H200",
    .estimate = estimate,
    .available = available,
    .solve = solve,
    .rest = at_fp64_service_end,
};
