/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "datasets/dataset.h"
#include "datasets/fill.h"

#include <math.h>

enum { DEVIATION };

/* Q has rows of one length, so that the scores of every row scatter alike. */
static void row(const struct at_fill_head *head, int64_t s, double *ret_row)
{
    const double *values = head->context;
    double squares = 0;
    at_fill_normal(head, s, 1, ret_row);
    if (head->tensor != AT_FILL_Q)
        return;
    for (int64_t c = 0; c < head->problem->dim; c++)
        squares += ret_row[c] * ret_row[c];
    double factor = values[DEVIATION] / (at_fill_scale(head->problem) * sqrt(squares));
    for (int64_t c = 0; c < head->problem->dim; c++)
        ret_row[c] *= factor;
}

static void generate(const struct at_problem *problem, const double *values, uint64_t seed, struct at_qkv *qkv)
{
    at_fill(&(struct at_fill){.row = row}, problem, values, seed, qkv);
}

const struct at_distribution at_distribution_diffuse = {
    .name = "diffuse",
    .summary = "the scaled scores of every row are N(0, deviation^2) (nats), nearly uniform attention; k, v = N(0, 1)",
    .source = "error 0.027 to 0.361 of FA4 over 10k and more keys: Dao-AILab/flash-attention#2694",
    .parameters = {[DEVIATION] = {"deviation", 1, 0, 20, "standard deviation of the scaled scores of a row (nats)", false}},
    .generate = generate,
};
