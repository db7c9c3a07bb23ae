/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "datasets/axis.h"
#include "datasets/dataset.h"

#include <math.h>

enum { SCORE, SEPARATION };

/* Column 0 alone tells the keys apart: the direction of the common score has no part of it. */
static void begin_head(struct at_fill_head *head)
{
    at_axis_begin_head(head);
    double rest = sqrt(1 - head->pattern[0] * head->pattern[0]);
    head->pattern[0] = 0;
    for (int64_t c = 1; c < head->problem->dim; c++)
        head->pattern[c] /= rest;
}

static void row(const struct at_fill_head *head, int64_t s, double *ret_row)
{
    const double *values = head->context;
    double length = sqrt((double)head->problem->dim), scale = at_fill_scale(head->problem);
    switch (head->tensor) {
    case AT_FILL_Q:
        at_axis_row(head, s, values[SCORE] / (scale * length), 1, ret_row);
        ret_row[0] = values[SEPARATION] / (2 * scale);
        break;
    case AT_FILL_K:
        at_axis_row(head, s, length, 0, ret_row);
        ret_row[0] = 2 * at_random_uniform(at_fill_key(head, AT_FILL_EVENT), at_fill_counter(s, 0)) - 1;
        break;
    case AT_FILL_V: at_fill_normal(head, s, 1, ret_row); break;
    }
}

static void generate(const struct at_problem *problem, const double *values, uint64_t seed, struct at_qkv *qkv)
{
    at_fill(&(struct at_fill){begin_head, row}, problem, values, seed, qkv);
}

const struct at_distribution at_distribution_near_tie = {
    .name = "near-tie",
    .summary = "every scaled score is score + separation * U(-1/2, 1/2) (nats); v = N(0, 1)",
    .source = "attest: the default separates keys by at most one last place of an fp32 score in [8, 16)",
    .parameters = {[SCORE] = {"score", 10, 0, 300, "scaled score that all keys share (nats)", false},
                   [SEPARATION] = {"separation", 0x1p-20, 0, 1, "largest difference between two scaled scores of a row (nats)", false}},
    .generate = generate,
};
