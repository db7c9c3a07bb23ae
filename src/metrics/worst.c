/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "metrics/worst.h"

#include <math.h>

void at_worst_add(struct at_metric_state *state, double error, double radius)
{
    if (!(error <= state->v[0]))
        state->v[0] = isnan(error) ? INFINITY : error;
    if (!(radius <= state->v[1]))
        state->v[1] = isnan(radius) ? INFINITY : radius;
    state->n++;
}

void at_worst_merge(struct at_metric_state *state, const struct at_metric_state *other)
{
    state->v[0] = fmax(state->v[0], other->v[0]);
    state->v[1] = fmax(state->v[1], other->v[1]);
    state->n += other->n;
}

enum at_status at_worst_value(const struct at_metric_state *state, double *ret_value)
{
    if (!state->n)
        return AT_ERR_UNDEFINED;
    *ret_value = state->v[0];
    return AT_OK;
}

double at_worst_radius(const struct at_metric_state *state)
{
    return isinf(state->v[0]) ? 0 : state->v[1];
}
