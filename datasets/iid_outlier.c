/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "datasets/dataset.h"
#include "datasets/fill.h"

enum { PROBABILITY, SIGMA };

static void row(const struct at_fill_head *head, int64_t s, double *ret_row)
{
    const double *values = head->context;
    struct at_random event = at_fill_key(head, AT_FILL_EVENT), size = at_fill_key(head, AT_FILL_SIZE);
    at_fill_normal(head, s, 1, ret_row);
    for (int64_t c = 0; c < head->problem->dim; c++) {
        uint64_t counter = at_fill_counter(s, c);
        if (at_random_uniform(event, counter) < values[PROBABILITY])
            ret_row[c] += values[SIGMA] * at_random_normal(size, counter);
    }
}

static void generate(const struct at_problem *problem, const double *values, uint64_t seed, struct at_qkv *qkv)
{
    at_fill(&(struct at_fill){.row = row}, problem, values, seed, qkv);
}

const struct at_distribution at_distribution_iid_outlier = {
    .name = "iid-outlier",
    .summary = "q, k, v = N(0, 1) + N(0, sigma^2) * Bernoulli(probability), independent",
    .source = "FlashAttention-3, arXiv 2407.08608, table 3",
    .parameters = {[PROBABILITY] = {"probability", 0.001, 0, 1, "share of elements that get the second term (1 = all)", false},
                   [SIGMA] = {"sigma", 10, 0, 1000, "standard deviation of the second term (that of the first is 1)", false}},
    .generate = generate,
};
