/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "oracles/fp64_sm90/upload.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Q, K, or one slice of V, of one head: `count` vectors of `width` elements, `stride` apart, become `padded` ones of `padded_width`. */
struct operand {
    const double *from;
    int64_t count, width, stride, padded, padded_width;
    int64_t step; /* vectors that share their places among themselves alone */
    int64_t (*place)(const struct at_fp64_plan *plan, int64_t vector, int64_t column);
};

/* `count` vectors from `first` on. What is not finite is left out: rows that see it have no finite truth. */
static void lay_out(const struct at_fp64_plan *plan, const struct operand *x, int64_t first, int64_t count, double *ret)
{
    const int64_t base = first * x->padded_width, end = first + count < x->count ? first + count : x->count;
    memset(ret, 0, (size_t)(count * x->padded_width) * sizeof *ret);
#pragma omp parallel for schedule(static)
    for (int64_t j = first; j < end; j++)
        for (int64_t c = 0; c < x->width; c++) {
            double value = x->from[j * x->stride + c];
            ret[x->place(plan, j, c) - base] = isfinite(value) ? value : 0;
        }
}

static enum at_status copy_operand(const struct at_fp64_device *device, const struct operand *x, uint64_t address, double *part,
                                   struct at_error *error)
{
    enum at_status status = AT_OK;
    int64_t most = AT_FP64_PART_BYTES / 8 / x->padded_width / x->step * x->step;
    for (int64_t first = 0; first < x->padded && !status; first += most) {
        int64_t count = x->padded - first < most ? x->padded - first : most, elements = count * x->padded_width;
        lay_out(&device->batch->plan, x, first, count, part);
        status = at_gpu_copy_in(device->gpu, address + (uint64_t)(first * x->padded_width) * 8, part, (size_t)elements * 8, error);
    }
    return status;
}

static enum at_status copy_keys(const struct at_fp64_device *device, int64_t h, double *part, struct at_error *error)
{
    const struct at_fp64_plan *plan = &device->batch->plan;
    const struct at_oracle_head *head = &device->batch->heads[h];
    int64_t k_head = plan->keys * plan->depth, slice = plan->keys * plan->columns, kv = device->batch->kv_head[h];
    const struct operand k = {head->k, plan->seq_k, plan->score_dim, plan->score_dim, plan->keys, plan->depth, 1, at_fp64_k_place};
    enum at_status status = copy_operand(device, &k, device->k + (uint64_t)(kv * k_head) * 8, part, error);
    for (int s = 0; s < plan->slices && !status; s++) {
        int64_t wide = plan->dim < plan->columns ? plan->dim : plan->columns;
        const struct operand v = {head->v + s * plan->columns, plan->seq_k, wide, plan->dim, plan->keys, plan->columns, 2, at_fp64_v_place};
        status = copy_operand(device, &v, device->v + (uint64_t)((kv * plan->slices + s) * slice) * 8, part, error);
    }
    return status;
}

static enum at_status copy_heads(const struct at_fp64_device *device, struct at_error *error)
{
    const struct at_fp64_batch *batch = device->batch;
    const struct at_fp64_plan *plan = &batch->plan;
    double *part = malloc(AT_FP64_PART_BYTES);
    enum at_status status = part ? AT_OK : at_fail(error, AT_ERR_MEMORY, "oracle fp64_sm90: no memory to bring operands into order");
    for (int64_t h = 0; h < plan->heads && !status; h++) {
        const struct operand q = {batch->heads[h].q, plan->row_count, plan->score_dim, plan->score_dim, plan->rows, plan->depth, 16,
                                  at_fp64_q_place};
        status = copy_operand(device, &q, device->q + (uint64_t)(h * plan->rows * plan->depth) * 8, part, error);
        if (!status && (h == 0 || batch->kv_head[h] != batch->kv_head[h - 1]))
            status = copy_keys(device, h, part, error);
    }
    free(part);
    return status;
}

/* The padding sees no key. */
static enum at_status copy_rows(const struct at_fp64_device *device, struct at_error *error)
{
    const struct at_fp64_batch *batch = device->batch;
    const struct at_fp64_plan *plan = &batch->plan;
    int *visible = calloc((size_t)plan->rows, sizeof *visible);
    enum at_status status = visible ? AT_OK : at_fail(error, AT_ERR_MEMORY, "oracle fp64_sm90: no memory for rows");
    for (int64_t i = 0; i < plan->row_count && !status; i++)
        visible[i] = (int)at_fp64_batch_keys(batch, i);
    if (!status)
        status = at_gpu_copy_in(device->gpu, device->visible, visible, (size_t)plan->rows * sizeof *visible, error);
    if (!status)
        status = at_gpu_copy_in(device->gpu, device->kv_head, batch->kv_head, (size_t)plan->heads * sizeof *batch->kv_head, error);
    if (!status)
        status = at_gpu_copy_in(device->gpu, device->reference, batch->reference, (size_t)(plan->heads * plan->rows) * 8, error);
    free(visible);
    return status;
}

enum at_status at_fp64_upload(const struct at_fp64_device *device, struct at_error *error)
{
    enum at_status status = copy_heads(device, error);
    return status ? status : copy_rows(device, error);
}
