/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/twin/attention.h"

#include "kernels/prepare/rotate.h"
#include "kernels/twin/softmax.h"
#include "kernels/twin/wgmma.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

/* How the scales of Q and K enter the scores (E7, E9). */
enum score_form {
    SCORES_FOLDED,     /* one coefficient for the row: they multiply the softmax scale */
    SCORES_PER_TILE,   /* one coefficient for each tile */
    SCORES_PER_ELEMENT /* each score is multiplied first */
};

/* One query head, and what is the same for all its rows. */
struct head {
    const struct at_operands *operands;
    const struct at_problem *problem;
    const struct at_numerics *numerics;
    int64_t b, h, kv;
    const struct at_rows *rows;
    struct at_attention *out;
    enum at_simd simd;
    enum score_form form;
    struct at_softmax_rule rule;
    float scale, log2_scale; /* the softmax scale, and times log2(e) */
    float v_scale;           /* common to all of V, or the largest of token scales; 1 where scales are per block or channel */
    float *v_fold;           /* [seq_k] token scale / v_scale, or NULL */
    float signs[256];        /* of V's rotation */
};

/* One row under way. */
struct row {
    int64_t position, keys, tiles; /* keys it sees; tiles its row tile visits */
    float *q, *o, *scores;         /* [dim], [columns of a panel], [seq_k] for normalised P */
    int16_t *q_exponent;
    struct at_panel_row q_row;
    struct at_softmax_row softmax;
    double *p;                     /* [seq_k] of the output, or NULL */
    float *rescale;                /* [tiles] factor on what came before each tile, when p is wanted */
    float normaliser;              /* 1/sum, for normalised P */
};

/* Memory of one thread. */
struct workspace {
    struct at_panel k, v;
    float *scores, *part;   /* [tile], [columns of a panel] */
    int16_t *p_exponent;    /* [tile] */
    int64_t saturated, underflowed;
};

static int64_t padded(int64_t n)
{
    return (n + AT_PANEL_COLUMNS - 1) / AT_PANEL_COLUMNS * AT_PANEL_COLUMNS;
}

static enum score_form form_of(const struct at_numerics *n)
{
    int block = at_scale_block_rows(n->k.scale);
    bool normalised = n->p_offset == AT_P_NORMALISED; /* compares scores of different tiles */
    if (n->score_format != AT_FP32 || n->q.smooth || n->k.scale == AT_SCALE_TOKEN || (block && (normalised || block % n->tile_n)))
        return SCORES_PER_ELEMENT;
    return block ? SCORES_PER_TILE : SCORES_FOLDED;
}

static enum at_status head_init(struct head *ret_head, const struct at_operands *operands, int64_t b, int64_t h, const struct at_rows *rows,
                                enum at_simd simd, struct at_attention *out, struct at_error *error)
{
    const struct at_problem *p = &operands->problem;
    const struct at_numerics *n = &operands->numerics;
    struct head head = {operands, p, n, b, h, h / at_problem_group(p), rows, out, simd, form_of(n), .v_scale = 1.0f};
    const struct at_scales *v = &operands->v.scale;
    head.rule = at_softmax_rule_of(n, head.form == SCORES_PER_TILE);
    head.scale = at_problem_scale_fp32(p);
    head.log2_scale = (float)((double)head.scale * 0x1.71547652b82fep+0); /* E7; log2(e) = 1.442695040888963 */
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
            head.v_scale = fmaxf(head.v_scale, at_scale_of(v, b, head.kv, s, 0));
        for (int64_t s = 0; s < p->seq_k; s++)
            head.v_fold[s] = at_scale_of(v, b, head.kv, s, 0) / head.v_scale;
    }
    *ret_head = head;
    return AT_OK;
}

/* Tiles that the kernel visits for the row tile of `position`: those with a key that the tile's last row could see. */
static int64_t tiles_of(const struct head *head, int64_t position)
{
    const struct at_problem *p = head->problem;
    int64_t keys = p->seq_k, tile_m = head->numerics->tile_m, tile_n = head->numerics->tile_n;
    if (p->causal) {
        int64_t end = (position / tile_m + 1) * tile_m + p->seq_k - p->seq_q;
        keys = end < 0 ? 0 : end < keys ? end : keys;
    }
    return (keys + tile_n - 1) / tile_n;
}

static void row_done(struct row *row)
{
    free(row->q);
    free(row->o);
    free(row->scores);
    free(row->q_exponent);
    free(row->rescale);
}

