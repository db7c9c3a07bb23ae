/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "oracles/fp64_sm90/finish.h"

#include <float.h>
#include <math.h>
#include <mpfr.h>
#include <string.h>

enum { LOG_BITS = 128 };

/* The sums of all splits of one row: at ret[0], and `stride` doubles on for each split. */
static double over_splits(const double *part, int64_t stride, int splits)
{
    double sum = part[0];
    for (int s = 1; s < splits; s++)
        sum += part[s * stride];
    return sum;
}

/* lse = log(2) reference + log(total) (eq. 48). */
static void finish_log(double reference, double total, const struct at_fp64_bound *bound, double *ret_lse, double *ret_radius)
{
    mpfr_t shift, log;
    mpfr_init2(shift, LOG_BITS);
    mpfr_init2(log, LOG_BITS);
    mpfr_const_log2(shift, MPFR_RNDN);
    mpfr_mul_d(shift, shift, reference, MPFR_RNDN);
    mpfr_set_d(log, total, MPFR_RNDN);
    mpfr_log(log, log, MPFR_RNDN);
    double size = fabs(mpfr_get_d(shift, MPFR_RNDN)) + fabs(mpfr_get_d(log, MPFR_RNDN));
    mpfr_add(log, log, shift, MPFR_RNDN);
    *ret_lse = mpfr_get_d(log, MPFR_RNDN);
    mpfr_sub_d(log, log, *ret_lse, MPFR_RNDN); /* exact */
    *ret_radius = 1.001 * (1.01 * bound->total_rel + bound->dropped_log + fabs(mpfr_get_d(log, MPFR_RNDA)) + 0x1p-120 * size);
    mpfr_clear(shift);
    mpfr_clear(log);
}

static void finish_weights(const struct at_fp64_batch *batch, int64_t h, int64_t i, double total, double *ret_p)
{
    const double *weight = batch->arrays.weight + (h * batch->task.plan.rows + i) * batch->task.plan.keys;
    int64_t keys = at_fp64_batch_keys(batch, i);
    memset(ret_p, 0, (size_t)batch->task.plan.seq_k * sizeof *ret_p);
    for (int64_t j = 0; j < keys; j++)
        ret_p[j] = weight[j] / total;
}

bool at_fp64_finish(const struct at_fp64_batch *batch, int64_t h, int64_t i, struct at_oracle_truth *truth)
{
    const struct at_fp64_plan *plan = &batch->task.plan;
    const struct at_fp64_bound *bound = &batch->bound[h * plan->row_count + i];
    const struct at_fp64_key_facts *facts = &batch->facts[batch->arrays.kv_head[h]];
    const int64_t row = h * plan->splits * plan->rows + i, width = plan->slices * plan->columns;
    if (!bound->stands)
        return false;
    double total = over_splits(batch->arrays.total + row, plan->rows, plan->splits);
    double added = bound->underflow / total + bound->dropped * facts->value[at_fp64_batch_keys(batch, i) - 1] + 0x1p-1074;
    for (int64_t c = 0; c < plan->dim; c++) {
        int64_t at = i * plan->dim + c, from = row * width + c;
        bool zero = facts->column[c] == 0;
        truth->o[at] = over_splits(batch->arrays.value + from, plan->rows * width, plan->splits) / total;
        truth->o_low[at] = 0;
        truth->sum_abs[at] =
            batch->arrays.sum_abs ? over_splits(batch->arrays.sum_abs + from, plan->rows * width, plan->splits) / total : facts->column[c];
        truth->radius[at] = zero ? 0 : 1.0001 * (bound->output_rel * truth->sum_abs[at] + added) + 0x1p-1074; /* eq. 47 */
    }
    finish_log(batch->arrays.reference[h * plan->rows + i], total, bound, &truth->lse[i], &truth->lse_radius[i]);
    if (truth->p && batch->arrays.weight)
        finish_weights(batch, h, i, total, truth->p + i * plan->seq_k);
    return true;
}
