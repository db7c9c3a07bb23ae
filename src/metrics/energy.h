/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_METRICS_ENERGY_H
#define AT_METRICS_ENERGY_H

#include "metrics/metric.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The accumulator of the metrics made of sums of squares over all outputs: rmse, rel_rmse, calc_diff, snr_db. */

/* Slots of at_metric_state.v; the sums hold two doubles each. state.n counts outputs. */
enum at_energy_slot {
    AT_ENERGY_ERROR = 0,  /* sum (got - truth)^2 */
    AT_ENERGY_TRUTH = 2,  /* sum truth^2 */
    AT_ENERGY_GOT = 4,    /* sum got^2 */
    AT_ENERGY_RADIUS = 6, /* sum radius^2, one double */
    AT_ENERGY_BAD = 7     /* outputs that are not finite, or whose squares are not; they enter no sum */
};

/* Adds the outputs of a row that has a truth. */
void at_energy_add(struct at_metric_state *state, const struct at_row_sample *row);
void at_energy_merge(struct at_metric_state *state, const struct at_metric_state *other);

/* One of the first three sums; relative error below 2^-50. */
double at_energy_sum(const struct at_metric_state *state, enum at_energy_slot slot);

/*
 * R = sqrt(sum radius^2), not rounded below. By the triangle inequality the Euclidean norms of error and of truth are each within R
 * of what they would be with the exact truth.
 */
double at_energy_radius(const struct at_metric_state *state);

#ifdef __cplusplus
}
#endif

#endif
