/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_METRICS_SHARE_H
#define AT_METRICS_SHARE_H

#include "metrics/metric.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The accumulator of counts: v[0] hits among n elements, exact below 2^53. */
void at_share_merge(struct at_metric_state *state, const struct at_metric_state *other);

/* hits / n; AT_ERR_UNDEFINED when n is 0. */
enum at_status at_share_value(const struct at_metric_state *state, double *ret_value);

#ifdef __cplusplus
}
#endif

#endif
