/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "metrics/divergence.h"
#include "metrics/mean.h"

static void add(struct at_metric_state *state, const struct at_row_sample *row)
{
    struct at_distance distance;
    if (at_distance_kl(row, &distance))
        at_mean_add(state, distance.value, distance.radius);
}

const struct at_metric at_metric_kl_mean = {
    .name = "kl_mean",
    .label = "KL divergence of P, mean",
    .unit = "nat",
    .formula = "mean over rows of sum got_p ln(got_p / truth_p) - got_p + truth_p",
    .better = AT_SMALLER_IS_BETTER,
    .add = add,
    .merge = at_mean_merge,
    .value = at_mean_value,
    .radius = at_mean_radius,
};
