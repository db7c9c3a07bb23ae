/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "oracles/oracle.h"

#include "core/name.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum at_status at_oracle_head_check(const struct at_oracle_head *head, const char *oracle, struct at_error *error)
{
    enum at_status status = at_problem_check(head->problem, error);
    if (status) {
        char who[80];
        snprintf(who, sizeof who, "oracle %s", oracle);
        return at_fail_in(error, status, who);
    }
    if (head->row_count < 0 || head->score_dim < 0)
        return at_fail(error, AT_ERR_ARGUMENT, "oracle %s: %" PRId64 " query rows of %" PRId64 " columns: neither can be below 0", oracle,
                       head->row_count, head->score_dim);
    for (int64_t i = 0; i < head->row_count; i++)
        if (head->rows[i] < 0 || head->rows[i] >= head->problem->seq_q)
            return at_fail(error, AT_ERR_ARGUMENT, "oracle %s: query row %" PRId64 " of a sequence of %" PRId64 ": count from 0", oracle,
                           head->rows[i], head->problem->seq_q);
    return AT_OK;
}

enum at_status at_oracle_find(const char *name, const struct at_oracle **ret_oracle, struct at_error *error)
{
    const char *nearest = NULL;
    for (size_t i = 0; i < at_oracle_count; i++) {
        if (strcmp(at_oracles[i]->name, name) == 0) {
            *ret_oracle = at_oracles[i];
            return AT_OK;
        }
        const char *pair[] = {nearest, at_oracles[i]->name};
        nearest = nearest ? at_name_nearest(name, pair, 2) : at_name_nearest(name, pair + 1, 1);
    }
    if (nearest)
        return at_fail(error, AT_ERR_NOT_FOUND, "oracle '%s': there is none of that name; the nearest is '%s'", name, nearest);
    return at_fail(error, AT_ERR_NOT_FOUND, "oracle '%s': there is none of that name; 'attest list oracles' shows them", name);
}

void at_oracles_rest(const struct at_oracle *except)
{
    for (size_t i = 0; i < at_oracle_count; i++)
        if (at_oracles[i] != except && at_oracles[i]->rest)
            at_oracles[i]->rest();
}

enum at_status at_oracle_truth_init(struct at_oracle_truth *ret_truth, const struct at_problem *problem, int64_t row_count, int with_p,
                                    struct at_error *error)
{
    if (row_count < 1)
        return at_fail(error, AT_ERR_ARGUMENT, "reference: %" PRId64 " rows: choose at least one", row_count);
    int64_t widest = with_p && problem->seq_k > problem->dim ? problem->seq_k : problem->dim;
    if (row_count > PTRDIFF_MAX / (int64_t)sizeof(double) / widest)
        return at_fail(error, AT_ERR_MEMORY, "reference: %" PRId64 " rows of %" PRId64 " numbers exceed the address space; choose fewer",
                       row_count, widest);
    size_t rows = (size_t)row_count, dim = (size_t)problem->dim;
    struct at_oracle_truth truth = {
        .o = calloc(rows, dim * sizeof(double)),
        .o_low = calloc(rows, dim * sizeof(double)),
        .radius = calloc(rows, dim * sizeof(double)),
        .sum_abs = calloc(rows, dim * sizeof(double)),
        .lse = calloc(rows, sizeof(double)),
        .lse_radius = calloc(rows, sizeof(double)),
        .p = with_p ? calloc(rows, (size_t)problem->seq_k * sizeof(double)) : NULL,
    };
    if (!truth.o || !truth.o_low || !truth.radius || !truth.sum_abs || !truth.lse || !truth.lse_radius || (with_p && !truth.p)) {
        at_oracle_truth_done(&truth);
        return at_fail(error, AT_ERR_MEMORY, "reference: no memory for %" PRId64 " rows%s; choose fewer rows", row_count,
                       with_p ? " with their probabilities" : "");
    }
    *ret_truth = truth;
    return AT_OK;
}

void at_oracle_truth_done(struct at_oracle_truth *truth)
{
    free(truth->o);
    free(truth->o_low);
    free(truth->radius);
    free(truth->sum_abs);
    free(truth->lse);
    free(truth->lse_radius);
    free(truth->p);
    *truth = (struct at_oracle_truth){0};
}
