/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "metrics/energy.h"

#include <math.h>

static enum at_status value(const struct at_metric_state *state, double *ret_value)
{
    if (!state->n)
        return AT_ERR_UNDEFINED;
    *ret_value = state->v[AT_ENERGY_BAD] > 0 ? INFINITY : sqrt(at_energy_sum(state, AT_ENERGY_ERROR) / (double)state->n);
    return AT_OK;
}

/* |norm(error') - norm(error)| <= R. */
static double radius(const struct at_metric_state *state)
{
    return !state->n || state->v[AT_ENERGY_BAD] > 0 ? 0 : at_energy_radius(state) / sqrt((double)state->n);
}

const struct at_metric at_metric_rmse = {
    .name = "rmse",
    .label = "RMSE",
    .unit = "",
    .formula = "sqrt(mean (got - truth)^2)",
    .better = AT_SMALLER_IS_BETTER,
    .add = at_energy_add,
    .merge = at_energy_merge,
    .value = value,
    .radius = radius,
};
