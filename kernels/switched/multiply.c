/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/switched/state.h"

#include "kernels/switched/fl.h"
#include "kernels/switched/product.h"

#include <math.h>
#include <string.h>

/* E15 of the n weights of a tile: V's token scales folded in, and cast. */
static void cast(const struct at_switched_head *head, struct at_switched_workspace *w, int64_t first, int64_t n)
{
    const struct at_twin_head *twin = &head->twin;
    if (!at_switched_on(head->switches, AT_ROUNDING_P)) {
        for (int64_t j = 0; j < n && twin->v_fold; j++)
            w->scores[j] *= (double)at_scale_of(&twin->operands->v.scale, twin->b, twin->kv, first + j, 0) / (double)twin->v_scale;
        return;
    }
    for (int64_t j = 0; j < n; j++)
        w->narrow[j] = (float)(twin->v_fold ? w->scores[j] * (double)twin->v_fold[first + j] : w->scores[j]);
    at_softmax_cast(&twin->rule, NULL, w->narrow, n, &w->saturated, &w->underflowed);
    for (int64_t j = 0; j < n; j++)
        w->scores[j] = (double)w->narrow[j];
}

/* d[dim] <- d + P V over the keys [from, to) of the tile, E16 performed or not. */
static void product(const struct at_switched_head *head, struct at_switched_workspace *w, int64_t from, int64_t to, double *d)
{
    const struct at_numerics *n = head->twin.numerics;
    if (head->output == AT_PRODUCT_EXACT) {
        at_product_exact(w->scores + from, w->v + from * w->dim, to - from, w->dim, d);
    } else if (head->output == AT_PRODUCT_OF_REALS) {
        at_product_truncated(at_wgmma_rounding_of(n->p_format), w->scores + from, w->p_exponent + from, w->v + from * w->dim,
                             w->v_exponent + from * w->dim, to - from, w->dim, d);
    } else {
        struct at_panel_row p;
        at_panel_row_set(&p, head->twin.simd, n->p_format, w->narrow, w->v_panel.k, w->narrow_exponent);
        for (int64_t c = 0; c < w->dim; c++)
            w->narrow_part[c] = (float)d[c];
        at_wgmma_chain(head->twin.simd, &p, &w->v_panel, from, to, w->narrow_part);
        for (int64_t c = 0; c < w->dim; c++)
            d[c] = (double)w->narrow_part[c];
    }
}

/* E16, E18 over the first `keys` keys of the tile, a multiple of an instruction's depth. */
static void accumulate(const struct at_switched_head *head, struct at_switched_workspace *w, struct at_switched_row *row, int64_t first,
                       int64_t keys)
{
    const struct at_twin_head *twin = &head->twin;
    const struct at_numerics *n = twin->numerics;
    const bool per_block = at_scale_block_rows(n->v.scale) != 0, on = at_switched_on(head->switches, AT_ROUNDING_PROMOTION);
    if (n->promote == AT_PROMOTE_NONE) {
        product(head, w, 0, keys, row->o);
        return;
    }
    const int64_t step = n->promote == AT_PROMOTE_TILE ? keys : n->promote;
    for (int64_t k = 0; k < keys; k += step) {
        memset(w->part, 0, (size_t)w->dim * sizeof *w->part);
        product(head, w, k, k + step < keys ? k + step : keys, w->part);
        double scale = per_block ? (double)at_scale_of(&twin->operands->v.scale, twin->b, twin->kv, first + k, 0) : 1;
        for (int64_t c = 0; c < twin->problem->dim; c++)
            row->o[c] = on ? at_fl_fma(w->part[c], scale, row->o[c]) : w->part[c] * scale + row->o[c];
    }
}

void at_switched_multiply(const struct at_switched_head *head, struct at_switched_workspace *w, struct at_switched_row *row, double rescale,
                          int64_t first, int64_t n)
{
    const struct at_numerics *numerics = head->twin.numerics;
    const int64_t depth = at_wgmma_depth(numerics->p_format), keys = (n + depth - 1) / depth * depth;
    const bool lost = isnan(w->scores[numerics->tile_n - 1]); /* as the twin */
    cast(head, w, first, n);
    if (head->twin.rule.row_sum == AT_SUM_QUANTISED)
        at_switched_add(&row->softmax, head->switches, rescale, w->scores, numerics->tile_n); /* E14 */
    memset(w->scores + n, 0, (size_t)(w->tile - n) * sizeof *w->scores);
    memset(w->narrow + n, 0, (size_t)(w->tile - n) * sizeof *w->narrow);
    if (head->output == AT_PRODUCT_OF_REALS)
        at_product_exponents(numerics->p_format, w->scores, w->tile, w->p_exponent);
    accumulate(head, w, row, first, keys);
    for (int64_t c = 0; c < head->twin.problem->dim && lost; c++)
        row->o[c] = NAN;
}
