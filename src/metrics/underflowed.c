/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "metrics/share.h"

static void add_counts(struct at_metric_state *state, const struct at_counts *counts)
{
    state->v[0] += (double)counts->underflowed;
    state->n += counts->elements;
}

const struct at_metric at_metric_underflowed = {
    .name = "underflowed",
    .label = "elements lost to zero by quantisation",
    .unit = "",
    .formula = "nonzero elements that became 0 / quantised elements",
    .better = AT_SMALLER_IS_BETTER,
    .add_counts = add_counts,
    .merge = at_share_merge,
    .value = at_share_value,
};
