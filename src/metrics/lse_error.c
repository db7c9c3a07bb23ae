/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "metrics/row.h"
#include "metrics/worst.h"

/* A row without keys has a log-sum-exp of -infinity, and only that is right for it. */
static void add(struct at_metric_state *state, const struct at_row_sample *row)
{
    double got = row->got_lse, truth = row->truth_lse;
    if (isnan(truth))
        return;
    bool equal = got == truth;
    at_worst_add(state, equal ? 0 : fabs(got - truth), row->lse_radius >= 0 ? row->lse_radius : INFINITY);
}

const struct at_metric at_metric_lse_error = {
    .name = "lse_error",
    .label = "largest error of the log-sum-exp",
    .unit = "nat",
    .formula = "max |got_lse - truth_lse|",
    .better = AT_SMALLER_IS_BETTER,
    .add = add,
    .merge = at_worst_merge,
    .value = at_worst_value,
    .radius = at_worst_radius,
};
