/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/switched/state.h"

#include "kernels/switched/fl.h"
#include "kernels/switched/product.h"

#include <stdlib.h>
#include <string.h>

void at_switched_workspace_done(struct at_switched_workspace *w)
{
    at_panel_done(&w->k_panel);
    at_panel_done(&w->v_panel);
    free(w->k);
    free(w->v);
    free(w->k_exponent);
    free(w->v_exponent);
    free(w->k_values);
    free(w->scores);
    free(w->part);
    free(w->p_exponent);
    free(w->narrow);
    free(w->narrow_part);
    free(w->narrow_exponent);
    *w = (struct at_switched_workspace){0};
}

enum at_status at_switched_workspace_init(struct at_switched_workspace *ret_workspace, const struct at_switched_head *head,
                                          struct at_error *error)
{
    const int64_t tile = at_twin_padded(head->twin.numerics->tile_n), dim = at_twin_padded(head->twin.problem->dim);
    const size_t area = (size_t)(tile * dim);
    struct at_switched_workspace w = {.tile = tile, .dim = dim};
    enum at_status status = at_panel_init(&w.k_panel, head->twin.simd, dim, tile, error);
    if (!status)
        status = at_panel_init(&w.v_panel, head->twin.simd, tile, dim, error);
    w.k = calloc(area, sizeof *w.k);
    w.v = calloc(area, sizeof *w.v);
    w.k_exponent = calloc(area, sizeof *w.k_exponent);
    w.v_exponent = calloc(area, sizeof *w.v_exponent);
    w.k_values = calloc(area, sizeof *w.k_values);
    w.scores = calloc((size_t)tile, sizeof *w.scores);
    w.part = calloc((size_t)dim, sizeof *w.part);
    w.p_exponent = calloc((size_t)tile, sizeof *w.p_exponent);
    w.narrow = calloc((size_t)tile, sizeof *w.narrow);
    w.narrow_part = calloc((size_t)dim, sizeof *w.narrow_part);
    w.narrow_exponent = calloc((size_t)tile, sizeof *w.narrow_exponent);
    if (!status && (!w.k || !w.v || !w.k_exponent || !w.v_exponent || !w.k_values || !w.scores || !w.part || !w.p_exponent || !w.narrow ||
                    !w.narrow_part || !w.narrow_exponent))
        status = at_fail(error, AT_ERR_MEMORY, "budget: no memory for a tile");
    if (status)
        at_switched_workspace_done(&w);
    else
        *ret_workspace = w;
    return status;
}

void at_switched_load_keys(const struct at_switched_head *head, struct at_switched_workspace *w, int64_t first, int64_t n)
{
    const struct at_twin_head *twin = &head->twin;
    const int64_t dim = twin->problem->dim;
    double row[256];
    if (twin->numerics->q.smooth)
        for (int64_t j = 0; j < n; j++)
            at_switched_values(&head->k, first + j, true, w->k_values + j * dim);
    if (head->scores == AT_PRODUCT_OF_CODES) {
        at_panel_load_transposed(&w->k_panel, twin->numerics->k.format, at_tensor_row(&twin->operands->k.codes, twin->b, twin->kv, first),
                                 n, dim);
        return;
    }
    memset(w->k, 0, (size_t)(dim * w->tile) * sizeof *w->k);
    for (int64_t j = 0; j < n; j++) {
        at_switched_row_of(&head->k, first + j, row);
        for (int64_t c = 0; c < dim; c++)
            w->k[c * w->tile + j] = row[c];
    }
    if (head->scores == AT_PRODUCT_OF_REALS)
        at_product_exponents(twin->numerics->k.format, w->k, dim * w->tile, w->k_exponent);
}

void at_switched_load_values(const struct at_switched_head *head, struct at_switched_workspace *w, int64_t first, int64_t n)
{
    const struct at_twin_head *twin = &head->twin;
    const int64_t dim = twin->problem->dim;
    if (head->output == AT_PRODUCT_OF_CODES) {
        at_panel_load(&w->v_panel, twin->numerics->v.format, at_tensor_row(&twin->operands->v.codes, twin->b, twin->kv, first), n, dim);
        return;
    }
    memset(w->v, 0, (size_t)(w->tile * w->dim) * sizeof *w->v);
    for (int64_t j = 0; j < n; j++)
        at_switched_row_of(&head->v, first + j, w->v + j * w->dim);
    if (head->output == AT_PRODUCT_OF_REALS)
        at_product_exponents(twin->numerics->v.format, w->v, w->tile * w->dim, w->v_exponent);
}

