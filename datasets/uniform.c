/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "datasets/dataset.h"
#include "datasets/fill.h"

enum { LOW, HIGH };

static void row(const struct at_fill_head *head, int64_t s, double *ret_row)
{
    const double *values = head->context;
    struct at_random key = at_fill_key(head, AT_FILL_NOISE);
    for (int64_t c = 0; c < head->problem->dim; c++)
        ret_row[c] = values[LOW] + (values[HIGH] - values[LOW]) * at_random_uniform(key, at_fill_counter(s, c));
}

static void generate(const struct at_problem *problem, const double *values, uint64_t seed, struct at_qkv *qkv)
{
    at_fill(&(struct at_fill){.row = row}, problem, values, seed, qkv);
}

const struct at_distribution at_distribution_uniform = {
    .name = "uniform",
    .summary = "q, k, v = U(low, high), independent; low and high in either order",
    .source = "bounded inputs without tails, as torch.rand; low = 0 gives all-positive operands",
    .parameters = {[LOW] = {"low", -1, -1000, 1000, "one end of the interval (the elements' own unit)", false},
                   [HIGH] = {"high", 1, -1000, 1000, "the other end of the interval (the elements' own unit)", false}},
    .generate = generate,
};
