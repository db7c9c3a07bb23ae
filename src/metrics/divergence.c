/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "metrics/divergence.h"

#include "metrics/row.h"
#include "metrics/sum.h"

/* g ln(g/t) - g + t for g >= 0, t > 0; relative error below 2^-37, and exactly 0 for g = t. */
static double kl_term(double g, double t)
{
    double x = (g - t) / t;
    if (g == 0)
        return t;
    if (fabs(x) <= 0x1p-10) {
        /* t ((1 + x) ln(1 + x) - x) = t sum over k >= 2 of (-x)^k / (k (k - 1)); the terms from k = 8 are below 2^-64 of the first. */
        double series = 1.0 / 2 - x * (1.0 / 6 - x * (1.0 / 12 - x * (1.0 / 20 - x * (1.0 / 30 - x / 42))));
        return t * x * x * series;
    }
    double log_ratio = fabs(x) <= 0.5 ? log1p(x) : log(g) - log(t);
    return fmax(g * log_ratio - (g - t), 0);
}

bool at_distance_kl(const struct at_row_sample *row, struct at_distance *ret_distance)
{
    if (!at_row_has_weights(row))
        return false;
    *ret_distance = (struct at_distance){INFINITY, 0};
    if (!at_row_weights_valid(row))
        return true;
    double sum[2] = {0}, mass = 0;
    bool lower_bound = false;
    for (int64_t j = 0; j < row->keys; j++) {
        double g = row->got_p[j], t = row->truth_p[j];
        if (g == 0 && t == 0)
            continue;
        lower_bound |= t == 0;
        at_sum_add(sum, kl_term(g, t > 0 ? t : 0x1p-1074));
        mass += g + t;
    }
    double relative = at_row_relative(row), change = relative < 1 ? relative / (1 - relative) : INFINITY;
    *ret_distance = (struct at_distance){at_sum_value(sum), lower_bound ? INFINITY : change * at_sum_upper(mass, 2 * row->keys)};
    return true;
}

bool at_distance_tv(const struct at_row_sample *row, struct at_distance *ret_distance)
{
    if (!at_row_has_weights(row))
        return false;
    *ret_distance = (struct at_distance){INFINITY, 0};
    if (!at_row_weights_valid(row))
        return true;
    double sum[2] = {0}, mass = 0;
    for (int64_t j = 0; j < row->keys; j++) {
        at_sum_add(sum, fabs(row->got_p[j] - row->truth_p[j]));
        mass += row->truth_p[j];
    }
    *ret_distance = (struct at_distance){at_sum_value(sum) / 2, at_row_relative(row) * at_sum_upper(mass, row->keys) / 2};
    return true;
}
