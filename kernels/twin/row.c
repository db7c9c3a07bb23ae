/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/twin/head.h"

#include "kernels/prepare/rotate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Tiles that the kernel visits for the row tile of `position`: those with a key that the tile's last row could see. */
static int64_t tiles_of(const struct at_twin_head *head, int64_t position)
{
    const struct at_problem *p = head->problem;
    int64_t keys = p->seq_k, tile_m = head->numerics->tile_m, tile_n = head->numerics->tile_n;
    if (p->causal) {
        int64_t end = (position / tile_m + 1) * tile_m + p->seq_k - p->seq_q; /* T3 */
        keys = end < 0 ? 0 : end < keys ? end : keys;
    }
    return (keys + tile_n - 1) / tile_n;
}

void at_twin_row_done(struct at_twin_row *row)
{
    free(row->q);
    free(row->o);
    free(row->scores);
    free(row->q_exponent);
    free(row->rescale);
}

enum at_status at_twin_row_init(struct at_twin_row *ret_row, const struct at_twin_head *head, int64_t i, struct at_error *error)
{
    const struct at_problem *p = head->problem;
    int64_t position = head->rows->index[i], dim = p->dim;
    struct at_twin_row row = {.position = position, .keys = at_problem_keys(p, position), .tiles = tiles_of(head, position)};
    bool normalised = head->numerics->p_offset == AT_P_NORMALISED;
    row.p = head->out->p ? head->out->p + i * p->seq_k : NULL;
    row.q = malloc((size_t)dim * sizeof *row.q);
    row.q_exponent = malloc((size_t)dim * sizeof *row.q_exponent);
    row.o = calloc((size_t)at_twin_padded(dim), sizeof *row.o);
    row.scores = normalised ? malloc((size_t)p->seq_k * sizeof *row.scores) : NULL;
    row.rescale = malloc((size_t)(row.tiles + 1) * sizeof *row.rescale);
    if (!row.q || !row.q_exponent || !row.o || !row.rescale || (normalised && !row.scores)) {
        at_twin_row_done(&row);
        return at_fail(error, AT_ERR_MEMORY, "twin: no memory for a query row");
    }
    at_tensor_decode_rows(&head->operands->q.codes, head->b, head->h, position, 1, row.q);
    at_panel_row_set(&row.q_row, head->simd, head->numerics->q.format, row.q, dim, row.q_exponent);
    if (row.p)
        memset(row.p, 0, (size_t)p->seq_k * sizeof *row.p);
    row.softmax.max = -INFINITY;
    *ret_row = row;
    return AT_OK;
}

/* The same NaN whichever path made it: compilers order the operands of a sum, and so pick the payload, as they like. */
static float canonical(float x)
{
    return isnan(x) ? at_decode(AT_FP32, at_encode(AT_FP32, x, AT_OVERFLOW_IEEE)) : x;
}

/* Turns the kept weights into what multiplied V in the end: later tiles' rescaling and the division by the row sum. */
static void settle_weights(const struct at_twin_head *head, struct at_twin_row *row, double reciprocal)
{
    int64_t tile_n = head->numerics->tile_n;
    double factor = reciprocal;
    for (int64_t t = row->tiles - 1; t >= 0; t--) { /* from the tile visited last to the first */
        int64_t tile = at_twin_tile_at(head, t, row->tiles), first = tile * tile_n;
        int64_t n = at_twin_tile_keys(head, first);
        for (int64_t i = first; i < first + n; i++)
            row->p[i] = isnan(row->p[i] * factor) ? (double)canonical(NAN) : row->p[i] * factor;
        factor *= (double)row->rescale[tile];
    }
}

/* E20 to E24 */
void at_twin_row_finish(const struct at_twin_head *head, struct at_twin_row *row, int64_t i)
{
    const struct at_numerics *n = head->numerics;
    const struct at_operands *operands = head->operands;
    int64_t dim = head->problem->dim;
    float total = canonical(at_softmax_total(&row->softmax)), reciprocal = at_softmax_reciprocal(&head->rule, total);
    float factor = (n->p_offset == AT_P_NORMALISED ? 1.0f : reciprocal) * head->v_scale; /* E20b */
    float *o = head->out->o + i * dim;
    for (int64_t c = 0; c < dim; c++) {
        o[c] = row->o[c] * factor; /* E21a */
        if (n->v.scale == AT_SCALE_CHANNEL)
            o[c] *= at_scale_of(&operands->v.scale, head->b, head->kv, 0, c); /* E21b */
        if (operands->v.mean && row->keys > 0)
            o[c] += operands->v.mean[(head->b * head->problem->heads_kv + head->kv) * dim + c]; /* E22a */
    }
    if (n->v.rotate)
        at_unrotate_row(o, dim, at_rotation_width(n->v.rotate, dim), head->signs); /* E22 */
    for (int64_t c = 0; c < dim; c++)
        o[c] = at_decode(n->output, at_encode(n->output, o[c], AT_OVERFLOW_IEEE));                                  /* E23a */
    float to_natural = head->rule.log2_units ? at_softmax_ln2 : at_twin_coefficient(head, row, 0) * at_softmax_ln2; /* E24a */
    head->out->row_max[i] = canonical(row->softmax.max);
    head->out->row_sum[i] = total;
    head->out->lse[i] = at_softmax_lse(&head->rule, row->softmax.max, to_natural, total); /* E24 */
    if (operands->lse_shift)
        /* E24f */
        head->out->lse[i] += operands->lse_shift[(head->b * head->problem->heads_q + head->h) * head->problem->seq_q + row->position];
    head->out->lse[i] = canonical(head->out->lse[i]);
    if (row->p)
        settle_weights(head, row, n->p_offset == AT_P_NORMALISED ? 1.0 : (double)reciprocal);
}
