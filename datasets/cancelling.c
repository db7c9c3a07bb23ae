/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "datasets/dataset.h"
#include "datasets/fill.h"

enum { RESIDUE };

static const double mean_abs = 0x1.9884533d43651p-1; /* sqrt(2 / pi) = 0.7978845608028654, the mean of |N(0, 1)| */

/* Keys 2 m and 2 m + 1 are equal, their values opposite. */
static void row(const struct at_fill_head *head, int64_t s, double *ret_row)
{
    const double *values = head->context;
    at_fill_normal(head, head->tensor == AT_FILL_Q ? s : s - s % 2, s % 2 && head->tensor == AT_FILL_V ? -1 : 1, ret_row);
    for (int64_t c = 0; head->tensor == AT_FILL_V && c < head->problem->dim; c++)
        ret_row[c] += values[RESIDUE] * mean_abs;
}

static void generate(const struct at_problem *problem, const double *values, uint64_t seed, struct at_qkv *qkv)
{
    at_fill(&(struct at_fill){.row = row}, problem, values, seed, qkv);
}

const struct at_distribution at_distribution_cancelling = {
    .name = "cancelling",
    .summary = "k[2m+1] = k[2m], v[2m+1] - r = -(v[2m] - r), r = 0.798 residue, so that o = r = residue * sum p|v|; q, k, v - r = N(0, 1)",
    .source = "attest: an output near zero, whose relative error explodes; max_rel_sum_abs judges it",
    .parameters = {[RESIDUE] = {"residue", 0.001, 0, 1, "|o| over sum p|v| in the truth (a ratio)", false}},
    .generate = generate,
};
