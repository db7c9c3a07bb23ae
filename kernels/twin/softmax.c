/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/twin/softmax.h"

#include "kernels/twin/mufu.h"

#include <math.h>
#include <string.h>

const float at_softmax_ln2 = 0x1.62e43p-1f; /* E24e: 0.693147182 */

struct at_softmax_rule at_softmax_rule_of(const struct at_numerics *n, bool log2_units, enum at_simd simd)
{
    struct at_softmax_rule rule = {n->exp2, n->reciprocal, n->p_format, n->row_sum, 0.0f, 1.0f, at_lanes_of(simd), log2_units};
    if (n->p_offset == AT_P_POW2_8) {
        rule.offset = 8.0f; /* E11a */
        rule.factor = 0x1p-8f;
    } else if (n->p_offset == AT_P_448) {
        rule.offset = 0x1.19d5dap+3f; /* E11b: log2(448) = 8.80735492 */
        rule.factor = 1.0f / 448.0f;  /* E24c */
    }
    return rule;
}

/* E13 */
void at_softmax_exp2(const struct at_softmax_rule *rule, float *x, int64_t n)
{
    if (rule->exp2 == AT_MUFU) /* E13a */
        rule->lanes->ex2(x, n);
    else
        for (int64_t i = 0; i < n; i++)
            x[i] = at_ex2_exact(x[i]);
}

void at_softmax_add(struct at_softmax_row *row, float rescale, const float *p, int64_t n)
{
    float sum[AT_QUAD];
    for (int lane = 0; lane < AT_QUAD; lane++) {
        float first = 2 * lane < n ? p[2 * lane] : 0.0f;
        sum[lane] = row->started ? fmaf(row->sum[lane], rescale, first) : first; /* E14a: E17 and E14 in one rounding */
    }
    for (int64_t i = 0; i < n; i += 2 * AT_QUAD) { /* E14b */
        float last[2 * AT_QUAD] = {0};             /* zeros leave a sum as it is */
        const float *at = n - i < 2 * AT_QUAD ? memcpy(last, p + i, (size_t)(n - i) * sizeof *p) : p + i;
        for (int lane = 0; lane < AT_QUAD; lane++) {
            if (i > 0)
                sum[lane] += at[2 * lane]; /* E14c */
            sum[lane] += at[2 * lane + 1]; /* E14d */
        }
    }
    memcpy(row->sum, sum, sizeof sum);
    row->started = true;
}

double at_softmax_larger(double a, double b)
{
    if (isnan(a) || isnan(b))
        return isnan(a) ? b : a;
    return a < b || (a == b && signbit(a)) ? b : a; /* E11g */
}

float at_softmax_tile(const struct at_softmax_rule *rule, struct at_softmax_row *row, float c, float *scores, int64_t n)
{
    float tile_most = rule->lanes->largest(scores, n, -INFINITY), rescale = 1.0f;
    if (rule->log2_units)
        tile_most *= c; /* E11d */
    const float most = row->started ? (float)at_softmax_larger(row->max, tile_most) : tile_most; /* E11f */
    if (row->started) {                                                  /* E17 */
        float difference = row->max - (most == -INFINITY ? 0.0f : most); /* E17a */
        rescale = rule->log2_units ? difference : difference * c;        /* E17b */
        at_softmax_exp2(rule, &rescale, 1);                              /* E17c */
    }
    row->max = most;
    float shift = most == -INFINITY ? 0.0f : rule->log2_units ? most - rule->offset : fmaf(most, c, -rule->offset); /* E11c */
    rule->lanes->shift(scores, n, c, -shift); /* E12a */
    at_softmax_exp2(rule, scores, n);
    if (rule->row_sum == AT_SUM_UNQUANTISED) /* E14f */
        at_softmax_add(row, rescale, scores, n);
    return rescale;
}

float at_softmax_total(const struct at_softmax_row *row)
{
    return (row->sum[0] + row->sum[2]) + (row->sum[1] + row->sum[3]); /* E14e */
}

float at_softmax_reciprocal(const struct at_softmax_rule *rule, float total)
{
    if (total == 0 || isnan(total)) /* E20c */
        return 0.0f;
    return rule->reciprocal == AT_MUFU ? at_rcp_approx(total) : 1.0f / total; /* E20a */
}

float at_softmax_lse(const struct at_softmax_rule *rule, float max, float max_to_natural, float total)
{
    if (total == 0 || isnan(total))
        return -INFINITY;
    float sum = total * rule->factor;                                                      /* E24d */
    float log2_sum = rule->reciprocal == AT_MUFU ? at_lg2_approx(sum) : at_lg2_exact(sum); /* E24g */
    return fmaf(max, max_to_natural, log2_sum * at_softmax_ln2);                           /* E24b */
}

/* E15 */
void at_softmax_cast(const struct at_softmax_rule *rule, const float *fold, float *p, int64_t n, int64_t *saturated, int64_t *underflowed)
{
    if (fold)
        for (int64_t i = 0; i < n; i++)
            p[i] *= fold[i]; /* E15a */
    rule->lanes->cast(rule->p_format, p, n, saturated, underflowed);
}