static enum at_status row_init(struct row *ret_row, const struct head *head, int64_t i, struct at_error *error)
{
    const struct at_problem *p = head->problem;
    int64_t position = head->rows->index[i], dim = p->dim;
    struct row row = {.position = position, .keys = at_problem_keys(p, position), .tiles = tiles_of(head, position)};
    bool normalised = head->numerics->p_offset == AT_P_NORMALISED;
    row.p = head->out->p ? head->out->p + i * p->seq_k : NULL;
    row.q = malloc((size_t)dim * sizeof *row.q);
    row.q_exponent = malloc((size_t)dim * sizeof *row.q_exponent);
    row.o = calloc((size_t)padded(dim), sizeof *row.o);
    row.scores = normalised ? malloc((size_t)p->seq_k * sizeof *row.scores) : NULL;
    row.rescale = malloc((size_t)(row.tiles + 1) * sizeof *row.rescale);
    if (!row.q || !row.q_exponent || !row.o || !row.rescale || (normalised && !row.scores)) {
        row_done(&row);
        return at_fail(error, AT_ERR_MEMORY, "twin: no memory for a query row");
    }
    at_tensor_decode_rows(&head->operands->q.codes, head->b, head->h, position, 1, row.q);
    at_panel_row_set(&row.q_row, head->numerics->q.format, row.q, dim, row.q_exponent);
    if (row.p)
        memset(row.p, 0, (size_t)p->seq_k * sizeof *row.p);
    row.softmax.max = -INFINITY;
    *ret_row = row;
    return AT_OK;
}

/* E7: the coefficient from score to log2 of P for the tile that begins at key `first`. */
static float coefficient(const struct head *head, const struct row *row, int64_t first)
{
    const struct at_operands *o = head->operands;
    float q_scale = at_scale_of(&o->q.scale, head->b, head->h, row->position, 0);
    if (head->numerics->score_format != AT_FP32)
        return 0x1.715476p+0f; /* log2(e): the scale is in the scores already */
    if (head->form == SCORES_PER_ELEMENT)
        return head->numerics->q.smooth ? head->log2_scale : head->log2_scale * q_scale;
    return head->log2_scale * (q_scale * at_scale_of(&o->k.scale, head->b, head->kv, first, 0));
}

/* What Q's smoothing took from the score of key j: mean(Q block) . k_j, an fp32 fma chain in order of columns (E9). */
static float q_mean_score(const struct head *head, const struct row *row, int64_t j)
{
    const struct at_problem *p = head->problem;
    int64_t groups = (p->seq_q + AT_Q_MEAN_ROWS - 1) / AT_Q_MEAN_ROWS;
    const float *mean = head->operands->q.mean + ((head->b * p->heads_q + head->h) * groups + row->position / AT_Q_MEAN_ROWS) * p->dim;
    const float *k = head->operands->k.values + ((head->b * p->heads_kv + head->kv) * p->seq_k + j) * p->dim;
    float sum = 0;
    for (int64_t c = 0; c < p->dim; c++)
        sum = fmaf(mean[c], k[c], sum);
    return sum;
}

/* E9, E10 */
static float scored(const struct head *head, const struct row *row, int64_t j, float s)
{
    const struct at_numerics *n = head->numerics;
    float k_scale = at_scale_of(&head->operands->k.scale, head->b, head->kv, j, 0);
    if (n->score_format == AT_FP32 && !n->q.smooth)
        return s * k_scale;
    float scale = at_scale_of(&head->operands->q.scale, head->b, head->h, row->position, 0) * k_scale;
    s = n->q.smooth ? fmaf(s, scale, q_mean_score(head, row, j)) : s * scale;
    return n->score_format == AT_FP32 ? s : at_decode(n->score_format, at_encode(n->score_format, s * head->scale, AT_OVERFLOW_IEEE));
}

/* E8 to E10: scores of the tile of n keys from `first`, masked ones -infinity. */
static void score_tile(const struct head *head, struct workspace *w, const struct row *row, int64_t first, int64_t n)
{
    int64_t seen = row->keys - first < 0 ? 0 : row->keys - first < n ? row->keys - first : n;
    memset(w->scores, 0, (size_t)w->k.n * sizeof *w->scores);
    at_wgmma_chain(head->simd, &row->q_row, &w->k, 0, w->k.k, w->scores);
    if (head->form == SCORES_PER_ELEMENT)
        for (int64_t i = 0; i < seen; i++)
            w->scores[i] = scored(head, row, first + i, w->scores[i]);
    for (int64_t i = seen; i < w->k.n; i++)
        w->scores[i] = -INFINITY;
}

