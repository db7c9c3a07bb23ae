/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "metrics/share.h"

#include <math.h>

/* Needs no truth: rows whose inputs were not finite count too. */
static void add(struct at_metric_state *state, const struct at_row_sample *row)
{
    for (int64_t i = 0; i < row->dim; i++)
        state->v[0] += !isfinite(row->got[i]);
    state->n += row->dim;
}

static enum at_status value(const struct at_metric_state *state, double *ret_value)
{
    if (!state->n)
        return AT_ERR_UNDEFINED;
    *ret_value = state->v[0];
    return AT_OK;
}

const struct at_metric at_metric_nonfinite = {
    .name = "nonfinite",
    .label = "outputs that are NaN or infinite",
    .unit = "outputs",
    .formula = "count of got that are NaN or infinite",
    .better = AT_SMALLER_IS_BETTER,
    .add = add,
    .merge = at_share_merge,
    .value = value,
};
