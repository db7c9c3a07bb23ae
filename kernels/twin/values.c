/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/twin/head.h"

#include <math.h>
#include <string.h>

/* E16, E18: O <- O + P V over the tile, promoted every `step` keys; with one accumulator the instructions start from O itself. */
static void accumulate(const struct at_twin_head *head, struct at_twin_workspace *w, struct at_twin_row *row, const struct at_panel_row *p,
                       int64_t first)
{
    const struct at_numerics *n = head->numerics;
    if (n->promote == AT_PROMOTE_NONE) { /* E16a */
        at_wgmma_chain(head->simd, p, &w->v, 0, w->v.k, row->o);
        return;
    }
    int64_t step = n->promote == AT_PROMOTE_TILE ? w->v.k : n->promote; /* E18a */
    bool per_block = at_scale_block_rows(n->v.scale) != 0;
    for (int64_t k = 0; k < w->v.k; k += step) {
        int64_t last = k + step < w->v.k ? k + step : w->v.k;
        memset(w->part, 0, (size_t)w->v.n * sizeof *w->part); /* E16b */
        at_wgmma_chain(head->simd, p, &w->v, k, last, w->part);
        float scale = per_block ? at_scale_of(&head->operands->v.scale, head->b, head->kv, first + k, 0) : 1.0f;
        for (int64_t c = 0; c < head->problem->dim; c++)
            row->o[c] = per_block ? fmaf(w->part[c], scale, row->o[c]) : row->o[c] + w->part[c]; /* E18b */
    }
}

void at_twin_multiply_tile(const struct at_twin_head *head, struct at_twin_workspace *w, struct at_twin_row *row, float rescale,
                           int64_t first, int64_t n)
{
    const float *fold = head->v_fold ? head->v_fold + first : NULL;
    struct at_panel_row p;
    at_softmax_cast(&head->rule, fold, w->scores, n, &w->saturated, &w->underflowed);
    memset(w->scores + n, 0, (size_t)(w->v.k - n) * sizeof *w->scores);
    if (head->rule.row_sum == AT_SUM_QUANTISED) /* E14g */
        at_softmax_add(&row->softmax, rescale, w->scores, n);
    if (row->p)
        for (int64_t i = 0; i < n; i++)
            row->p[first + i] = fold && fold[i] > 0 ? (double)w->scores[i] / (double)fold[i] : (double)w->scores[i];
    at_panel_row_set(&p, head->simd, head->rule.p_format, w->scores, w->v.k, w->p_exponent);
    accumulate(head, w, row, &p, first);
}
