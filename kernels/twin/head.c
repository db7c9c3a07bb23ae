/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/twin/head.h"

#include "kernels/prepare/rotate.h"

#include <math.h>
#include <stdlib.h>

int64_t at_twin_padded(int64_t n)
{
    return (n + AT_PANEL_COLUMNS - 1) / AT_PANEL_COLUMNS * AT_PANEL_COLUMNS;
}

int64_t at_twin_tile_keys(const struct at_twin_head *head, int64_t first)
{
    int64_t left = head->problem->seq_k - first;
    return left < head->numerics->tile_n ? left : head->numerics->tile_n; /* T2 */
}

int64_t at_twin_tile_at(const struct at_twin_head *head, int64_t t, int64_t tiles)
{
    return head->numerics->order == AT_ORDER_REVERSE ? tiles - 1 - t : t; /* T1 */
}

static enum at_score_form form_of(const struct at_numerics *n)
{
    int block = at_scale_block_rows(n->k.scale);
    bool normalised = n->p_offset == AT_P_NORMALISED; /* compares scores of different tiles */
    if (n->score_format != AT_FP32 || n->q.smooth || n->k.scale == AT_SCALE_TOKEN || (block && (normalised || block % n->tile_n))) /* E9a */
        return SCORES_PER_ELEMENT;
    return block ? SCORES_PER_TILE : SCORES_FOLDED;
}

/* Whether every code of row s stands for 0; the scale of such a row of V says nothing. */
static bool is_zero_row(const struct at_tensor *codes, int64_t b, int64_t h, int64_t s)
{
    float values[256];
    bool zero = true;
    at_tensor_decode_rows(codes, b, h, s, 1, values);
    for (int64_t c = 0; c < codes->dim; c++)
        zero &= values[c] == 0;
    return zero;
}

enum at_status at_twin_head_init(struct at_twin_head *ret_head, const struct at_operands *operands, int64_t b, int64_t h,
                                 const struct at_rows *rows, enum at_simd simd, struct at_attention *out, struct at_error *error)
{
    const struct at_problem *p = &operands->problem;
    const struct at_numerics *n = &operands->numerics;
    enum at_status refused = at_problem_check_twin(p, error);
    if (refused)
        return refused;
    struct at_twin_head head = {operands, p, n, b, h, h / at_problem_group(p), rows, out, simd, form_of(n), .v_scale = 1.0f};
    const struct at_scales *v = &operands->v.scale;
    head.rule = at_softmax_rule_of(n, head.form == SCORES_PER_TILE, simd);
    head.scale = at_problem_scale_fp32(p);
    head.log2_scale = (float)((double)head.scale * 0x1.71547652b82fep+0); /* E7a: log2(e) = 1.442695040888963 */
    for (int64_t c = 0; c < p->dim; c++)
        head.signs[c] = n->v.rotate ? at_rotation_sign(n->rotation_seed, c) : 1.0f;
    if (n->v.scale == AT_SCALE_TENSOR || n->v.scale == AT_SCALE_HEAD)
        head.v_scale = at_scale_of(v, b, head.kv, 0, 0);
    if (n->v.scale == AT_SCALE_TOKEN) {
        head.v_fold = malloc((size_t)p->seq_k * sizeof *head.v_fold);
        if (!head.v_fold)
            return at_fail(error, AT_ERR_MEMORY, "twin: no memory for V's token scales");
        head.v_scale = 0;
        for (int64_t s = 0; s < p->seq_k; s++)
            if (!is_zero_row(&operands->v.codes, b, head.kv, s))                      /* E15g */
                head.v_scale = fmaxf(head.v_scale, at_scale_of(v, b, head.kv, s, 0)); /* E15b */
        for (int64_t s = 0; s < p->seq_k; s++)
            /* E15c */
            head.v_fold[s] = is_zero_row(&operands->v.codes, b, head.kv, s) ? 1.0f : at_scale_of(v, b, head.kv, s, 0) / head.v_scale;
    }
    *ret_head = head;
    return AT_OK;
}

void at_twin_head_done(struct at_twin_head *head)
{
    free(head->v_fold);
    head->v_fold = NULL;
}

void at_twin_workspace_done(struct at_twin_workspace *w)
{
    at_panel_done(&w->k);
    at_panel_done(&w->v);
    free(w->scores);
    free(w->part);
    free(w->p_exponent);
}

enum at_status at_twin_workspace_init(struct at_twin_workspace *ret_workspace, const struct at_twin_head *head, struct at_error *error)
{
    int64_t tile = at_twin_padded(head->numerics->tile_n), dim = at_twin_padded(head->problem->dim);
    struct at_twin_workspace w = {.tile = tile, .dim = dim};
    enum at_status status = at_panel_init(&w.k, head->simd, dim, tile, error);
    if (!status)
        status = at_panel_init(&w.v, head->simd, tile, dim, error);
    w.scores = malloc((size_t)(AT_CHAINS_AT_ONCE * tile) * sizeof *w.scores);
    w.part = malloc((size_t)(AT_CHAINS_AT_ONCE * dim) * sizeof *w.part);
    w.p_exponent = malloc((size_t)(AT_CHAINS_AT_ONCE * tile) * sizeof *w.p_exponent);
    if (!status && (!w.scores || !w.part || !w.p_exponent))
        status = at_fail(error, AT_ERR_MEMORY, "twin: no memory for a tile");
    if (status)
        at_twin_workspace_done(&w);
    else
        *ret_workspace = w;
    return status;
}
