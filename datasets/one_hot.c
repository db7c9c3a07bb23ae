/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "datasets/dataset.h"
#include "datasets/fill.h"

enum { GAP };

/* A query is its key, as long as it takes: q = gap k / (scale |k|^2). A row without keys is noise. */
static void row(const struct at_fill_head *head, int64_t s, double *ret_row)
{
    const double *values = head->context;
    int64_t keys = at_problem_keys(head->problem, s);
    if (head->tensor != AT_FILL_Q || keys == 0) {
        at_fill_normal(head, s, 1, ret_row);
        return;
    }
    struct at_fill_head of_key = {.problem = head->problem, .seed = head->seed, .tensor = AT_FILL_K, .b = head->b};
    of_key.h = head->h / at_problem_group(head->problem);
    double squares = 0, place = at_random_uniform(at_fill_key(head, AT_FILL_EVENT), at_fill_counter(s, 0));
    at_fill_normal(&of_key, (int64_t)(place * (double)keys), 1, ret_row);
    for (int64_t c = 0; c < head->problem->dim; c++)
        squares += ret_row[c] * ret_row[c];
    for (int64_t c = 0; c < head->problem->dim; c++)
        ret_row[c] *= values[GAP] / (at_fill_scale(head->problem) * squares);
}

static void generate(const struct at_problem *problem, const double *values, uint64_t seed, struct at_qkv *qkv)
{
    at_fill(&(struct at_fill){.row = row}, problem, values, seed, qkv);
}

const struct at_distribution at_distribution_one_hot = {
    .name = "one-hot",
    .summary = "every row attends to one key, drawn among those it sees: score gap, the others N(0, gap^2 / d) (nats); k, v = N(0, 1)",
    .source = "attest: the output is one row of V; swapped rows, heads or tiles show at once",
    .parameters = {[GAP] = {"gap", 300, 0, 3000, "scaled score of the key of a row (nats)", false}},
    .generate = generate,
};
