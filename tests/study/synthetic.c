/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "synthetic.h"

#include "oracles/certified/certified.h"
#include "oracles/mpfr/mpfr.h"

#include <math.h>

struct synthetic synthetic;

const struct at_oracle *const at_oracles[] = {&at_oracle_mpfr, &at_oracle_certified, &at_oracle_synthetic};
const size_t at_oracle_count = 3;

static void estimate(const struct at_oracle_shape *shape, struct at_oracle_estimate *ret_estimate)
{
    at_oracle_certified.estimate(shape, ret_estimate);
    ret_estimate->seconds = shape->pairs * (double)shape->problem->dim * synthetic.ns * 1e-9;
    ret_estimate->radius_log2 = synthetic.guess_log2;
}

static enum at_status available(struct at_error *error)
{
    return synthetic.missing ? at_fail(error, AT_ERR_UNSUPPORTED, "oracle synthetic: not on this machine; take another") : AT_OK;
}

/* Output `at` of column c, spoiled. */
static void spoil(struct at_oracle_truth *truth, int64_t at, int64_t c, int64_t dim)
{
    double radius = ldexp(truth->sum_abs[at], (int)synthetic.radius_log2);
    double off = synthetic.kind == SYNTHETIC_WRONG && c == dim - 1 ? 3 : 0.25;
    double by = off * radius, o = truth->o[at], sum = o + by;
    truth->o_low[at] += fabs(o) >= fabs(by) ? (o - sum) + by : (by - sum) + o;
    truth->o[at] = sum;
    truth->radius[at] += radius;
    if ((synthetic.kind == SYNTHETIC_NAN && c == 0) || synthetic.kind == SYNTHETIC_UNDEFINED)
        truth->o[at] = NAN;
    if (synthetic.kind == SYNTHETIC_UNDEFINED)
        truth->radius[at] = INFINITY;
}

static enum at_status solve(const struct at_oracle_head *head, struct at_oracle_truth *truth, struct at_error *error)
{
    int64_t dim = head->problem->dim;
    enum at_status status = at_oracle_certified.solve(head, truth, error);
    for (int64_t i = 0; i < head->row_count && !status; i++) {
        for (int64_t c = 0; c < dim; c++)
            spoil(truth, i * dim + c, c, dim);
        truth->lse_radius[i] += exp2(synthetic.radius_log2);
        if (synthetic.kind == SYNTHETIC_UNDEFINED)
            truth->lse[i] = NAN;
    }
    truth->radius_log2 = synthetic.radius_log2;
    return status;
}

const struct at_oracle at_oracle_synthetic = {
    .name = "synthetic", .summary = "-", .bound = "-", .estimate = estimate, .available = available, .solve = solve};
