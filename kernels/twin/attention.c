/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/twin/attention.h"

#include "kernels/twin/head.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

/* Rows that visit a tile together. */
struct group {
    struct at_twin_row *rows[AT_CHAINS_AT_ONCE];
    int64_t count;
};

static void online_tile(const struct at_twin_head *head, struct at_twin_workspace *w, const struct group *group, int64_t tile,
                        int64_t first, int64_t n)
{
    const int64_t columns = head->numerics->tile_n;
    float rescale[AT_CHAINS_AT_ONCE];
    at_twin_score_tile(head, w, group->rows, group->count, first, n);
    for (int64_t r = 0; r < group->count; r++) {
        struct at_twin_row *row = group->rows[r];
        float coefficient = at_twin_coefficient(head, row, first), *scores = w->scores + r * w->tile;
        for (int64_t i = n; i < columns; i++)
            scores[i] = -INFINITY; /* T8a */
        rescale[r] = row->rescale[tile] = at_softmax_tile(&head->rule, &row->softmax, coefficient, scores, columns);
        for (int64_t c = 0; c < head->problem->dim; c++)
            row->o[c] *= rescale[r]; /* E17d */
    }
    at_twin_multiply_tile(head, w, group->rows, group->count, rescale, first, n);
}

/* First sweep for normalised P: keeps the scores and their maximum. */
static void keep_scores(const struct at_twin_head *head, struct at_twin_workspace *w, const struct group *group, int64_t first, int64_t n)
{
    at_twin_score_tile(head, w, group->rows, group->count, first, n);
    for (int64_t r = 0; r < group->count; r++) {
        struct at_twin_row *row = group->rows[r];
        memcpy(row->scores + first, w->scores + r * w->tile, (size_t)n * sizeof *w->scores);
        row->softmax.max = head->rule.lanes->largest(row->scores + first, n, row->softmax.max); /* E19a */
    }
}

/* Between the sweeps: exponentials and their sum, tile by tile in the kernel's order (E12 to E14). */
static void exponentiate_row(const struct at_twin_head *head, struct at_twin_row *row)
{
    int64_t tile_n = head->numerics->tile_n;
    float c = at_twin_coefficient(head, row, 0);
    float shift = row->softmax.max == -INFINITY ? 0.0f : row->softmax.max * c; /* E11e */
    for (int64_t t = 0; t < row->tiles; t++) {
        int64_t tile = at_twin_tile_at(head, t, row->tiles), first = tile * tile_n;
        int64_t n = at_twin_tile_keys(head, first);
        head->rule.lanes->shift(row->scores + first, n, c, -shift); /* E12b */
        at_softmax_exp2(&head->rule, row->scores + first, n);
        at_softmax_add(&row->softmax, 1.0f, row->scores + first, n);
        row->rescale[tile] = 1.0f;
    }
    row->normaliser = at_softmax_reciprocal(&head->rule, at_softmax_total(&row->softmax));
}

/* Second sweep: P = e / sum (E19). */
static void normalised_tile(const struct at_twin_head *head, struct at_twin_workspace *w, const struct group *group, int64_t first,
                            int64_t n)
{
    float rescale[AT_CHAINS_AT_ONCE];
    for (int64_t r = 0; r < group->count; r++) {
        const struct at_twin_row *row = group->rows[r];
        float total = at_softmax_total(&row->softmax), *weights = w->scores + r * w->tile;
        rescale[r] = 1.0f;
        for (int64_t i = 0; i < n; i++) {
            float e = row->scores[first + i];
            weights[i] = head->rule.reciprocal == AT_EXACT && row->normaliser != 0 ? e / total : e * row->normaliser; /* E19b */
        }
        memset(weights + n, 0, (size_t)(head->numerics->tile_n - n) * sizeof *weights);
    }
    at_twin_multiply_tile(head, w, group->rows, group->count, rescale, first, n);
}

enum sweep { SWEEP_ONLINE, SWEEP_SCORES, SWEEP_VALUES };

