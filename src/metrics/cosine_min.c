/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "metrics/row.h"
#include "metrics/sum.h"

/*
 * v[0]: the smallest cosine, v[1]: the largest radius, n: rows. A row whose truth is 0 has no direction and is left out; an output of 0
 * where the truth is not has none either, and counts as 0, no likeness. A row with an output that is not finite counts as -infinity.
 */
static void include(struct at_metric_state *state, double cosine, double radius, int64_t rows)
{
    if (rows && (!state->n || cosine < state->v[0]))
        state->v[0] = cosine;
    state->v[1] = fmax(state->v[1], radius);
    state->n += rows;
}

/*
 * Radius: moving the truth y by at most rho < |y| turns it by an angle of at most asin(rho / |y|), and a cosine moves by no more than
 * its angle; never by more than 2.
 */
static void add(struct at_metric_state *state, const struct at_row_sample *row)
{
    double product[2] = {0}, got2[2] = {0}, truth2[2] = {0}, radius2 = 0;
    bool finite = true;
    if (!at_row_has_truth(row))
        return;
    for (int64_t i = 0; i < row->dim; i++) {
        double x = row->got[i], y = row->truth[i];
        finite = finite && isfinite(x * x + y * y);
        at_sum_add(product, x * y);
        at_sum_add(got2, x * x);
        at_sum_add(truth2, y * y);
        radius2 += at_square_upper(at_row_radius(row, i));
    }
    double xx = at_sum_value(got2), yy = at_sum_value(truth2);
    if (!finite) {
        include(state, -INFINITY, 0, 1);
    } else if (yy > 0) {
        double turn = sqrt(at_sum_upper(radius2, row->dim) / yy);
        double size = xx == yy ? xx : sqrt(xx) * sqrt(yy); /* exactly 1 for equal rows; xx * yy could underflow */
        double cosine = xx > 0 ? at_sum_value(product) / size : 0;
        include(state, fmax(-1, fmin(1, cosine)), turn < 1 ? fmin(asin(turn), 2) : 2, 1);
    }
}

static void merge(struct at_metric_state *state, const struct at_metric_state *other)
{
    include(state, other->v[0], other->v[1], other->n);
}

static enum at_status value(const struct at_metric_state *state, double *ret_value)
{
    if (!state->n)
        return AT_ERR_UNDEFINED;
    *ret_value = state->v[0];
    return AT_OK;
}

/* |min a - min a'| <= max |a - a'|. */
static double radius(const struct at_metric_state *state)
{
    return isinf(state->v[0]) ? 0 : state->v[1];
}

const struct at_metric at_metric_cosine_min = {
    .name = "cosine_min",
    .label = "cosine of the worst row",
    .unit = "",
    .formula = "min over rows of <got, truth> / (|got| |truth|)",
    .better = AT_LARGER_IS_BETTER,
    .add = add,
    .merge = merge,
    .value = value,
    .radius = radius,
};
