/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/elements.h"

#include "kernels/prepare/prepare.h"

#include <stdlib.h>
#include <string.h>

enum at_status at_elements_init(struct at_elements *ret_elements, const struct at_case *c, const struct at_operands *operands,
                                struct at_error *error)
{
    int64_t score_dim = operands ? at_operands_score_dim(operands) : c->problem.dim;
    size_t dim = (size_t)c->problem.dim, wide = (size_t)score_dim, rows = (size_t)c->rows.count, keys = (size_t)c->problem.seq_k;
    struct at_elements e = {score_dim, calloc(rows * wide, sizeof(double)), calloc(keys * wide, sizeof(double)),
                            calloc(keys * dim, sizeof(double)), calloc(dim, sizeof(float))};
    if (!e.q || !e.k || !e.v || !e.row) {
        at_elements_done(&e);
        return at_fail(error, AT_ERR_MEMORY, "reference: out of memory for one head of %zu keys; look at fewer rows or keys", keys);
    }
    *ret_elements = e;
    return AT_OK;
}

void at_elements_done(struct at_elements *e)
{
    free(e->q);
    free(e->k);
    free(e->v);
    free(e->row);
    *e = (struct at_elements){0};
}

static void decode(const struct at_elements *e, const struct at_tensor *tensor, int64_t b, int64_t h, int64_t s, double *ret_row)
{
    at_tensor_decode_rows(tensor, b, h, s, 1, e->row);
    for (int64_t i = 0; i < tensor->dim; i++)
        ret_row[i] = (double)e->row[i];
}

void at_elements_fill(const struct at_elements *e, const struct at_case *c, const struct at_qkv *inputs, const struct at_operands *operands,
                      int64_t b, int64_t h)
{
    int64_t dim = c->problem.dim, kv = h / at_problem_group(&c->problem);
    if (operands) {
        at_operands_dequantise(operands, b, h, c->rows.index, c->rows.count, e->q, e->k, e->v);
        return;
    }
    for (int64_t i = 0; i < c->rows.count; i++)
        decode(e, &inputs->q, b, h, c->rows.index[i], e->q + i * dim);
    for (int64_t j = 0; j < c->problem.seq_k; j++) {
        decode(e, &inputs->k, b, kv, j, e->k + j * dim);
        decode(e, &inputs->v, b, kv, j, e->v + j * dim);
    }
}

static bool same_row(const struct at_elements *e, const struct at_tensor *tensor, int64_t b, int64_t h, int64_t s, const double *row)
{
    at_tensor_decode_rows(tensor, b, h, s, 1, e->row);
    for (int64_t i = 0; i < tensor->dim; i++)
        if (!((double)e->row[i] == row[i]))
            return false;
    return true;
}

bool at_elements_are_inputs(const struct at_elements *e, const struct at_case *c, const struct at_qkv *inputs, int64_t b, int64_t h)
{
    int64_t dim = c->problem.dim, kv = h / at_problem_group(&c->problem);
    if (e->score_dim != dim)
        return false;
    for (int64_t i = 0; i < c->rows.count; i++)
        if (!same_row(e, &inputs->q, b, h, c->rows.index[i], e->q + i * dim))
            return false;
    for (int64_t j = 0; j < c->problem.seq_k; j++)
        if (!same_row(e, &inputs->k, b, kv, j, e->k + j * dim) || !same_row(e, &inputs->v, b, kv, j, e->v + j * dim))
            return false;
    return true;
}

enum at_status at_elements_solve(const struct at_elements *e, const struct at_case *c, const struct at_oracle *oracle, const int64_t *which,
                                 int64_t count, bool with_p, struct at_oracle_truth *ret_truth, struct at_error *error)
{
    struct at_oracle_truth truth;
    size_t wide = (size_t)e->score_dim;
    enum at_status status = at_oracle_truth_init(&truth, &c->problem, count, with_p, error);
    if (status)
        return status;
    int64_t *rows = malloc((size_t)count * sizeof *rows);
    double *q = malloc((size_t)count * wide * sizeof *q);
    if (!rows || !q)
        status = at_fail(error, AT_ERR_MEMORY, "reference: out of memory for %lld rows; look at fewer", (long long)count);
    for (int64_t n = 0; n < count && !status; n++) {
        rows[n] = c->rows.index[which[n]];
        memcpy(q + (size_t)n * wide, e->q + (size_t)which[n] * wide, wide * sizeof *q);
    }
    struct at_oracle_head head = {&c->problem, rows, count, q, e->k, e->v, e->score_dim};
    if (!status)
        status = oracle->solve(&head, &truth, error);
    free(rows);
    free(q);
    if (status)
        at_oracle_truth_done(&truth);
    else
        *ret_truth = truth;
    return status;
}
