/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "metrics/mean.h"
#include "metrics/row.h"

/*
 * Of the kernel's heaviest keys (several may tie after rounding) the share that is not among the truth's heaviest: the chance that a key
 * picked from them is the wrong one. The truth's heaviest are all keys that its relative radius eps cannot tell from the largest weight,
 * t (1 + eps) >= t_max (1 - eps). All weights 0: no heaviest key, a flip. A weight that is not finite or negative: infinity.
 * The radius is 0: what the truth cannot separate is counted as equal by definition, so only certain flips are counted.
 */
static void add(struct at_metric_state *state, const struct at_row_sample *row)
{
    if (!at_row_has_weights(row))
        return;
    if (!at_row_weights_valid(row)) {
        at_mean_add(state, INFINITY, 0);
        return;
    }
    double got_max = 0, truth_max = 0;
    int64_t tied = 0, right = 0;
    for (int64_t j = 0; j < row->keys; j++) {
        got_max = fmax(got_max, row->got_p[j]);
        truth_max = fmax(truth_max, row->truth_p[j]);
    }
    double relative = at_row_relative(row), least = relative < 1 ? truth_max * ((1 - relative) / (1 + relative)) : 0;
    for (int64_t j = 0; j < row->keys; j++) {
        tied += row->got_p[j] == got_max;
        right += row->got_p[j] == got_max && row->truth_p[j] >= least;
    }
    at_mean_add(state, got_max > 0 ? (double)(tied - right) / (double)tied : 1, 0);
}

const struct at_metric at_metric_top1_flip = {
    .name = "top1_flip",
    .label = "rows whose heaviest key differs",
    .unit = "",
    .formula = "mean over rows of (heaviest keys of got_p not heaviest in truth_p) / (heaviest keys of got_p)",
    .better = AT_SMALLER_IS_BETTER,
    .add = add,
    .merge = at_mean_merge,
    .value = at_mean_value,
    .radius = at_mean_radius,
};
