/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_METRICS_ROW_H
#define AT_METRICS_ROW_H

#include "metrics/metric.h"

#include <math.h>
#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What every metric asks of a row. */

/* Whether the row has a reference: every truth is finite. */
static inline bool at_row_has_truth(const struct at_row_sample *row)
{
    for (int64_t i = 0; i < row->dim; i++)
        if (!isfinite(row->truth[i]))
            return false;
    return true;
}

/* The truth's radius of output i; one that is not a number >= 0 bounds nothing. */
static inline double at_row_radius(const struct at_row_sample *row, int64_t i)
{
    return row->radius[i] >= 0 ? row->radius[i] : INFINITY;
}

/*
 * Relative error of `sum_abs` and `truth_p`: the promise in metric.h, which is the oracles' own. What a radius has because a double cannot
 * be smaller says nothing of them. Infinite: no bound.
 */
static inline double at_row_relative(const struct at_row_sample *row)
{
    double relative = 1e-15;
    for (int64_t i = 0; i < row->dim; i++)
        if (row->sum_abs[i] > 0)
            relative = fmax(relative, (at_row_radius(row, i) - 0x1p-1073) / row->sum_abs[i]);
    return relative < 1 ? relative : INFINITY;
}

/* Whether the row has weights to compare: both given, at least one key, the true ones finite and not all 0. */
static inline bool at_row_has_weights(const struct at_row_sample *row)
{
    double largest = 0;
    if (!row->got_p || !row->truth_p)
        return false;
    for (int64_t j = 0; j < row->keys; j++) {
        if (!isfinite(row->truth_p[j]))
            return false;
        largest = fmax(largest, row->truth_p[j]);
    }
    return largest > 0;
}

/* Whether the kernel's weights are weights: finite, not negative. */
static inline bool at_row_weights_valid(const struct at_row_sample *row)
{
    for (int64_t j = 0; j < row->keys; j++)
        if (!(row->got_p[j] >= 0 && row->got_p[j] < INFINITY))
            return false;
    return true;
}

#ifdef __cplusplus
}
#endif

#endif
