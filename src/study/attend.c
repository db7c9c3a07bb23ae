/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/attend.h"

#include "kernels/prepare/prepare.h"
#include "study/machine.h"

#include <stdlib.h>

enum at_status at_attend_prepare(const struct at_problem *problem, const struct at_numerics *numerics, const struct at_qkv *inputs,
                                 const struct at_rows *rows, enum at_simd simd, struct at_attend *ret_attend, struct at_error *error)
{
    struct at_attend attend = {.rows = rows, .simd = simd};
    int64_t start = at_machine_time_ns();
    enum at_status status = at_prepare(problem, numerics, inputs, &attend.operands, error);
    attend.time_ns = at_machine_time_ns() - start;
    if (!status)
        *ret_attend = attend;
    return status;
}

/* Rows that the twin is given at once: its P stays within 32 MiB and a stop is heard within seconds. */
static int64_t rows_at_once(const struct at_attend *a)
{
    int64_t rows = ((int64_t)1 << 22) / a->operands.problem.seq_k;
    return rows < 1 ? 1 : rows < a->rows->count ? rows : a->rows->count;
}

static void head_done(struct at_attention *head)
{
    free(head->o);
    free(head->row_max);
    free(head->row_sum);
    free(head->lse);
    free(head->p);
}

/* All rows of one head, and P of the rows given at once. */
static enum at_status head_init(const struct at_attend *a, bool weights, struct at_attention *ret_head, struct at_error *error)
{
    const struct at_problem *p = &a->operands.problem;
    size_t rows = (size_t)a->rows->count;
    struct at_attention head = {.o = calloc(rows * (size_t)p->dim, sizeof(float)),
                                .row_max = calloc(rows, sizeof(float)),
                                .row_sum = calloc(rows, sizeof(float)),
                                .lse = calloc(rows, sizeof(float)),
                                .p = weights ? calloc((size_t)(rows_at_once(a) * p->seq_k), sizeof(double)) : NULL};
    if (!head.o || !head.row_max || !head.row_sum || !head.lse || (weights && !head.p)) {
        head_done(&head);
        return at_fail(error, AT_ERR_MEMORY, "attend: out of memory for %zu rows; look at fewer", rows);
    }
    *ret_head = head;
    return AT_OK;
}

static enum at_status attend_head(struct at_attend *a, int64_t b, int64_t h, const struct at_attention *head, at_attend_each *each,
                                  void *context, const struct at_work *progress, struct at_error *error)
{
    int64_t dim = a->operands.problem.dim, step = rows_at_once(a), count = a->rows->count;
    for (int64_t i = 0; i < count; i += step) {
        struct at_rows rows = {.count = count - i < step ? count - i : step, .index = a->rows->index + i};
        struct at_attention part = {
            .o = head->o + i * dim, .row_max = head->row_max + i, .row_sum = head->row_sum + i, .lse = head->lse + i, .p = head->p};
        enum at_status status = at_work_check(progress, error);
        int64_t start = at_machine_time_ns();
        if (!status)
            status = at_twin_attend(&a->operands, b, h, &rows, a->simd, &part, error);
        a->time_ns += at_machine_time_ns() - start;
        if (status)
            return status;
        each(context, &(struct at_attended){b, h, i, rows.count, &part});
    }
    return AT_OK;
}

enum at_status at_attend_heads(struct at_attend *attend, bool weights, at_attend_each *each, void *context, const struct at_work *progress,
                               struct at_sha256 *ret_output, struct at_error *error)
{
    const struct at_problem *p = &attend->operands.problem;
    size_t rows = (size_t)attend->rows->count;
    struct at_attention head = {0};
    struct at_hasher hasher;
    enum at_status status = head_init(attend, weights, &head, error);
    if (status)
        return status;
    at_hasher_start(&hasher);
    for (int64_t i = 0; i < p->batch * p->heads_q && !status; i++) {
        status = attend_head(attend, i / p->heads_q, i % p->heads_q, &head, each, context, progress, error);
        at_hasher_add(&hasher, head.o, rows * (size_t)p->dim * sizeof(float));
        at_hasher_add(&hasher, head.row_max, rows * sizeof(float));
        at_hasher_add(&hasher, head.row_sum, rows * sizeof(float));
        at_hasher_add(&hasher, head.lse, rows * sizeof(float));
    }
    head_done(&head);
    if (!status)
        *ret_output = at_hasher_end(&hasher);
    return status;
}

void at_attend_done(struct at_attend *attend)
{
    at_operands_done(&attend->operands);
}
