/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/twin/head.h"

#include <math.h>
#include <string.h>

/* E16, E18: O <- O + P V over the tile, promoted every `step` keys; with one accumulator the instructions start from O itself. */
static void accumulate(const struct at_twin_head *head, struct at_twin_workspace *w, struct at_twin_row *const *rows,
                       const struct at_panel_row *p, int64_t count, int64_t first)
{
    const struct at_numerics *n = head->numerics;
    const bool per_block = at_scale_block_rows(n->v.scale) != 0;
    const bool alone = n->promote == AT_PROMOTE_NONE; /* E16a */
    struct at_chain chains[AT_CHAINS_AT_ONCE];
    for (int64_t r = 0; r < count; r++)
        chains[r] = (struct at_chain){&p[r], alone ? rows[r]->o : w->part + r * w->dim};
    if (alone) {
        at_wgmma_chains(head->simd, chains, count, &w->v, 0, w->v.k);
        return;
    }
    int64_t step = n->promote == AT_PROMOTE_TILE ? w->v.k : n->promote; /* E18a */
    for (int64_t k = 0; k < w->v.k; k += step) {
        int64_t last = k + step < w->v.k ? k + step : w->v.k;
        memset(w->part, 0, (size_t)(count * w->dim) * sizeof *w->part); /* E16b */
        at_wgmma_chains(head->simd, chains, count, &w->v, k, last);
        float scale = per_block ? at_scale_of(&head->operands->v.scale, head->b, head->kv, first + k, 0) : 1.0f;
        for (int64_t r = 0; r < count; r++) {
            const float *part = w->part + r * w->dim;
            float *o = rows[r]->o;
            for (int64_t c = 0; c < head->problem->dim; c++)
                o[c] = per_block ? fmaf(part[c], scale, o[c]) : o[c] + part[c]; /* E18b */
        }
    }
}

void at_twin_multiply_tile(const struct at_twin_head *head, struct at_twin_workspace *w, struct at_twin_row *const *rows, int64_t count,
                           const float *rescale, int64_t first, int64_t n)
{
    const float *fold = head->v_fold ? head->v_fold + first : NULL;
    const int64_t columns = head->numerics->tile_n;
    struct at_panel_row p[AT_CHAINS_AT_ONCE];
    bool lost[AT_CHAINS_AT_ONCE];
    for (int64_t r = 0; r < count; r++) {
        struct at_twin_row *row = rows[r];
        float *weights = w->scores + r * w->tile;
        at_softmax_cast(&head->rule, fold, weights, n, &w->saturated, &w->underflowed);
        lost[r] = isnan(weights[columns - 1]); /* T8b */
        if (head->rule.row_sum == AT_SUM_QUANTISED) /* E14g */
            at_softmax_add(&row->softmax, rescale[r], weights, columns);
        memset(weights + n, 0, (size_t)(w->v.k - n) * sizeof *weights);
        if (row->p)
            for (int64_t i = 0; i < n; i++)
                row->p[first + i] = fold && fold[i] > 0 ? (double)weights[i] / (double)fold[i] : (double)weights[i];
        at_panel_row_set(&p[r], head->simd, head->rule.p_format, weights, w->v.k, w->p_exponent + r * w->tile);
    }
    accumulate(head, w, rows, p, count, first);
    for (int64_t r = 0; r < count; r++)
        for (int64_t c = 0; c < head->problem->dim && lost[r]; c++)
            rows[r]->o[c] = NAN;
}
