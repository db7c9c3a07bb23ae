/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "datasets/spike.h"

#include "datasets/fill.h"

#include <math.h>

static double dot(const double *x, const double *y, int64_t dim)
{
    double sum = 0;
    for (int64_t c = 0; c < dim; c++)
        sum += x[c] * y[c];
    return sum;
}

static void begin_head(struct at_fill_head *head)
{
    struct at_random key = at_fill_group_key(head, AT_FILL_NOISE);
    int64_t dim = head->problem->dim;
    for (int64_t c = 0; c < dim; c++)
        head->pattern[c] = at_random_normal(key, (uint64_t)c);
    double length = sqrt(dot(head->pattern, head->pattern, dim));
    for (int64_t c = 0; c < dim; c++)
        head->pattern[c] /= length;
}

/* ret_row = along * w + across * n' */
static void combine(const struct at_fill_head *head, int64_t s, double along, double across, double *ret_row)
{
    int64_t dim = head->problem->dim;
    at_fill_normal(head, s, 1, ret_row);
    double projection = dot(ret_row, head->pattern, dim);
    for (int64_t c = 0; c < dim; c++)
        ret_row[c] = along * head->pattern[c] + across * (ret_row[c] - projection * head->pattern[c]);
}

static void row(const struct at_fill_head *head, int64_t s, double *ret_row)
{
    const struct at_spike *spike = head->context;
    double dim = (double)head->problem->dim, scale = head->problem->scale > 0 ? head->problem->scale : 1 / sqrt(dim);
    switch (head->tensor) {
    case AT_FILL_Q:
        combine(head, s, spike->gap / (scale * sqrt(dim)), spike->deviation / (scale * sqrt(dim - 1)), ret_row);
        break;
    case AT_FILL_K: combine(head, s, s == spike->key ? sqrt(dim) : 0, s == spike->key ? 0 : 1, ret_row); break;
    case AT_FILL_V: at_fill_normal(head, s, 1, ret_row); break;
    }
}

void at_spike_fill(const struct at_spike *spike, const struct at_problem *problem, uint64_t seed, struct at_qkv *qkv)
{
    at_fill(&(struct at_fill){begin_head, row}, problem, spike, seed, qkv);
}
