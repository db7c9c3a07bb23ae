/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "datasets/axis.h"
#include "datasets/dataset.h"

#include <math.h>

enum { SHARE, NEAR, FAR, DEVIATION };

static void row(const struct at_fill_head *head, int64_t s, double *ret_row)
{
    const double *values = head->context;
    double length = sqrt((double)head->problem->dim), across = at_axis_across(head->problem, values[DEVIATION]), along = 0;
    uint64_t counter = at_fill_counter(s, 0);
    switch (head->tensor) {
    case AT_FILL_Q:
        if (at_random_uniform(at_fill_key(head, AT_FILL_EVENT), counter) < values[SHARE]) {
            double depth = at_random_uniform(at_fill_key(head, AT_FILL_SIZE), counter);
            along = -(values[NEAR] + (values[FAR] - values[NEAR]) * depth) / (at_fill_scale(head->problem) * length);
        }
        at_axis_row(head, s, along, across, ret_row);
        break;
    case AT_FILL_K: at_axis_row(head, s, length, 1, ret_row); break;
    case AT_FILL_V: at_fill_normal(head, s, 1, ret_row); break;
    }
}

static void generate(const struct at_problem *problem, const double *values, uint64_t seed, struct at_qkv *qkv)
{
    at_fill(&(struct at_fill){at_axis_begin_head, row}, problem, values, seed, qkv);
}

const struct at_distribution at_distribution_deep_negative = {
    .name = "deep-negative",
    .summary = "scores N(0, deviation^2), but in a share of the rows all lie lower by one level of U(near, far) (nats); v = N(0, 1)",
    .source = "rows at -200 to -490, 1 of 16: NVIDIA/cudnn-frontend#743 and #745; real ones: pytorch/pytorch#193893",
    .parameters = {[SHARE] = {"share", 0.0625, 0, 1, "share of query rows whose scores are deeply negative (1 = all)", false},
                   [NEAR] = {"near", 200, 0, 10000, "how far below 0 such a row lies at least (nats)", false},
                   [FAR] = {"far", 490, 0, 10000, "how far below 0 such a row lies at most (nats)", false},
                   [DEVIATION] = {"deviation", 1, 0, 100, "standard deviation of the scaled scores of a row (nats)", false}},
    .generate = generate,
};
