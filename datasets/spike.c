/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "datasets/spike.h"

#include "datasets/axis.h"

#include <math.h>

static void row(const struct at_fill_head *head, int64_t s, double *ret_row)
{
    const struct at_spike *spike = head->context;
    double length = sqrt((double)head->problem->dim);
    switch (head->tensor) {
    case AT_FILL_Q:
        at_axis_row(head, s, spike->gap / (at_fill_scale(head->problem) * length), at_axis_across(head->problem, spike->deviation),
                    ret_row);
        break;
    case AT_FILL_K: at_axis_row(head, s, s == spike->key ? length : 0, s == spike->key ? 0 : 1, ret_row); break;
    case AT_FILL_V:
        at_fill_normal(head, s, 1, ret_row);
        for (int64_t c = 0; c < head->problem->dim; c++)
            ret_row[c] += spike->v_mean;
        break;
    }
}

void at_spike_fill(const struct at_spike *spike, const struct at_problem *problem, uint64_t seed, struct at_qkv *qkv)
{
    at_fill(&(struct at_fill){at_axis_begin_head, row}, problem, spike, seed, qkv);
}
