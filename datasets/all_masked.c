/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "datasets/dataset.h"
#include "datasets/fill.h"

#include <math.h>

enum { PADDING, LEVEL };

/* The mask is a column: sqrt(level / scale) in Q, its negative in the padded rows of K, 0 in the others. */
static void row(const struct at_fill_head *head, int64_t s, double *ret_row)
{
    const double *values = head->context;
    double root = sqrt(values[LEVEL] / at_fill_scale(head->problem));
    at_fill_normal(head, s, 1, ret_row);
    if (head->tensor == AT_FILL_Q)
        ret_row[0] = root;
    if (head->tensor == AT_FILL_K)
        ret_row[0] = (double)s < values[PADDING] * (double)head->problem->seq_k ? -root : 0;
}

static void generate(const struct at_problem *problem, const double *values, uint64_t seed, struct at_qkv *qkv)
{
    at_fill(&(struct at_fill){.row = row}, problem, values, seed, qkv);
}

const struct at_distribution at_distribution_all_masked = {
    .name = "all-masked",
    .summary = "normal, but column 0 lowers the scores of the first padding * seq_k keys by level: an additive mask (nats)",
    .source = "attest: left padding under a causal mask leaves rows all of whose keys are masked; -10000 as in BERT's code",
    .parameters = {[PADDING] = {"padding", 0.25, 0, 1, "share of the keys, from the first on, that are masked (1 = all)", false},
                   [LEVEL] = {"level", 10000, 0, 1e6, "how far the mask lowers a scaled score (nats)", false}},
    .generate = generate,
};
