/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "datasets/dataset.h"
#include "datasets/fill.h"

enum { FROM, FUTURE, SIGMA };

/* Which future a draw is of lies above the row in its counter: futures are below 2^17, and rows below 2^30 share no draw with them. */
static void row(const struct at_fill_head *head, int64_t s, double *ret_row)
{
    const double *values = head->context;
    bool later = head->tensor != AT_FILL_Q && s >= (int64_t)(values[FROM] * (double)head->problem->seq_k + 0.5);
    if (!later || values[FUTURE] == 0) {
        at_fill_normal(head, s, later ? values[SIGMA] : 1, ret_row);
        return;
    }
    struct at_random key = at_fill_key(head, AT_FILL_SIZE);
    int64_t place = ((int64_t)values[FUTURE] << 30) + s;
    for (int64_t c = 0; c < head->problem->dim; c++)
        ret_row[c] = values[SIGMA] * at_random_normal(key, at_fill_counter(place, c));
}

static void generate(const struct at_problem *problem, const double *values, uint64_t seed, struct at_qkv *qkv)
{
    at_fill(&(struct at_fill){.row = row}, problem, values, seed, qkv);
}

const struct at_distribution at_distribution_causal_leak = {
    .name = "causal-leak",
    .summary = "N(0, 1), but k and v from key round(from * seq_k) on are sigma * N(0, 1), drawn anew for each future",
    .source = "scales that see future tokens: NVIDIA/TransformerEngine#3248",
    .parameters = {[FROM] = {"from", 0.5, 0, 1, "place of the first future key (share of the sequence)", false},
                   [FUTURE] = {"future", 0, 0, 100000, "number of the future; 0 goes on as normal does (an index)", true},
                   [SIGMA] = {"sigma", 1, 0, 100000, "standard deviation of the future K and V (that of the past is 1)", false}},
    .generate = generate,
};
