/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "datasets/columns.h"
#include "datasets/dataset.h"
#include "datasets/fill.h"

enum { CHANNELS, MAGNITUDE, SPREAD, Q_MAGNITUDE };

/*
 * Chooses the large channels of the key/value head and gives each its mean with a random sign. Each query head has signs of its own:
 * the mean of q.k over keys has either sign.
 */
static void begin_head(struct at_fill_head *head)
{
    const double *values = head->context;
    if (head->tensor == AT_FILL_V)
        return;
    struct at_random choice = at_fill_group_key(head, AT_FILL_EVENT), sign = at_fill_group_key(head, AT_FILL_SIGN);
    int64_t signs = head->tensor == AT_FILL_K ? 0 : 1 + head->h;
    double magnitude = values[head->tensor == AT_FILL_K ? MAGNITUDE : Q_MAGNITUDE];
    bool large[AT_FILL_DIM_MAX];
    at_columns_choose(choice, head->problem->dim, values[CHANNELS], large);
    for (int64_t c = 0; c < head->problem->dim; c++)
        if (large[c])
            head->pattern[c] = at_random_uniform(sign, at_fill_counter(signs, c)) < 0.5 ? -magnitude : magnitude;
}

static void row(const struct at_fill_head *head, int64_t s, double *ret_row)
{
    const double *values = head->context;
    at_fill_normal(head, s, 1, ret_row);
    for (int64_t c = 0; c < head->problem->dim; c++)
        if (head->pattern[c] != 0)
            ret_row[c] = head->pattern[c] * (1 + values[SPREAD] * ret_row[c]);
}

static void generate(const struct at_problem *problem, const double *values, uint64_t seed, struct at_qkv *qkv)
{
    at_fill(&(struct at_fill){begin_head, row}, problem, values, seed, qkv);
}

const struct at_distribution at_distribution_k_channel = {
    .name = "k-channel",
    .summary = "N(0, 1), but a few channels of K (and, weaker, Q) are +-magnitude * (1 + spread * N(0, 1)) at every token",
    .source = "KIVI, arXiv 2402.02750; LLM.int8(), arXiv 2208.07339",
    .parameters = {[CHANNELS] = {"channels", 4, 1, 16, "large channels of each key/value head (a count)", true},
                   [MAGNITUDE] = {"magnitude", 30, 1, 1000, "|mean| of K there (the standard deviation elsewhere is 1)", false},
                   [SPREAD] = {"spread", 0.05, 0, 1, "standard deviation there over |mean| (a ratio)", false},
                   [Q_MAGNITUDE] = {"q-magnitude", 5, 1, 1000, "|mean| of Q there (the standard deviation elsewhere is 1)", false}},
    .generate = generate,
};
