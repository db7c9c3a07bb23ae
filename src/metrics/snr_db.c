/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "metrics/energy.h"

#include <math.h>
#include <stdbool.h>

static enum at_status value(const struct at_metric_state *state, double *ret_value)
{
    double error = at_energy_sum(state, AT_ENERGY_ERROR), truth = at_energy_sum(state, AT_ENERGY_TRUTH);
    bool bad = state->v[AT_ENERGY_BAD] > 0;
    if (!bad && !(truth > 0))
        return AT_ERR_UNDEFINED;
    *ret_value = bad ? -INFINITY : error > 0 ? 10 * (log10(truth) - log10(error)) : INFINITY;
    return AT_OK;
}

/* 20 log10(T/E), T and E each within R: the logarithm moves by at most -ln(1 - R/T) - ln(1 - R/E). */
static double radius(const struct at_metric_state *state)
{
    double ratio, change = at_energy_radius(state);
    if (value(state, &ratio) || state->v[AT_ENERGY_BAD] > 0 || change == 0)
        return 0;
    double error = sqrt(at_energy_sum(state, AT_ENERGY_ERROR)), truth = sqrt(at_energy_sum(state, AT_ENERGY_TRUTH));
    if (!(change < error && change < truth))
        return INFINITY;
    return -20 / log(10) * (log1p(-change / truth) + log1p(-change / error));
}

const struct at_metric at_metric_snr_db = {
    .name = "snr_db",
    .label = "signal to noise",
    .unit = "dB",
    .formula = "10 log10(sum truth^2 / sum (got - truth)^2)",
    .better = AT_LARGER_IS_BETTER,
    .add = at_energy_add,
    .merge = at_energy_merge,
    .value = value,
    .radius = radius,
};
