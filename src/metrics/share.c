/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "metrics/share.h"

void at_share_merge(struct at_metric_state *state, const struct at_metric_state *other)
{
    state->v[0] += other->v[0];
    state->n += other->n;
}

enum at_status at_share_value(const struct at_metric_state *state, double *ret_value)
{
    if (!state->n)
        return AT_ERR_UNDEFINED;
    *ret_value = state->v[0] / (double)state->n;
    return AT_OK;
}
