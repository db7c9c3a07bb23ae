/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "metrics/row.h"
#include "metrics/worst.h"

/*
 * The unit sum p |v| is what an output can lose to cancellation-free rounding. Where it is 0 the output is exactly 0: 0 is then right and
 * says nothing (0/0, left out), anything else is infinitely wrong.
 * Radius: |e'|/s' with |e' - e| <= r and |s' - s| <= eps s moves by at most (r/s + eps |e|/s) / (1 - eps).
 */
static void add(struct at_metric_state *state, const struct at_row_sample *row)
{
    if (!at_row_has_truth(row))
        return;
    const double eps = at_row_relative(row);
    for (int64_t i = 0; i < row->dim; i++) {
        double error = fabs(row->got[i] - row->truth[i]), unit = row->sum_abs[i];
        if (error == 0 && unit == 0)
            continue;
        double relative = error / unit; /* infinite for unit = 0, NaN (worst) for a unit that is not a number */
        double radius = eps < 1 ? (at_row_radius(row, i) / unit + eps * relative) / (1 - eps) : INFINITY;
        at_worst_add(state, relative >= 0 ? relative : INFINITY, isfinite(relative) ? radius : 0);
    }
}

const struct at_metric at_metric_max_rel_sum_abs = {
    .name = "max_rel_sum_abs",
    .label = "largest error / sum p|v|",
    .unit = "",
    .formula = "max |got - truth| / (sum p |v|)",
    .better = AT_SMALLER_IS_BETTER,
    .add = add,
    .merge = at_worst_merge,
    .value = at_worst_value,
    .radius = at_worst_radius,
};
