/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "metrics/energy.h"
#include "metrics/sum.h"

#include <stdbool.h>

static double denominator(const struct at_metric_state *state)
{
    return at_energy_sum(state, AT_ENERGY_GOT) + at_energy_sum(state, AT_ENERGY_TRUTH);
}

/* 1 - 2<x,y>/(|x|^2 + |y|^2) = |x - y|^2 / (|x|^2 + |y|^2), which does not cancel. */
static enum at_status value(const struct at_metric_state *state, double *ret_value)
{
    bool bad = state->v[AT_ENERGY_BAD] > 0;
    if (!bad && !(denominator(state) > 0))
        return AT_ERR_UNDEFINED;
    *ret_value = bad ? INFINITY : at_energy_sum(state, AT_ENERGY_ERROR) / denominator(state);
    return AT_OK;
}

/* Squares of norms within R: |a'^2 - a^2| <= R (2 a + R). */
static double radius(const struct at_metric_state *state)
{
    double quotient, change = at_energy_radius(state);
    if (value(state, &quotient) || isinf(quotient))
        return 0;
    double error = sqrt(at_energy_sum(state, AT_ENERGY_ERROR)), truth = sqrt(at_energy_sum(state, AT_ENERGY_TRUTH));
    return at_quotient_radius(quotient, change * (2 * error + change), denominator(state), change * (2 * truth + change));
}

const struct at_metric at_metric_calc_diff = {
    .name = "calc_diff",
    .label = "DeepGEMM's calc_diff",
    .unit = "",
    .formula = "1 - 2 <got, truth> / (|got|^2 + |truth|^2)",
    .better = AT_SMALLER_IS_BETTER,
    .add = at_energy_add,
    .merge = at_energy_merge,
    .value = value,
    .radius = radius,
};
