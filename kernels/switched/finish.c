/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/switched/state.h"

#include "core/elementary.h"
#include "kernels/prepare/rotate.h"
#include "kernels/switched/fl.h"

/* E22: V's mean and rotation undone. */
static void restore(const struct at_switched_head *head, const struct at_switched_row *row, double *o)
{
    const struct at_twin_head *twin = &head->twin;
    const int64_t dim = twin->problem->dim;
    const bool on = at_switched_on(head->switches, AT_ROUNDING_RESTORE);
    const int width = at_rotation_width(twin->numerics->v.rotate, dim);
    for (int64_t c = 0; c < dim && head->v.mean && row->twin.keys > 0; c++)
        o[c] = at_fl_if(on, o[c] + (double)head->v.mean[c]);
    if (width && on) {
        float turned[256];
        for (int64_t c = 0; c < dim; c++)
            turned[c] = (float)o[c];
        at_unrotate_row(turned, dim, width, twin->signs);
        for (int64_t c = 0; c < dim; c++)
            o[c] = (double)turned[c];
    } else if (width) {
        at_unrotate_row_double(o, dim, width, twin->signs);
    }
}

/* What K's smoothing took from the log-sum-exp (E3). */
static double shift_of_lse(const struct at_switched_head *head, const struct at_switched_row *row, bool on)
{
    const struct at_twin_head *twin = &head->twin;
    const struct at_problem *p = twin->problem;
    double q[256], sum = 0;
    if (!head->k.mean)
        return 0;
    if (on)
        return (double)twin->operands->lse_shift[(twin->b * p->heads_q + twin->h) * p->seq_q + row->twin.position];
    at_switched_values(&head->q, row->twin.position, false, q);
    for (int64_t c = 0; c < p->dim; c++)
        sum += q[c] * (double)head->k.mean[c];
    return sum * head->scale;
}

/* E24 */
static double log_sum_exp(const struct at_switched_head *head, const struct at_switched_row *row, double total)
{
    const struct at_softmax_rule *rule = &head->twin.rule;
    const bool on = at_switched_on(head->switches, AT_ROUNDING_LSE);
    const double ln2 = on ? (double)at_softmax_ln2 : 0x1.62e42fefa39efp-1; /* 0.693147180559945 */
    if (total == 0 || isnan(total))
        return -INFINITY;
    double to_natural = rule->log2_units ? ln2 : at_fl_if(on, at_switched_coefficient(head, row, 0) * ln2);
    double sum = on ? at_fl(total * (double)rule->factor) : total * at_exp2(-(double)rule->offset);
    double rest = at_fl_if(on, at_switched_log2(rule->reciprocal, on, sum) * ln2);
    double lse = on ? at_fl_fma(row->softmax.max, to_natural, rest) : row->softmax.max * to_natural + rest;
    return at_fl_if(on, lse + shift_of_lse(head, row, on));
}

void at_switched_finish(const struct at_switched_head *head, struct at_switched_row *row, int64_t i, struct at_switched_output *output)
{
    const struct at_twin_head *twin = &head->twin;
    const struct at_numerics *n = twin->numerics;
    const bool on = at_switched_on(head->switches, AT_ROUNDING_DIVISION);
    const double total = at_switched_total(&row->softmax, head->switches);
    const double reciprocal = n->p_offset == AT_P_NORMALISED ? 1 : at_switched_reciprocal(twin->rule.reciprocal, on, total); /* E20 */
    const double factor = at_fl_if(on, reciprocal * (double)twin->v_scale);
    double *o = output->o + i * twin->problem->dim;
    for (int64_t c = 0; c < twin->problem->dim; c++) { /* E21 */
        o[c] = at_fl_if(on, row->o[c] * factor);
        if (n->v.scale == AT_SCALE_CHANNEL)
            o[c] = at_fl_if(on, o[c] * (double)at_scale_of(&twin->operands->v.scale, twin->b, twin->kv, 0, c));
    }
    restore(head, row, o);
    if (at_switched_on(head->switches, AT_ROUNDING_OUTPUT)) /* E23 */
        for (int64_t c = 0; c < twin->problem->dim; c++)
            o[c] = (double)at_decode(n->output, at_encode(n->output, (float)o[c], AT_OVERFLOW_IEEE));
    output->lse[i] = log_sum_exp(head, row, total);
}
