/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/twin/head.h"

#include <math.h>
#include <string.h>

/* E7 */
float at_twin_coefficient(const struct at_twin_head *head, const struct at_twin_row *row, int64_t first)
{
    const struct at_operands *o = head->operands;
    float q_scale = at_scale_of(&o->q.scale, head->b, head->h, row->position, 0);
    if (head->numerics->score_format != AT_FP32)
        return 0x1.715476p+0f; /* E7d: log2(e): the scale is in the scores already */
    if (head->form == SCORES_PER_ELEMENT)
        return head->numerics->q.smooth ? head->log2_scale : head->log2_scale * q_scale;         /* E7c */
    return head->log2_scale * (q_scale * at_scale_of(&o->k.scale, head->b, head->kv, first, 0)); /* E7b */
}

/* What Q's smoothing took from the score of key j: mean(Q block) . k_j, an fp32 fma chain in order of columns (E9). */
static float q_mean_score(const struct at_twin_head *head, const struct at_twin_row *row, int64_t j)
{
    const struct at_problem *p = head->problem;
    int64_t groups = (p->seq_q + AT_Q_MEAN_ROWS - 1) / AT_Q_MEAN_ROWS;
    const float *mean = head->operands->q.mean + ((head->b * p->heads_q + head->h) * groups + row->position / AT_Q_MEAN_ROWS) * p->dim;
    const float *k = head->operands->k.values + ((head->b * p->heads_kv + head->kv) * p->seq_k + j) * p->dim;
    float sum = 0;
    for (int64_t c = 0; c < p->dim; c++)
        sum = fmaf(mean[c], k[c], sum); /* E9d */
    return sum;
}

/* E9, E10 */
static float scored(const struct at_twin_head *head, const struct at_twin_row *row, int64_t j, float s)
{
    const struct at_numerics *n = head->numerics;
    float k_scale = at_scale_of(&head->operands->k.scale, head->b, head->kv, j, 0);
    if (n->score_format == AT_FP32 && !n->q.smooth)
        return s * k_scale;                                                                            /* E9b */
    float scale = at_scale_of(&head->operands->q.scale, head->b, head->h, row->position, 0) * k_scale; /* E10a */
    s = n->q.smooth ? fmaf(s, scale, q_mean_score(head, row, j)) : s * scale;                          /* E9c */
    /* E10b */
    return n->score_format == AT_FP32 ? s : at_decode(n->score_format, at_encode(n->score_format, s * head->scale, AT_OVERFLOW_IEEE));
}

void at_twin_score_tile(const struct at_twin_head *head, struct at_twin_workspace *w, struct at_twin_row *const *rows, int64_t count,
                        int64_t first, int64_t n)
{
    struct at_chain chains[AT_CHAINS_AT_ONCE];
    for (int64_t r = 0; r < count; r++)
        chains[r] = (struct at_chain){&rows[r]->q_row, w->scores + r * w->tile};
    memset(w->scores, 0, (size_t)(count * w->tile) * sizeof *w->scores); /* E8a */
    at_wgmma_chains(head->simd, chains, count, &w->k, 0, w->k.k); /* E8 */
    for (int64_t r = 0; r < count; r++) {
        float *scores = w->scores + r * w->tile;
        int64_t seen = rows[r]->keys - first < 0 ? 0 : rows[r]->keys - first < n ? rows[r]->keys - first : n; /* T4 */
        if (head->form == SCORES_PER_ELEMENT)
            for (int64_t i = 0; i < seen; i++)
                scores[i] = scored(head, rows[r], first + i, scores[i]);
        for (int64_t i = seen; i < w->k.n; i++)
            scores[i] = -INFINITY; /* T5 */
    }
}