double at_switched_coefficient(const struct at_switched_head *head, const struct at_switched_row *row, int64_t first)
{
    const struct at_twin_head *twin = &head->twin;
    const struct at_operands *o = twin->operands;
    if (at_switched_on(head->switches, AT_ROUNDING_COEFFICIENT))
        return (double)at_twin_coefficient(twin, &row->twin, first);
    const double q_scale = (double)at_scale_of(&o->q.scale, twin->b, twin->h, row->twin.position, 0);
    if (twin->numerics->score_format != AT_FP32)
        return 0x1.71547652b82fep+0; /* log2(e) */
    if (twin->form == SCORES_PER_ELEMENT)
        return twin->numerics->q.smooth ? head->log2_scale : head->log2_scale * q_scale;
    return head->log2_scale * q_scale * (double)at_scale_of(&o->k.scale, twin->b, twin->kv, first, 0);
}

/* What Q's smoothing took from the score of key j of the tile (E9). */
static double q_mean_score(const struct at_switched_head *head, const struct at_switched_workspace *w, int64_t position, int64_t j)
{
    const bool on = at_switched_on(head->switches, AT_ROUNDING_SCORES);
    const int64_t dim = head->twin.problem->dim;
    const float *mean = head->q.mean + position / AT_Q_MEAN_ROWS * dim;
    const double *k = w->k_values + j * dim;
    double sum = 0;
    for (int64_t c = 0; c < dim; c++)
        sum = on ? at_fl_fma((double)mean[c], k[c], sum) : sum + (double)mean[c] * k[c];
    return sum;
}

/* E9, E10 of the score s of key first + j */
static double scored(const struct at_switched_head *head, const struct at_switched_workspace *w, const struct at_switched_row *row,
                     int64_t first, int64_t j, double s)
{
    const struct at_twin_head *twin = &head->twin;
    const struct at_numerics *n = twin->numerics;
    const bool on = at_switched_on(head->switches, AT_ROUNDING_SCORES);
    const double k_scale = (double)at_scale_of(&twin->operands->k.scale, twin->b, twin->kv, first + j, 0);
    if (n->score_format == AT_FP32 && !n->q.smooth)
        return at_fl_if(on, s * k_scale);
    const double q_scale = (double)at_scale_of(&twin->operands->q.scale, twin->b, twin->h, row->twin.position, 0);
    const double scale = at_fl_if(on, q_scale * k_scale);
    if (n->q.smooth) {
        double rest = q_mean_score(head, w, row->twin.position, j);
        s = on ? at_fl_fma(s, scale, rest) : s * scale + rest;
    } else {
        s = at_fl_if(on, s * scale);
    }
    if (n->score_format == AT_FP32)
        return s;
    s *= head->scale;
    return on ? (double)at_decode(n->score_format, at_encode(n->score_format, (float)s, AT_OVERFLOW_IEEE)) : s;
}

void at_switched_score(const struct at_switched_head *head, struct at_switched_workspace *w, const struct at_switched_row *row,
                       int64_t first, int64_t n)
{
    const struct at_twin_head *twin = &head->twin;
    int64_t seen = row->twin.keys - first < 0 ? 0 : row->twin.keys - first < n ? row->twin.keys - first : n;
    memset(w->scores, 0, (size_t)w->tile * sizeof *w->scores);
    if (head->scores == AT_PRODUCT_OF_CODES) { /* E8 */
        memset(w->narrow, 0, (size_t)w->tile * sizeof *w->narrow);
        at_wgmma_chain(twin->simd, &row->twin.q_row, &w->k_panel, 0, w->k_panel.k, w->narrow);
        for (int64_t j = 0; j < seen; j++)
            w->scores[j] = (double)w->narrow[j];
    } else if (head->scores == AT_PRODUCT_OF_REALS) {
        at_product_truncated(at_wgmma_rounding_of(twin->numerics->q.format), row->q, row->q_exponent, w->k, w->k_exponent,
                             twin->problem->dim, w->tile, w->scores);
    } else {
        at_product_exact(row->q, w->k, twin->problem->dim, w->tile, w->scores);
    }
    for (int64_t j = 0; j < seen && twin->form == SCORES_PER_ELEMENT; j++)
        w->scores[j] = scored(head, w, row, first, j, w->scores[j]);
    for (int64_t j = seen; j < w->tile; j++)
        w->scores[j] = -INFINITY;
}
