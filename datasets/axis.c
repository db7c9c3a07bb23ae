/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "datasets/axis.h"

#include <math.h>

static double dot(const double *x, const double *y, int64_t dim)
{
    double sum = 0;
    for (int64_t c = 0; c < dim; c++)
        sum += x[c] * y[c];
    return sum;
}

void at_axis_begin_head(struct at_fill_head *head)
{
    struct at_random key = at_fill_group_key(head, AT_FILL_NOISE);
    int64_t dim = head->problem->dim;
    for (int64_t c = 0; c < dim; c++)
        head->pattern[c] = at_random_normal(key, (uint64_t)c);
    double length = sqrt(dot(head->pattern, head->pattern, dim));
    for (int64_t c = 0; c < dim; c++)
        head->pattern[c] /= length;
}

void at_axis_row(const struct at_fill_head *head, int64_t s, double along, double across, double *ret_row)
{
    int64_t dim = head->problem->dim;
    at_fill_normal(head, s, 1, ret_row);
    double projection = dot(ret_row, head->pattern, dim);
    for (int64_t c = 0; c < dim; c++)
        ret_row[c] = along * head->pattern[c] + across * (ret_row[c] - projection * head->pattern[c]);
}

double at_axis_across(const struct at_problem *problem, double deviation)
{
    return deviation / (at_fill_scale(problem) * sqrt((double)problem->dim - 1));
}
