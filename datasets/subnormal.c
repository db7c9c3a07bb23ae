/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "datasets/dataset.h"
#include "datasets/fill.h"

#include <math.h>

enum { Q_EXPONENT, K_EXPONENT, V_EXPONENT };

static void row(const struct at_fill_head *head, int64_t s, double *ret_row)
{
    const double *values = head->context;
    at_fill_normal(head, s, ldexp(1, (int)values[Q_EXPONENT + head->tensor]), ret_row);
}

static void generate(const struct at_problem *problem, const double *values, uint64_t seed, struct at_qkv *qkv)
{
    at_fill(&(struct at_fill){.row = row}, problem, values, seed, qkv);
}

const struct at_distribution at_distribution_subnormal = {
    .name = "subnormal",
    .summary = "q, k, v = N(0, 1) times a power of two each; by default q and v are mostly subnormal numbers of fp16",
    .source = "attest: the lower edge of the formats (fp16 is subnormal below 2^-14, e4m3 below 2^-6)",
    .parameters = {[Q_EXPONENT] = {"q-exponent", -15, -149, 15, "log2 of the standard deviation of Q (binary orders)", true},
                   [K_EXPONENT] = {"k-exponent", 13, -149, 15, "log2 of the standard deviation of K (binary orders)", true},
                   [V_EXPONENT] = {"v-exponent", -16, -149, 15, "log2 of the standard deviation of V (binary orders)", true}},
    .generate = generate,
};
