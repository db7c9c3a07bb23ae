/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "datasets/dataset.h"
#include "datasets/fill.h"

#include <math.h>

enum { SIZE };

/* Column 0 alone makes the size: +-sqrt(size) in the rows of Q, sqrt(size) in those of K. */
static void row(const struct at_fill_head *head, int64_t s, double *ret_row)
{
    const double *values = head->context;
    at_fill_normal(head, s, 1, ret_row);
    if (head->tensor == AT_FILL_V)
        return;
    bool negative = head->tensor == AT_FILL_Q && at_random_uniform(at_fill_key(head, AT_FILL_SIGN), at_fill_counter(s, 0)) < 0.5;
    ret_row[0] = negative ? -sqrt(values[SIZE]) : sqrt(values[SIZE]);
}

static void generate(const struct at_problem *problem, const double *values, uint64_t seed, struct at_qkv *qkv)
{
    at_fill(&(struct at_fill){.row = row}, problem, values, seed, qkv);
}

const struct at_distribution at_distribution_huge = {
    .name = "huge",
    .summary = "N(0, 1), but column 0 of q is +-sqrt(size), one sign a row, and of k sqrt(size): q.k = +-size + N(0, d - 1) for every key",
    .source = "|Q K^T| beyond 65504, the largest fp16 number: Dao-AILab/flash-attention#543",
    .parameters = {[SIZE] = {"size", 80000, 0, 1e9, "|q.k| common to the keys of a row, before the scale (its own unit)", false}},
    .generate = generate,
};
