/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "datasets/dataset.h"
#include "datasets/spike.h"

enum { GAP, DEPTH, DEVIATION };

static void generate(const struct at_problem *problem, const double *values, uint64_t seed, struct at_qkv *qkv)
{
    int64_t key = (int64_t)(values[DEPTH] * (double)(problem->seq_k - 1) + 0.5);
    at_spike_fill(&(struct at_spike){.key = key, .gap = values[GAP], .deviation = values[DEVIATION]}, problem, seed, qkv);
}

const struct at_distribution at_distribution_needle = {
    .name = "needle",
    .summary = "key round(depth * (seq_k - 1)) scores gap in every row that sees it, the others N(0, deviation^2) (nats); v = N(0, 1)",
    .source = "needle in a haystack at 128k tokens: BF16 91 %, FP8 13 %, two-level 89 % (vllm-project/vllm#23813)",
    .parameters = {[GAP] = {"gap", 10, 0, 1000, "scaled score of the needle over the centre of the others' (nats)", false},
                   [DEPTH] = {"depth", 0.5, 0, 1, "place of the needle: 0 the first key, 1 the last (share of the sequence)", false},
                   [DEVIATION] = {"deviation", 0.1, 0, 100, "standard deviation of the others' scaled scores (nats)", false}},
    .generate = generate,
};
