/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "datasets/dataset.h"
#include "datasets/fill.h"

enum { SIGMA };

static void row(const struct at_fill_head *head, int64_t s, double *ret_row)
{
    const double *values = head->context;
    at_fill_normal(head, s, values[SIGMA], ret_row);
}

static void generate(const struct at_problem *problem, const double *values, uint64_t seed, struct at_qkv *qkv)
{
    at_fill(&(struct at_fill){.row = row}, problem, values, seed, qkv);
}

const struct at_distribution at_distribution_normal = {
    .name = "normal",
    .summary = "q, k, v = N(0, sigma^2), independent",
    .source = "the input of most kernel tests (torch.randn); hides what the others show",
    .parameters = {[SIGMA] = {"sigma", 1, 0, 1000, "standard deviation of every element (its own unit)", false}},
    .generate = generate,
};