/* All tiles in the kernel's order; a tile's keys and values are unpacked once for all the thread's rows. */
static void sweep_tiles(const struct at_twin_head *head, struct at_twin_workspace *w, struct at_twin_row *rows, int64_t count,
                        enum sweep sweep)
{
    const struct at_numerics *n = head->numerics;
    const struct at_operands *o = head->operands;
    int64_t most = 0, dim = head->problem->dim;
    for (int64_t r = 0; r < count; r++)
        most = rows[r].tiles > most ? rows[r].tiles : most;
    for (int64_t t = 0; t < most; t++) {
        int64_t tile = at_twin_tile_at(head, t, most), first = tile * n->tile_n;
        int64_t keys = at_twin_tile_keys(head, first);
        if (sweep != SWEEP_VALUES)
            at_panel_load_transposed(&w->k, n->k.format, at_tensor_row(&o->k.codes, head->b, head->kv, first), keys, dim);
        if (sweep != SWEEP_SCORES)
            at_panel_load(&w->v, n->v.format, at_tensor_row(&o->v.codes, head->b, head->kv, first), keys, dim);
        struct group group = {.count = 0};
        for (int64_t r = 0; r < count; r++) {
            if (tile < rows[r].tiles)
                group.rows[group.count++] = &rows[r];
            if (group.count < (r == count - 1 ? 1 : AT_CHAINS_AT_ONCE))
                continue;
            if (sweep == SWEEP_ONLINE)
                online_tile(head, w, &group, tile, first, keys);
            else if (sweep == SWEEP_SCORES)
                keep_scores(head, w, &group, first, keys);
            else
                normalised_tile(head, w, &group, first, keys);
            group.count = 0;
        }
    }
}

static enum at_status attend_rows(const struct at_twin_head *head, struct at_twin_workspace *w, struct at_twin_row *rows, int64_t first,
                                  int64_t count, struct at_error *error)
{
    enum at_status status = AT_OK;
    int64_t made = 0;
    for (; made < count && !status; made++)
        status = at_twin_row_init(&rows[made], head, first + made, error);
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
            at_twin_row_finish(head, &rows[r], first + r);
        at_twin_row_done(&rows[r]);
    }
    return status;
}

/* Rows a thread keeps under way at once: many, so that unpacking a tile is shared, but their O and Q stay in the cache. */
enum { ROWS_AT_ONCE = 64 };

static enum at_status attend_chunk(const struct at_twin_head *head, int64_t first, int64_t count, int64_t *saturated, int64_t *underflowed,
                                   struct at_error *error)
{
    struct at_twin_workspace w;
    struct at_twin_row *rows = malloc((size_t)ROWS_AT_ONCE * sizeof *rows);
    enum at_status status = rows ? at_twin_workspace_init(&w, head, error) : at_fail(error, AT_ERR_MEMORY, "twin: no memory for the rows");
    if (!status) {
        for (int64_t at = first; at < first + count && !status; at += ROWS_AT_ONCE) {
            int64_t left = first + count - at;
            status = attend_rows(head, &w, rows, at, left < ROWS_AT_ONCE ? left : ROWS_AT_ONCE, error);
        }
        *saturated += w.saturated;
        *underflowed += w.underflowed;
        at_twin_workspace_done(&w);
    }
    free(rows);
    return status;
}

enum at_status at_twin_attend(const struct at_operands *operands, int64_t b, int64_t h, const struct at_rows *rows, enum at_simd simd,
                              struct at_attention *attention, struct at_error *error)
{
    struct at_twin_head head;
    if (!at_simd_available(simd))
        return at_fail(error, AT_ERR_UNSUPPORTED, "twin: this processor has no %s; use auto or scalar", at_simd_names[simd]);
    enum at_status status = at_twin_head_init(&head, operands, b, h, rows, simd == AT_SIMD_AUTO ? at_simd_best() : simd, attention, error);
    if (status)
        return status;
    int64_t threads = omp_get_max_threads(), saturated = 0, underflowed = 0;
    int64_t chunk = (rows->count + threads - 1) / threads, chunks = chunk ? (rows->count + chunk - 1) / chunk : 0;
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
    at_twin_head_done(&head);
    if (!status) {
        attention->p_saturated = saturated;
        attention->p_underflowed = underflowed;
    }
    return status;
}
