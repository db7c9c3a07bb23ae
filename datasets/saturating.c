/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "datasets/dataset.h"
#include "datasets/fill.h"

#include <math.h>

enum { PROBABILITY, MAGNITUDE };

static void row(const struct at_fill_head *head, int64_t s, double *ret_row)
{
    const double *values = head->context;
    struct at_random event = at_fill_key(head, AT_FILL_EVENT);
    at_fill_normal(head, s, 1, ret_row);
    for (int64_t c = 0; c < head->problem->dim; c++)
        if (at_random_uniform(event, at_fill_counter(s, c)) < values[PROBABILITY])
            ret_row[c] = copysign(values[MAGNITUDE], ret_row[c]);
}

static void generate(const struct at_problem *problem, const double *values, uint64_t seed, struct at_qkv *qkv)
{
    at_fill(&(struct at_fill){.row = row}, problem, values, seed, qkv);
}

const struct at_distribution at_distribution_saturating = {
    .name = "saturating",
    .summary = "q, k, v = N(0, 1), but a share of the elements is +-magnitude, beyond the format's largest number, which it becomes",
    .source = "attest: the upper edge of the formats (fp16 ends at 65504, e4m3 at 448, e5m2 at 57344)",
    .parameters = {[PROBABILITY] = {"probability", 0.001, 0, 1, "share of elements that saturate (1 = all)", false},
                   [MAGNITUDE] = {"magnitude", 1e5, 1, 1e38, "|value| of these before rounding (the elements' own unit)", false}},
    .generate = generate,
};
