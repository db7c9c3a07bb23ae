/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "metrics/energy.h"

#include "metrics/row.h"
#include "metrics/sum.h"

void at_energy_add(struct at_metric_state *state, const struct at_row_sample *row)
{
    if (!at_row_has_truth(row))
        return;
    for (int64_t i = 0; i < row->dim; i++) {
        double got = row->got[i], truth = row->truth[i], error = got - truth;
        state->n++;
        if (!isfinite(error * error + truth * truth + got * got)) {
            state->v[AT_ENERGY_BAD]++;
            continue;
        }
        at_sum_add(state->v + AT_ENERGY_ERROR, error * error);
        at_sum_add(state->v + AT_ENERGY_TRUTH, truth * truth);
        at_sum_add(state->v + AT_ENERGY_GOT, got * got);
        state->v[AT_ENERGY_RADIUS] += at_square_upper(at_row_radius(row, i));
    }
}

void at_energy_merge(struct at_metric_state *state, const struct at_metric_state *other)
{
    for (int slot = AT_ENERGY_ERROR; slot <= AT_ENERGY_GOT; slot += 2)
        at_sum_merge(state->v + slot, other->v + slot);
    state->v[AT_ENERGY_RADIUS] += other->v[AT_ENERGY_RADIUS];
    state->v[AT_ENERGY_BAD] += other->v[AT_ENERGY_BAD];
    state->n += other->n;
}

double at_energy_sum(const struct at_metric_state *state, enum at_energy_slot slot)
{
    return at_sum_value(state->v + slot);
}

double at_energy_radius(const struct at_metric_state *state)
{
    return sqrt(at_sum_upper(state->v[AT_ENERGY_RADIUS], state->n)) * (1 + 0x1p-51);
}
