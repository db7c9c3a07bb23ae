/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "datasets/dataset.h"
#include "datasets/fill.h"

enum { MEAN, SIGMA };

static void row(const struct at_fill_head *head, int64_t s, double *ret_row)
{
    const double *values = head->context;
    bool v = head->tensor == AT_FILL_V;
    at_fill_normal(head, s, v ? values[SIGMA] : 1, ret_row);
    for (int64_t c = 0; v && c < head->problem->dim; c++)
        ret_row[c] += values[MEAN];
}

static void generate(const struct at_problem *problem, const double *values, uint64_t seed, struct at_qkv *qkv)
{
    at_fill(&(struct at_fill){.row = row}, problem, values, seed, qkv);
}

const struct at_distribution at_distribution_v_mean = {
    .name = "v-mean",
    .summary = "q, k = N(0, 1); v = N(mean, sigma^2), independent",
    .source = "attest: makes the bias of a truncating P*V accumulator visible, which zero-mean V averages away",
    .parameters = {[MEAN] = {"mean", 1, -1000, 1000, "mean of every element of V (the standard deviation of Q and K is 1)", false},
                   [SIGMA] = {"sigma", 1, 0, 1000, "standard deviation of V (that of Q and K is 1)", false}},
    .generate = generate,
};
