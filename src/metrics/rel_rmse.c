/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "metrics/energy.h"
#include "metrics/sum.h"

#include <stdbool.h>

static enum at_status value(const struct at_metric_state *state, double *ret_value)
{
    double truth = at_energy_sum(state, AT_ENERGY_TRUTH);
    bool bad = state->v[AT_ENERGY_BAD] > 0;
    if (!bad && !(truth > 0))
        return AT_ERR_UNDEFINED;
    *ret_value = bad ? INFINITY : sqrt(at_energy_sum(state, AT_ENERGY_ERROR) / truth);
    return AT_OK;
}

/* A quotient of two norms, each within R of the exact one. */
static double radius(const struct at_metric_state *state)
{
    double quotient, change = at_energy_radius(state);
    if (value(state, &quotient) || isinf(quotient))
        return 0;
    return at_quotient_radius(quotient, change, sqrt(at_energy_sum(state, AT_ENERGY_TRUTH)), change);
}

const struct at_metric at_metric_rel_rmse = {
    .name = "rel_rmse",
    .label = "relative RMSE",
    .unit = "",
    .formula = "sqrt(sum (got - truth)^2 / sum truth^2)",
    .better = AT_SMALLER_IS_BETTER,
    .add = at_energy_add,
    .merge = at_energy_merge,
    .value = value,
    .radius = radius,
};
