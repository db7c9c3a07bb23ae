/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "oracles/fp64_sm90/batch.h"

#include "oracles/fp64_sm90/arrange.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const char out_of_memory[] = "oracle fp64_sm90: no memory for %zu heads of %zu rows; choose fewer";

int64_t at_fp64_batch_keys(const struct at_fp64_batch *batch, int64_t i)
{
    return at_problem_keys(batch->heads->problem, batch->heads->rows[i]);
}

/* Which heads share K and V, and what is to be known of these. */
static enum at_status look_at_keys(struct at_fp64_batch *batch, int *ret_kv_head, struct at_error *error)
{
    for (int64_t h = 0; h < batch->task.plan.heads; h++) {
        const struct at_oracle_head *head = &batch->heads[h], *last = head - 1;
        if (h > 0 && head->k == last->k && head->v == last->v) {
            ret_kv_head[h] = ret_kv_head[h - 1];
            continue;
        }
        ret_kv_head[h] = batch->task.kv_heads++;
        enum at_status status = at_fp64_key_facts_init(&batch->facts[ret_kv_head[h]], head, error);
        if (status)
            return status;
    }
    return AT_OK;
}

static struct at_fp64_bound bound_of(const struct at_fp64_batch *batch, const int *kv_head, int64_t h, int64_t i)
{
    const struct at_fp64_plan *plan = &batch->task.plan;
    const struct at_fp64_key_facts *facts = &batch->facts[kv_head[h]];
    struct at_fp64_row_facts row = {.keys = at_fp64_batch_keys(batch, i),
                                    .score_dim = plan->score_dim,
                                    .splits = plan->splits,
                                    .split_keys = plan->split_keys,
                                    .scale = batch->task.scale,
                                    .length = at_fp64_length(batch->heads[h].q + i * plan->score_dim, plan->score_dim)};
    if (row.keys < 1 || row.keys > facts->finite)
        return (struct at_fp64_bound){0};
    row.longest = facts->longest[row.keys - 1];
    row.value = facts->value[row.keys - 1];
    return at_fp64_bound_of(&row);
}

/* What must be known before anything is computed: facts and bounds. */
static enum at_status look(struct at_fp64_batch *batch, int *ret_kv_head, struct at_error *error)
{
    int64_t heads = batch->task.plan.heads, rows = batch->task.plan.row_count, wanted = 0;
    enum at_status status = look_at_keys(batch, ret_kv_head, error);
    if (status)
        return status;
#pragma omp parallel for schedule(static) collapse(2) reduction(+ : wanted)
    for (int64_t h = 0; h < heads; h++)
        for (int64_t i = 0; i < rows; i++) {
            batch->bound[h * rows + i] = bound_of(batch, ret_kv_head, h, i);
            wanted += batch->bound[h * rows + i].wants_reference;
        }
    batch->task.reference = wanted > 0;
    return AT_OK;
}

/* All zero; what is never touched takes no memory. */
static enum at_status make_room(struct at_fp64_batch *batch, struct at_error *error)
{
    batch->bytes = at_fp64_bytes_of(&batch->task);
    batch->memory = memfd_create("fp64_sm90", MFD_CLOEXEC);
    void *room = MAP_FAILED;
    if (batch->memory >= 0 && ftruncate(batch->memory, (off_t)batch->bytes) == 0)
        room = mmap(NULL, batch->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, batch->memory, 0);
    if (room == MAP_FAILED)
        return at_fail(error, AT_ERR_MEMORY, out_of_memory, (size_t)batch->task.plan.heads, (size_t)batch->task.plan.row_count);
    batch->arrays = at_fp64_arrays_in(&batch->task, room);
    return AT_OK;
}

/* What goes to the GPU. The padding sees no key. */
static void fill(struct at_fp64_batch *batch, const int *kv_head)
{
    const struct at_fp64_plan *plan = &batch->task.plan;
    const struct at_fp64_arrays *a = &batch->arrays;
    memcpy(a->kv_head, kv_head, (size_t)plan->heads * sizeof *kv_head);
    for (int64_t i = 0; i < plan->row_count; i++)
        a->visible[i] = (int)at_fp64_batch_keys(batch, i);
    for (int64_t h = 0; h < plan->heads; h++) {
        for (int64_t i = 0; i < plan->row_count; i++)
            a->reference[h * plan->rows + i] = batch->bound[h * plan->row_count + i].wants_reference;
        at_fp64_arrange_queries(plan, &batch->heads[h], a->q + h * plan->rows * plan->depth);
        if (h == 0 || kv_head[h] != kv_head[h - 1])
            at_fp64_arrange_keys(plan, &batch->heads[h], a->k + kv_head[h] * plan->keys * plan->depth,
                                 a->v + kv_head[h] * plan->keys * plan->slices * plan->columns);
    }
}

enum at_status at_fp64_batch_init(struct at_fp64_batch *ret_batch, const struct at_oracle_head *heads, int64_t count, bool sums,
                                  bool weights, struct at_error *error)
{
    struct at_fp64_batch batch = {.heads = heads, .task.weights = weights, .memory = -1};
    *ret_batch = batch;
    enum at_status status = at_fp64_plan_init(&batch.task.plan, heads, count, sums, error);
    if (status)
        return status;
    batch.task.sums = sums || strncmp(batch.task.plan.attend.name, "fp64_sums", 9) == 0;
    batch.task.scale = at_fp64_scale(heads->problem->scale, heads->problem->dim);
    int *kv_head = calloc((size_t)count, sizeof *kv_head);
    batch.facts = calloc((size_t)count, sizeof *batch.facts);
    batch.bound = calloc((size_t)(count * heads->row_count), sizeof *batch.bound);
    if (!kv_head || !batch.facts || !batch.bound)
        status = at_fail(error, AT_ERR_MEMORY, out_of_memory, (size_t)count, (size_t)heads->row_count);
    if (!status)
        status = look(&batch, kv_head, error);
    if (!status)
        status = make_room(&batch, error);
    if (!status)
        fill(&batch, kv_head);
    free(kv_head);
    *ret_batch = batch;
    return status;
}

void at_fp64_batch_done(struct at_fp64_batch *batch)
{
    for (int k = 0; k < batch->task.kv_heads; k++)
        at_fp64_key_facts_done(&batch->facts[k]);
    free(batch->facts);
    free(batch->bound);
    if (batch->arrays.q)
        munmap(batch->arrays.q, batch->bytes);
    if (batch->memory >= 0)
        close(batch->memory);
    *batch = (struct at_fp64_batch){.memory = -1};
}
