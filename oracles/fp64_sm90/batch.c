/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "oracles/fp64_sm90/batch.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static const char out_of_memory[] = "oracle fp64_sm90: no memory for %zu heads of %zu rows; choose fewer";

int64_t at_fp64_batch_keys(const struct at_fp64_batch *batch, int64_t i)
{
    return at_problem_keys(batch->heads->problem, batch->heads->rows[i]);
}

/* Which heads share K and V, and what is to be known of these. */
static enum at_status look_at_keys(struct at_fp64_batch *batch, struct at_error *error)
{
    for (int64_t h = 0; h < batch->plan.heads; h++) {
        const struct at_oracle_head *head = &batch->heads[h], *last = head - 1;
        if (h > 0 && head->k == last->k && head->v == last->v) {
            batch->kv_head[h] = batch->kv_head[h - 1];
            continue;
        }
        batch->kv_head[h] = batch->kv_heads++;
        enum at_status status = at_fp64_key_facts_init(&batch->facts[batch->kv_head[h]], head, error);
        if (status)
            return status;
    }
    return AT_OK;
}

static struct at_fp64_bound bound_of(const struct at_fp64_batch *batch, int64_t h, int64_t i)
{
    const struct at_fp64_key_facts *facts = &batch->facts[batch->kv_head[h]];
    struct at_fp64_row_facts row = {.keys = at_fp64_batch_keys(batch, i),
                                    .score_dim = batch->plan.score_dim,
                                    .splits = batch->plan.splits,
                                    .split_keys = batch->plan.split_keys,
                                    .scale = batch->scale,
                                    .length = at_fp64_length(batch->heads[h].q + i * batch->plan.score_dim, batch->plan.score_dim)};
    if (row.keys < 1 || row.keys > facts->finite)
        return (struct at_fp64_bound){0};
    row.longest = facts->longest[row.keys - 1];
    row.value = facts->value[row.keys - 1];
    return at_fp64_bound_of(&row);
}

/* One mapping, shared with children: reference, value, sum_abs, total, weight. */
static enum at_status make_room(struct at_fp64_batch *batch, struct at_error *error)
{
    const struct at_fp64_plan *plan = &batch->plan;
    size_t rows = (size_t)(plan->heads * plan->rows), split_rows = rows * (size_t)plan->splits;
    size_t sums = split_rows * (size_t)(plan->slices * plan->columns), weights = batch->weights ? rows * (size_t)plan->keys : 0;
    size_t count = rows + split_rows + sums + (batch->sums ? sums : 0) + weights;
    batch->result_bytes = count * sizeof(double);
    void *room = mmap(NULL, batch->result_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (room == MAP_FAILED)
        return at_fail(error, AT_ERR_MEMORY, out_of_memory, (size_t)plan->heads, (size_t)plan->row_count);
    batch->reference = room;
    batch->total = batch->reference + rows;
    batch->value = batch->total + split_rows;
    batch->sum_abs = batch->sums ? batch->value + sums : NULL;
    batch->weight = batch->weights ? batch->value + sums + (batch->sums ? sums : 0) : NULL;
    return AT_OK;
}

enum at_status at_fp64_batch_init(struct at_fp64_batch *ret_batch, const struct at_oracle_head *heads, int64_t count, bool sums,
                                  bool weights, struct at_error *error)
{
    struct at_fp64_batch batch = {.heads = heads, .weights = weights};
    *ret_batch = batch;
    enum at_status status = at_fp64_plan_init(&batch.plan, heads, count, sums, error);
    if (status)
        return status;
    batch.sums = sums || strncmp(batch.plan.attend.name, "fp64_sums", 9) == 0;
    batch.scale = at_fp64_scale(heads->problem->scale, heads->problem->dim);
    int64_t rows = heads->row_count;
    batch.kv_head = calloc((size_t)count, sizeof *batch.kv_head);
    batch.facts = calloc((size_t)count, sizeof *batch.facts);
    batch.bound = calloc((size_t)(count * rows), sizeof *batch.bound);
    if (!batch.kv_head || !batch.facts || !batch.bound)
        status = at_fail(error, AT_ERR_MEMORY, out_of_memory, (size_t)count, (size_t)rows);
    if (!status)
        status = look_at_keys(&batch, error);
    if (!status)
        status = make_room(&batch, error);
    *ret_batch = batch;
    if (status)
        return status;
#pragma omp parallel for schedule(static) collapse(2)
    for (int64_t h = 0; h < count; h++)
        for (int64_t i = 0; i < rows; i++) {
            batch.bound[h * rows + i] = bound_of(&batch, h, i);
            batch.reference[h * batch.plan.rows + i] = batch.bound[h * rows + i].wants_reference;
        }
    return AT_OK;
}

void at_fp64_batch_done(struct at_fp64_batch *batch)
{
    for (int k = 0; k < batch->kv_heads; k++)
        at_fp64_key_facts_done(&batch->facts[k]);
    free(batch->kv_head);
    free(batch->facts);
    free(batch->bound);
    if (batch->reference)
        munmap(batch->reference, batch->result_bytes);
    *batch = (struct at_fp64_batch){0};
}
