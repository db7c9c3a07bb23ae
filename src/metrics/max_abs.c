/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "metrics/row.h"
#include "metrics/worst.h"

static void add(struct at_metric_state *state, const struct at_row_sample *row)
{
    if (!at_row_has_truth(row))
        return;
    for (int64_t i = 0; i < row->dim; i++)
        at_worst_add(state, fabs(row->got[i] - row->truth[i]), at_row_radius(row, i));
}

const struct at_metric at_metric_max_abs = {
    .name = "max_abs",
    .label = "largest error",
    .unit = "",
    .formula = "max |got - truth|",
    .better = AT_SMALLER_IS_BETTER,
    .add = add,
    .merge = at_worst_merge,
    .value = at_worst_value,
    .radius = at_worst_radius,
};