/* E16, E18: O <- O + P V over the tile, promoted every `step` keys; with one accumulator the instructions start from O itself. */
static void accumulate(const struct head *head, struct workspace *w, struct row *row, const struct at_panel_row *p, int64_t first)
{
    const struct at_numerics *n = head->numerics;
    if (n->promote == AT_PROMOTE_NONE) {
        at_wgmma_chain(head->simd, p, &w->v, 0, w->v.k, row->o);
        return;
    }
    int64_t step = n->promote == AT_PROMOTE_TILE ? w->v.k : n->promote;
    bool per_block = at_scale_block_rows(n->v.scale) != 0;
    for (int64_t k = 0; k < w->v.k; k += step) {
        int64_t last = k + step < w->v.k ? k + step : w->v.k;
        memset(w->part, 0, (size_t)w->v.n * sizeof *w->part);
        at_wgmma_chain(head->simd, p, &w->v, k, last, w->part);
        float scale = per_block ? at_scale_of(&head->operands->v.scale, head->b, head->kv, first + k, 0) : 1.0f;
        for (int64_t c = 0; c < head->problem->dim; c++)
            row->o[c] = per_block ? fmaf(w->part[c], scale, row->o[c]) : row->o[c] + w->part[c];
    }
}

/* E15, E16: casts the tile's n weights in w->scores, keeps them for the caller, multiplies V. */
static void multiply_tile(const struct head *head, struct workspace *w, struct row *row, float rescale, int64_t first, int64_t n)
{
    const float *fold = head->v_fold ? head->v_fold + first : NULL;
    struct at_panel_row p;
    at_softmax_cast(&head->rule, fold, w->scores, n, &w->saturated, &w->underflowed);
    memset(w->scores + n, 0, (size_t)(w->v.k - n) * sizeof *w->scores);
    if (head->rule.row_sum == AT_SUM_QUANTISED)
        at_softmax_add(&row->softmax, rescale, w->scores, n);
    if (row->p)
        for (int64_t i = 0; i < n; i++)
            row->p[first + i] = fold ? (double)w->scores[i] / (double)fold[i] : (double)w->scores[i];
    at_panel_row_set(&p, head->rule.p_format, w->scores, w->v.k, w->p_exponent);
    accumulate(head, w, row, &p, first);
}

static void online_tile(const struct head *head, struct workspace *w, struct row *row, int64_t tile, int64_t first, int64_t n)
{
    score_tile(head, w, row, first, n);
    float rescale = at_softmax_tile(&head->rule, &row->softmax, coefficient(head, row, first), w->scores, n);
    row->rescale[tile] = rescale;
    for (int64_t c = 0; c < head->problem->dim; c++)
        row->o[c] *= rescale; /* E17 */
    multiply_tile(head, w, row, rescale, first, n);
}

/* First sweep for normalised P: keeps the scores and their maximum. */
static void keep_scores(const struct head *head, struct workspace *w, struct row *row, int64_t first, int64_t n)
{
    score_tile(head, w, row, first, n);
    memcpy(row->scores + first, w->scores, (size_t)n * sizeof *w->scores);
    for (int64_t i = 0; i < n; i++)
        row->softmax.max = fmaxf(row->softmax.max, w->scores[i]);
}

/* Between the sweeps: exponentials and their sum, tile by tile in the kernel's order (E12 to E14). */
static void exponentiate_row(const struct head *head, struct row *row)
{
    int64_t tile_n = head->numerics->tile_n;
    float c = coefficient(head, row, 0);
    float shift = row->softmax.max == -INFINITY ? 0.0f : row->softmax.max * c; /* E11 */
    for (int64_t t = 0; t < row->tiles; t++) {
        int64_t tile = head->numerics->order == AT_ORDER_REVERSE ? row->tiles - 1 - t : t, first = tile * tile_n;
        int64_t n = head->problem->seq_k - first < tile_n ? head->problem->seq_k - first : tile_n;
        for (int64_t i = first; i < first + n; i++)
            row->scores[i] = at_softmax_exp2(&head->rule, fmaf(row->scores[i], c, -shift));
        at_softmax_add(&row->softmax, 1.0f, row->scores + first, n);
        row->rescale[tile] = 1.0f;
    }
    row->normaliser = at_softmax_reciprocal(&head->rule, at_softmax_total(&row->softmax));
}

/* Second sweep: P = e / sum (E19). */
static void normalised_tile(const struct head *head, struct workspace *w, struct row *row, int64_t first, int64_t n)
{
    float total = at_softmax_total(&row->softmax);
    for (int64_t i = 0; i < n; i++) {
        float e = row->scores[first + i];
        w->scores[i] = head->rule.reciprocal == AT_EXACT && row->normaliser != 0 ? e / total : e * row->normaliser;
    }
    multiply_tile(head, w, row, 1.0f, first, n);
}

