/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "oracles/certified/finish.h"

#include "oracles/certified/pair.h"
#include "oracles/certified/table.h"

#include <math.h>

static const double UU = 0x1p-106; /* u^2 */

/* omega: the relative error of a weight with x >= -range (eq. 14). */
static double weight_error(double range, double score_error)
{
    return (9.5 * range + 34) * UU + 1.01 * score_error;
}

/* The relative error of L against the sum of the kept weights (eq. 17). */
static double total_error(double keys, double range, double score_error)
{
    return weight_error(range, score_error) + (0.1 * keys + 101) * UU;
}

double at_certified_radius_factor(double keys, double range, double score_error, bool by_short)
{
    double value_error = weight_error(range, score_error) + ((by_short ? 140 : 35800) + 0.024 * keys) * UU; /* eq. 25, eq. 20 */
    return 1.02 * (value_error + total_error(keys, range, score_error) + 25 * UU);
}

static double range_of(const struct at_certified_row *row)
{
    return row->least < -AT_CERTIFIED_CLIP ? AT_CERTIFIED_CLIP + 1 : -row->least * 1.0001;
}

/* `total`: 2^512 L over the common factor of V. */
static bool finish_column(const struct at_certified_row *row, struct at_pair total, double factor, double tail, int64_t c, double *ret_o,
                          double *ret_o_low, double *ret_radius, double *ret_sum_abs)
{
    struct at_pair value = {row->sums.value_high[c], row->sums.value_low[c]}, size = {row->sums.abs_high[c], row->sums.abs_low[c]};
    struct at_pair o = at_pair_quotient(value, total), sum_abs = at_pair_quotient(size, total);
    double missed = row->by_short ? 70 * 0x1p-53 * (row->sums.missed[c] / total.high) : 0; /* eq. 25 */
    double radius = factor * sum_abs.high + missed + tail + 0x1p-1074;                     /* eq. 23 */
    if (!(sum_abs.high >= 0x1p-800) || !(radius <= sum_abs.high * (row->by_short ? 0x1p-84 : 0x1p-80)))
        return false;
    *ret_o = o.high;
    *ret_o_low = o.low;
    *ret_radius = radius;
    *ret_sum_abs = sum_abs.high;
    return true;
}

/*
 * log L = y + log(1 + w) where y is near log L, however near, and w = L e^-y - 1 is computed: |log(1 + w) - w| <= w^2 (eq. 24).
 */
static void finish_lse(const struct at_certified_lanes *lanes, const struct at_certified_row *row, double error, double *ret_lse,
                       double *ret_radius)
{
    enum { N = AT_CERTIFIED_PANEL };
    const double unit = ldexp(1, -AT_CERTIFIED_RAISE), one[2] = {1, 0};
    struct at_pair total = {row->total[0] * unit, row->total[1] * unit};
    double y = log(total.high), top[2] = {y, 0}, high[N] = {0}, low[N] = {0};
    lanes->weights(at_certified_table(), one, top, N, high, low);
    struct at_pair inverse = {high[0] * unit, low[0] * unit}, near_one = at_pair_product(total, inverse);
    struct at_pair off = at_pair_sum(near_one.high, -1);
    double w = off.high + (off.low + near_one.low);
    struct at_pair scale = {row->scale[0], row->scale[1]};
    struct at_pair score = at_pair_product(at_pair_sum(row->top[0], row->top[1]), scale), sum = at_pair_sum(score.high, y);
    struct at_pair lse = at_pair_sum(sum.high, score.low + sum.low + w);
    double sizes = fabs(score.high) + fabs(sum.high) + y + 1;
    *ret_lse = lse.high;
    *ret_radius = 1.02 * (fabs(lse.low) + error + weight_error(y, 0) + 20 * UU * sizes + 0x1p-50 * fabs(w) + w * w + 0x1p-1074);
    if (!(fabs(w) <= 0.25)) /* log() is not trusted */
        *ret_radius = INFINITY;
}

bool at_certified_finish(const struct at_certified_head *head, const struct at_certified_lanes *lanes, const struct at_certified_row *row,
                         int64_t i, struct at_oracle_truth *truth)
{
    double range = range_of(row), keys = (double)row->keys, error = row->score_error;
    double factor = at_certified_radius_factor(keys, range, error, row->by_short);
    double left_out = row->least < -AT_CERTIFIED_CLIP ? 2.1 * keys : 0;
    double tail = ldexp(left_out * head->largest_value, -1081); /* eq. 15 */
    struct at_pair total = {row->total[0], row->total[1]}, factor_of_v = {head->v_factor, 0};
    total = at_pair_quotient(total, factor_of_v);
    int64_t dim = head->dim, seq_k = head->in->problem->seq_k;
    for (int64_t c = 0; c < dim; c++) {
        int64_t at = i * dim + c;
        if (head->first_nonzero[c] >= row->keys)
            truth->o[at] = truth->o_low[at] = truth->radius[at] = truth->sum_abs[at] = 0;
        else if (!finish_column(row, total, factor, tail, c, &truth->o[at], &truth->o_low[at], &truth->radius[at],
                                &truth->sum_abs[at]))
            return false;
    }
    double lse_error = total_error(keys, range, error) + error + ldexp(left_out, -1081);
    finish_lse(lanes, row, lse_error, &truth->lse[i], &truth->lse_radius[i]);
    for (int64_t j = 0; truth->p && j < seq_k; j++)
        truth->p[i * seq_k + j] = j < row->keys ? row->weight[j] / row->total[0] : 0; /* three roundings and omega */
    return true;
}
