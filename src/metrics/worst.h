/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_METRICS_WORST_H
#define AT_METRICS_WORST_H

#include "metrics/metric.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The accumulator of the metrics that are a largest error: v[0] the largest, v[1] the largest radius, n how many were added. The value
 * is never lost to NaN: an error that is not a number counts as infinite.
 */
void at_worst_add(struct at_metric_state *state, double error, double radius);
void at_worst_merge(struct at_metric_state *state, const struct at_metric_state *other);

/* AT_ERR_UNDEFINED when nothing was added. */
enum at_status at_worst_value(const struct at_metric_state *state, double *ret_value);

/* |max a - max a'| <= max |a - a'|: the largest radius bounds the change of the largest error. 0 when that is infinite. */
double at_worst_radius(const struct at_metric_state *state);

#ifdef __cplusplus
}
#endif

#endif