/* Turns the kept weights into what multiplied V in the end: later tiles' rescaling and the division by the row sum. */
static void settle_weights(const struct head *head, struct row *row, double reciprocal)
{
    int64_t tile_n = head->numerics->tile_n;
    double factor = reciprocal;
    for (int64_t t = row->tiles - 1; t >= 0; t--) { /* from the tile visited last to the first */
        int64_t tile = head->numerics->order == AT_ORDER_REVERSE ? row->tiles - 1 - t : t, first = tile * tile_n;
        int64_t n = head->problem->seq_k - first < tile_n ? head->problem->seq_k - first : tile_n;
        for (int64_t i = first; i < first + n; i++)
            row->p[i] *= factor;
        factor *= (double)row->rescale[tile];
    }
}

/* E20 to E24 */
static void finish_row(const struct head *head, struct row *row, int64_t i)
{
    const struct at_numerics *n = head->numerics;
    const struct at_operands *operands = head->operands;
    int64_t dim = head->problem->dim;
    float total = at_softmax_total(&row->softmax), reciprocal = at_softmax_reciprocal(&head->rule, total);
    float factor = (n->p_offset == AT_P_NORMALISED ? 1.0f : reciprocal) * head->v_scale; /* E20 */
    float *o = head->out->o + i * dim;
    for (int64_t c = 0; c < dim; c++) {
        o[c] = row->o[c] * factor; /* E21 */
        if (n->v.scale == AT_SCALE_CHANNEL)
            o[c] *= at_scale_of(&operands->v.scale, head->b, head->kv, 0, c); /* E21 */
        if (operands->v.mean && row->keys > 0)
            o[c] += operands->v.mean[(head->b * head->problem->heads_kv + head->kv) * dim + c]; /* E22 */
    }
    if (n->v.rotate)
        at_unrotate_row(o, dim, at_rotation_width(n->v.rotate, dim), head->signs); /* E22 */
    for (int64_t c = 0; c < dim; c++)
        o[c] = at_decode(n->output, at_encode(n->output, o[c], AT_OVERFLOW_IEEE)); /* E23 */
    float q_scale = coefficient(head, row, 0), ln2 = 0x1.62e43p-1f;
    float to_natural = head->rule.log2_units ? ln2 : q_scale * ln2;
    head->out->row_max[i] = row->softmax.max;
    head->out->row_sum[i] = total;
    head->out->lse[i] = at_softmax_lse(&head->rule, row->softmax.max, to_natural, total); /* E24 */
    if (operands->lse_shift)
        head->out->lse[i] += operands->lse_shift[(head->b * head->problem->heads_q + head->h) * head->problem->seq_q + row->position];
    if (row->p)
        settle_weights(head, row, n->p_offset == AT_P_NORMALISED ? 1.0 : (double)reciprocal);
}

enum sweep { SWEEP_ONLINE, SWEEP_SCORES, SWEEP_VALUES };

/* All tiles in the kernel's order; a tile's keys and values are unpacked once for all the thread's rows. */
static void sweep_tiles(const struct head *head, struct workspace *w, struct row *rows, int64_t count, enum sweep sweep)
{
    const struct at_numerics *n = head->numerics;
    const struct at_operands *o = head->operands;
    int64_t most = 0, seq_k = head->problem->seq_k, dim = head->problem->dim;
    for (int64_t r = 0; r < count; r++)
        most = rows[r].tiles > most ? rows[r].tiles : most;
    for (int64_t t = 0; t < most; t++) {
        int64_t tile = n->order == AT_ORDER_REVERSE ? most - 1 - t : t, first = tile * n->tile_n;
        int64_t keys = seq_k - first < n->tile_n ? seq_k - first : n->tile_n;
        if (sweep != SWEEP_VALUES)
            at_panel_load_transposed(&w->k, n->k.format, at_tensor_row(&o->k.codes, head->b, head->kv, first), keys, dim);
        if (sweep != SWEEP_SCORES)
            at_panel_load(&w->v, n->v.format, at_tensor_row(&o->v.codes, head->b, head->kv, first), keys, dim);
        for (int64_t r = 0; r < count; r++) {
            if (tile >= rows[r].tiles)
                continue;
            if (sweep == SWEEP_ONLINE)
                online_tile(head, w, &rows[r], tile, first, keys);
            else if (sweep == SWEEP_SCORES)
                keep_scores(head, w, &rows[r], first, keys);
            else
                normalised_tile(head, w, &rows[r], first, keys);
        }
    }
}

