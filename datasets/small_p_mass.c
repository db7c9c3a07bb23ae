/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "core/elementary.h"
#include "datasets/dataset.h"
#include "datasets/spike.h"

enum { RATIO, DEVIATION, MEAN, DEPTH };

static void generate(const struct at_problem *problem, const double *values, uint64_t seed, struct at_qkv *qkv)
{
    int64_t key = (int64_t)(values[DEPTH] * (double)(problem->seq_k - 1) + 0.5);
    struct at_spike spike = {.key = key, .gap = -at_log(values[RATIO]), .deviation = values[DEVIATION], .v_mean = values[MEAN]};
    at_spike_fill(&spike, problem, seed, qkv);
}

const struct at_distribution at_distribution_small_p_mass = {
    .name = "small-p-mass",
    .summary = "one key has the largest P of every row that sees it, all others ratio * exp(N(0, deviation^2)) times it; v = N(mean, 1)",
    .source = "P near 1e-4 of the maximum, lost when P is cast to e4m3 without an offset: flashinfer-ai/flashinfer#5020",
    .parameters = {[RATIO] = {"ratio", 1e-4, 1e-30, 1, "P of the other keys over that of the leading one (a ratio)", false},
                   [DEVIATION] = {"deviation", 0.1, 0, 100, "standard deviation of the others' scaled scores (nats)", false},
                   [MEAN] = {"mean", 1, -1000, 1000, "mean of every element of V (its standard deviation is 1)", false},
                   [DEPTH] = {"depth", 0, 0, 1, "place of the leading key: 0 the first key, 1 the last (share of the sequence)", false}},
    .generate = generate,
};
