/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "rules/unfused.h"

#include "rules/close.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Memory of one call. */
struct workspace {
    float *k;      /* [dim][seq_k], scaled and transposed */
    float *v;      /* [seq_k][dim] */
    float *scores; /* [seq_k] */
};

static float softmax_scale(const struct at_problem *p)
{
    return (float)(p->scale > 0 ? p->scale : 1.0 / sqrt((double)p->dim));
}

static float multiplied(enum at_format format, float x, float factor)
{
    return factor == 1 ? x : at_close_round(format, x * factor);
}

static void load(const struct at_unfused *u, const struct at_unfused_head *h, const struct workspace *w)
{
    int64_t keys = h->problem->seq_k, dim = h->problem->dim;
    float scale = u->scale_on_k ? softmax_scale(h->problem) : 1;
    for (int64_t j = 0; j < keys; j++)
        for (int64_t c = 0; c < dim; c++) {
            w->k[c * keys + j] = multiplied(u->format, multiplied(u->format, h->k[j * dim + c], h->k_descale), scale);
            w->v[j * dim + c] = multiplied(u->format, h->v[j * dim + c], h->v_descale);
        }
}

/* Scores of one row; returns their largest. */
static float score(const struct at_unfused *u, const struct at_unfused_head *h, const struct workspace *w, int64_t row, int64_t keys)
{
    int64_t dim = h->problem->dim, seq_k = h->problem->seq_k;
    float scale = u->scale_on_k ? 1 : softmax_scale(h->problem), largest = -INFINITY;
    memset(w->scores, 0, (size_t)keys * sizeof *w->scores);
    for (int64_t c = 0; c < dim; c++) {
        float q = multiplied(u->format, multiplied(u->format, h->q[row * dim + c], h->q_descale), scale);
        const float *k = w->k + c * seq_k;
        float *scores = w->scores;
        for (int64_t j = 0; j < keys; j++)
            scores[j] += q * k[j];
    }
    for (int64_t j = 0; j < keys; j++) {
        w->scores[j] = at_close_round(u->format, w->scores[j]);
        largest = fmaxf(largest, w->scores[j]);
    }
    return largest;
}

static void attend_row(const struct at_unfused *u, const struct at_unfused_head *h, const struct workspace *w, int64_t row, float *o,
                       float *lse)
{
    int64_t dim = h->problem->dim, keys = at_problem_keys(h->problem, row);
    float largest = score(u, h, w, row, keys), sum = 0;
    memset(o, 0, (size_t)dim * sizeof *o);
    for (int64_t j = 0; j < keys; j++) {
        w->scores[j] = expf(w->scores[j] - largest);
        sum += w->scores[j];
    }
    for (int64_t j = 0; j < keys; j++) {
        float p = at_close_round(u->format, at_close_round(u->p_format, at_close_round(u->format, w->scores[j] / sum)));
        const float *v = w->v + j * dim;
        for (int64_t c = 0; c < dim; c++)
            o[c] += p * v[c];
    }
    for (int64_t c = 0; c < dim; c++)
        o[c] = at_close_round(u->output, at_close_round(u->format, o[c]));
    *lse = keys > 0 ? largest + logf(sum) : -INFINITY;
}

enum at_status at_unfused_attend(const struct at_unfused *unfused, const struct at_unfused_head *head, int64_t first, int64_t count,
                                 float *ret_o, float *ret_lse, struct at_error *error)
{
    size_t keys = (size_t)head->problem->seq_k, dim = (size_t)head->problem->dim;
    float *memory = malloc((2 * keys * dim + keys) * sizeof *memory);
    if (!memory)
        return at_fail(error, AT_ERR_MEMORY, "unfused attention of %zu keys: no memory for them; take fewer keys", keys);
    struct workspace w = {.k = memory, .v = memory + keys * dim, .scores = memory + 2 * keys * dim};
    load(unfused, head, &w);
    for (int64_t i = 0; i < count; i++)
        attend_row(unfused, head, &w, first + i, ret_o + i * (int64_t)dim, ret_lse + i);
    free(memory);
    return AT_OK;
}
