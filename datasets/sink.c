/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "datasets/dataset.h"
#include "datasets/spike.h"

enum { GAP, DEVIATION };

static void generate(const struct at_problem *problem, const double *values, uint64_t seed, struct at_qkv *qkv)
{
    at_spike_fill(&(struct at_spike){.key = 0, .gap = values[GAP], .deviation = values[DEVIATION]}, problem, seed, qkv);
}

const struct at_distribution at_distribution_sink = {
    .name = "sink",
    .summary = "key 0 scores gap in every row, the others N(0, deviation^2) (nats); v = N(0, 1)",
    .source = "attention sinks: arXiv 2309.17453; the e4m3 underflow of the rest: arXiv 2606.06521",
    .parameters = {[GAP] = {"gap", 10, 0, 1000, "scaled score of key 0 over the centre of the others' (nats)", false},
                   [DEVIATION] = {"deviation", 1, 0, 100, "standard deviation of the others' scaled scores (nats)", false}},
    .generate = generate,
};
