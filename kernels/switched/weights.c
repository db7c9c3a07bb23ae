/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/switched/weights.h"

#include "core/elementary.h"
#include "kernels/switched/fl.h"
#include "kernels/twin/mufu.h"

double at_switched_exp2(enum at_evaluation evaluation, bool on, double x)
{
    float y = (float)x;
    if (!on)
        return at_exp2(x);
    double at_y = evaluation == AT_MUFU ? (double)at_ex2_approx(y) : (double)at_ex2_exact(y);
    if (x == (double)y || at_y == 0 || isinf(at_y))
        return at_y;
    return at_exp2(x) * (at_y / at_exp2((double)y));
}

double at_switched_reciprocal(enum at_evaluation evaluation, bool on, double x)
{
    if (x == 0 || isnan(x))
        return 0;
    if (!on)
        return 1 / x;
    return evaluation == AT_MUFU ? (double)at_rcp_approx((float)x) * ((double)(float)x / x) : at_fl(1 / x);
}

double at_switched_log2(enum at_evaluation evaluation, bool on, double x)
{
    const double log2_e = 0x1.71547652b82fep+0; /* 1.442695040888963 */
    float y = (float)x;
    if (!on)
        return at_log(x) * log2_e;
    double at_y = evaluation == AT_MUFU ? (double)at_lg2_approx(y) : (double)at_lg2_exact(y);
    return x == (double)y || isinf(at_y) ? at_y : at_y + at_log(x / (double)y) * log2_e;
}

static void narrow(const double *x, int64_t n, float *ret_narrow)
{
    for (int64_t i = 0; i < n; i++)
        ret_narrow[i] = (float)x[i];
}

static void widen(const float *x, int64_t n, double *ret_wide)
{
    for (int64_t i = 0; i < n; i++)
        ret_wide[i] = (double)x[i];
}

void at_switched_exponentials(const struct at_softmax_rule *rule, struct at_switches switches, double *x, int64_t n, float *room)
{
    const bool on = at_switched_on(switches, AT_ROUNDING_EXP2);
    if (on && at_are_fp32(x, n)) {
        narrow(x, n, room);
        at_softmax_exp2(rule, room, n);
        widen(room, n, x);
        return;
    }
    for (int64_t i = 0; i < n; i++)
        x[i] = at_switched_exp2(rule->exp2, on, x[i]);
}

void at_switched_shift(const struct at_softmax_rule *rule, struct at_switches switches, double *x, int64_t n, double c, double addend,
                       float *room)
{
    if (!at_switched_on(switches, AT_ROUNDING_EXPONENT)) {
        for (int64_t i = 0; i < n; i++)
            x[i] = x[i] * c + addend;
    } else if (at_is_fp32(c) && at_is_fp32(addend) && at_are_fp32(x, n)) {
        narrow(x, n, room);
        rule->lanes->shift(room, n, (float)c, (float)addend);
        widen(room, n, x);
    } else {
        for (int64_t i = 0; i < n; i++)
            x[i] = at_fl_fma(x[i], c, addend);
    }
}

void at_switched_add(struct at_switched_softmax *row, struct at_switches switches, double rescale, const double *p, int64_t n)
{
    if (!at_switched_on(switches, AT_ROUNDING_ROW_SUM)) {
        double part = 0;
        for (int64_t i = 0; i < n; i++)
            part += p[i];
        row->sum[0] = row->started ? row->sum[0] * rescale + part : part;
        row->started = true;
        return;
    }
    for (int lane = 0; lane < AT_QUAD; lane++) {
        double first = 2 * lane < n ? p[2 * lane] : 0;
        row->sum[lane] = row->started ? at_fl_fma(row->sum[lane], rescale, first) : at_fl(first);
    }
    for (int64_t i = 0; i < n; i += 2 * AT_QUAD)
        for (int lane = 0; lane < AT_QUAD; lane++) {
            if (i > 0 && i + 2 * lane < n)
                row->sum[lane] = at_fl(row->sum[lane] + p[i + 2 * lane]);
            if (i + 2 * lane + 1 < n)
                row->sum[lane] = at_fl(row->sum[lane] + p[i + 2 * lane + 1]);
        }
    row->started = true;
}

double at_switched_total(const struct at_switched_softmax *row, struct at_switches switches)
{
    const bool on = at_switched_on(switches, AT_ROUNDING_ROW_SUM);
    return at_fl_if(on, at_fl_if(on, row->sum[0] + row->sum[2]) + at_fl_if(on, row->sum[1] + row->sum[3]));
}

static double largest_of(const double *x, int64_t n)
{
    double most = -INFINITY;
    for (int64_t i = 0; i < n; i++)
        most = x[i] > most ? x[i] : most;
    return most;
}

double at_switched_tile(const struct at_softmax_rule *rule, struct at_switches switches, struct at_switched_softmax *row, double c,
                        double *scores, int64_t n, float *room)
{
    const bool shifted = at_switched_on(switches, AT_ROUNDING_EXPONENT), rescaled = at_switched_on(switches, AT_ROUNDING_RESCALE);
    const double offset = (double)rule->offset;
    double tile_most = largest_of(scores, n), rescale = 1, shift = 0;
    if (rule->log2_units)
        tile_most = at_fl_if(shifted, tile_most * c); /* E11 */
    const double most = row->started ? at_softmax_larger(row->max, tile_most) : tile_most;
    if (row->started) { /* E17 */
        double difference = at_fl_if(rescaled, row->max - (most == -INFINITY ? 0 : most));
        rescale = rule->log2_units ? difference : at_fl_if(rescaled, difference * c);
        rescale = at_switched_exp2(rule->exp2, at_switched_on(switches, AT_ROUNDING_EXP2), rescale);
    }
    row->max = most;
    if (!(most == -INFINITY)) /* E11 */
        shift = rule->log2_units ? at_fl_if(shifted, most - offset) : shifted ? at_fl_fma(most, c, -offset) : most * c - offset;
    at_switched_shift(rule, switches, scores, n, c, -shift, room); /* E12 */
    at_switched_exponentials(rule, switches, scores, n, room);     /* E13 */
    if (rule->row_sum == AT_SUM_UNQUANTISED)
        at_switched_add(row, switches, rescale, scores, n); /* E14 */
    return rescale;
}
