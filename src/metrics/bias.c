/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "metrics/row.h"
#include "metrics/sum.h"

/* Slots of the state; n counts outputs. */
enum {
    ERROR = 0,   /* sum (got - truth) sign(truth), two doubles */
    SIZE = 2,    /* sum |truth|, two doubles */
    RADIUS = 4,  /* sum radius */
    UNSURE = 5,  /* sum 2 |got - truth| over the outputs whose truth may have either sign */
    BAD = 6      /* outputs that are not finite */
};

static void add(struct at_metric_state *state, const struct at_row_sample *row)
{
    if (!at_row_has_truth(row))
        return;
    for (int64_t i = 0; i < row->dim; i++) {
        double truth = row->truth[i], error = row->got[i] - truth, radius = at_row_radius(row, i);
        state->n++;
        if (!isfinite(error)) {
            state->v[BAD]++;
            continue;
        }
        if (truth != 0)
            at_sum_add(state->v + ERROR, truth > 0 ? error : -error);
        at_sum_add(state->v + SIZE, fabs(truth));
        state->v[RADIUS] += radius;
        if (radius > 0 && fabs(truth) <= radius)
            state->v[UNSURE] += 2 * fabs(error);
    }
}

static void merge(struct at_metric_state *state, const struct at_metric_state *other)
{
    at_sum_merge(state->v + ERROR, other->v + ERROR);
    at_sum_merge(state->v + SIZE, other->v + SIZE);
    for (int slot = RADIUS; slot <= BAD; slot++)
        state->v[slot] += other->v[slot];
    state->n += other->n;
}

/* Undefined, not infinite, with an output that is not finite: a signed infinity would pass a bound on the other side. */
static enum at_status value(const struct at_metric_state *state, double *ret_value)
{
    double size = at_sum_value(state->v + SIZE);
    if (state->v[BAD] > 0 || !(size > 0))
        return AT_ERR_UNDEFINED;
    *ret_value = at_sum_value(state->v + ERROR) / size;
    return AT_OK;
}

/*
 * Moving one truth t by at most r moves (got - t) sign(t) by r where the sign is sure (|t| > r), else by no more than
 * |got - t| + |got - t'| <= 2 |got - t| + r; and |t| by r.
 */
static double radius(const struct at_metric_state *state)
{
    double quotient, change = at_sum_upper(state->v[RADIUS], state->n);
    if (value(state, &quotient))
        return 0;
    return at_quotient_radius(quotient, change + at_sum_upper(state->v[UNSURE], state->n), at_sum_value(state->v + SIZE), change);
}

const struct at_metric at_metric_bias = {
    .name = "bias",
    .label = "signed bias",
    .unit = "",
    .formula = "sum (got - truth) sign(truth) / sum |truth|; below 0: toward zero",
    .better = AT_NEARER_ZERO_IS_BETTER,
    .add = add,
    .merge = merge,
    .value = value,
    .radius = radius,
};