static enum at_status attend_rows(const struct head *head, struct workspace *w, struct row *rows, int64_t first, int64_t count,
                                  struct at_error *error)
{
    enum at_status status = AT_OK;
    int64_t made = 0;
    for (; made < count && !status; made++)
        status = row_init(&rows[made], head, first + made, error);
    if (status) {
        made--;
    } else if (head->numerics->p_offset == AT_P_NORMALISED) {
        sweep_tiles(head, w, rows, count, SWEEP_SCORES);
        for (int64_t r = 0; r < count; r++)
            exponentiate_row(head, &rows[r]);
        sweep_tiles(head, w, rows, count, SWEEP_VALUES);
    } else {
        sweep_tiles(head, w, rows, count, SWEEP_ONLINE);
    }
    for (int64_t r = 0; r < made; r++) {
        if (!status)
            finish_row(head, &rows[r], first + r);
        row_done(&rows[r]);
    }
    return status;
}

static void workspace_done(struct workspace *w)
{
    at_panel_done(&w->k);
    at_panel_done(&w->v);
    free(w->scores);
    free(w->part);
    free(w->p_exponent);
}

static enum at_status workspace_init(struct workspace *ret_workspace, const struct head *head, struct at_error *error)
{
    int64_t tile = padded(head->numerics->tile_n), dim = padded(head->problem->dim);
    struct workspace w = {0};
    enum at_status status = at_panel_init(&w.k, dim, tile, error);
    if (!status)
        status = at_panel_init(&w.v, tile, dim, error);
    w.scores = malloc((size_t)tile * sizeof *w.scores);
    w.part = malloc((size_t)dim * sizeof *w.part);
    w.p_exponent = malloc((size_t)tile * sizeof *w.p_exponent);
    if (!status && (!w.scores || !w.part || !w.p_exponent))
        status = at_fail(error, AT_ERR_MEMORY, "twin: no memory for a tile");
    if (status)
        workspace_done(&w);
    else
        *ret_workspace = w;
    return status;
}

/* Rows a thread keeps under way at once: many, so that unpacking a tile is shared, but their O and Q stay in the cache. */
enum { ROWS_AT_ONCE = 64 };

static enum at_status attend_chunk(const struct head *head, int64_t first, int64_t count, int64_t *saturated, int64_t *underflowed,
                                   struct at_error *error)
{
    struct workspace w;
    struct row *rows = malloc((size_t)ROWS_AT_ONCE * sizeof *rows);
    enum at_status status = rows ? workspace_init(&w, head, error) : at_fail(error, AT_ERR_MEMORY, "twin: no memory for the rows");
    if (!status) {
        for (int64_t at = first; at < first + count && !status; at += ROWS_AT_ONCE) {
            int64_t left = first + count - at;
            status = attend_rows(head, &w, rows, at, left < ROWS_AT_ONCE ? left : ROWS_AT_ONCE, error);
        }
        *saturated += w.saturated;
        *underflowed += w.underflowed;
        workspace_done(&w);
    }
    free(rows);
    return status;
}

enum at_status at_twin_attend(const struct at_operands *operands, int64_t b, int64_t h, const struct at_rows *rows, enum at_simd simd,
                              struct at_attention *attention, struct at_error *error)
{
    struct head head;
    if (!at_simd_available(simd))
        return at_fail(error, AT_ERR_UNSUPPORTED, "twin: this processor has no %s; use auto or scalar", at_simd_names[simd]);
    enum at_status status = head_init(&head, operands, b, h, rows, simd == AT_SIMD_AUTO ? at_simd_best() : simd, attention, error);
    if (status)
        return status;
    int64_t threads = omp_get_max_threads(), saturated = 0, underflowed = 0;
    int64_t chunk = (rows->count + threads - 1) / threads, chunks = (rows->count + chunk - 1) / chunk;
#pragma omp parallel for schedule(static, 1) reduction(+ : saturated, underflowed)
    for (int64_t i = 0; i < chunks; i++) {
        struct at_error local = {0};
        int64_t first = i * chunk, count = rows->count - first < chunk ? rows->count - first : chunk;
        enum at_status failed = attend_chunk(&head, first, count, &saturated, &underflowed, &local);
        if (failed) {
#pragma omp critical
            {
                status = failed;
                at_fail(error, failed, "%s", local.message);
            }
        }
    }
    free(head.v_fold);
    if (!status) {
        attention->p_saturated = saturated;
        attention->p_underflowed = underflowed;
    }
    return status;
}
