/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_METRICS_MEAN_H
#define AT_METRICS_MEAN_H

#include "metrics/metric.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The accumulator of the metrics that are a mean over rows: v[0..1] the sum, v[2] the sum of the radii, v[3] rows whose value is not
 * finite, n rows added. One such row makes the mean infinite: a mean over the rest would hide it.
 */
void at_mean_add(struct at_metric_state *state, double value, double radius);
void at_mean_merge(struct at_metric_state *state, const struct at_metric_state *other);

/* AT_ERR_UNDEFINED when nothing was added. */
enum at_status at_mean_value(const struct at_metric_state *state, double *ret_value);

/* The mean of the radii; 0 when the value is infinite. */
double at_mean_radius(const struct at_metric_state *state);

#ifdef __cplusplus
}
#endif

#endif
