/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "metrics/mean.h"

#include "metrics/sum.h"

void at_mean_add(struct at_metric_state *state, double value, double radius)
{
    state->n++;
    if (!isfinite(value)) {
        state->v[3]++;
        return;
    }
    at_sum_add(state->v, value);
    state->v[2] += radius >= 0 ? radius : INFINITY;
}

void at_mean_merge(struct at_metric_state *state, const struct at_metric_state *other)
{
    at_sum_merge(state->v, other->v);
    state->v[2] += other->v[2];
    state->v[3] += other->v[3];
    state->n += other->n;
}

enum at_status at_mean_value(const struct at_metric_state *state, double *ret_value)
{
    if (!state->n)
        return AT_ERR_UNDEFINED;
    *ret_value = state->v[3] > 0 ? INFINITY : at_sum_value(state->v) / (double)state->n;
    return AT_OK;
}

double at_mean_radius(const struct at_metric_state *state)
{
    return !state->n || state->v[3] > 0 ? 0 : at_sum_upper(state->v[2], state->n) / (double)state->n;
}
