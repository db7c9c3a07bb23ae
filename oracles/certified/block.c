/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "oracles/certified/block.h"

#include "oracles/certified/finish.h"
#include "oracles/certified/table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = AT_CERTIFIED_ROWS, PANEL = AT_CERTIFIED_PANEL, CHUNK = AT_CERTIFIED_CHUNK, MOST_ROWS = ROWS * AT_CERTIFIED_GROUPS };

/* Rows whose weights are spread over less than 16 keys go the other way at once: short_values would often miss too much (eq. 25). */
static const double SPREAD = 16 * 0x1p512;

int at_certified_groups_of(int64_t rows, int64_t keys, int threads)
{
    const int64_t near_bytes = 2 << 20, group_bytes = ROWS * 2 * (int64_t)sizeof(double) * (keys + 1);
    int64_t groups = near_bytes / group_bytes, share = rows / (4 * ROWS * threads); /* at least 4 blocks a thread */
    groups = groups < share ? groups : share;
    return groups < 1 ? 1 : groups < AT_CERTIFIED_GROUPS ? (int)groups : AT_CERTIFIED_GROUPS;
}

enum at_status at_certified_desk_init(struct at_certified_desk *ret_desk, const struct at_certified_head *head, int groups,
                                      struct at_error *error)
{
    struct at_certified_desk desk = {.groups = groups, .stride = head->k.count};
    size_t rows = ROWS * (size_t)groups, weights = rows * (size_t)desk.stride * sizeof(double);
    size_t sums = rows * (size_t)head->dim * sizeof(double);
    bool there = true;
    for (int g = 0; g < groups; g++)
        there = at_certified_queries_init(&desk.q[g], head->q_slices, head->plan.q_width, head->score_dim) && there;
    desk.high = malloc(weights);
    desk.low = malloc(weights);
    desk.sums = (struct at_certified_sums){malloc(sums), malloc(sums), malloc(sums), malloc(sums), malloc(sums)};
    *ret_desk = desk;
    there = there && desk.high && desk.low && desk.sums.missed;
    if (!there || !desk.sums.value_high || !desk.sums.value_low || !desk.sums.abs_high || !desk.sums.abs_low)
        return at_fail(error, AT_ERR_MEMORY, "oracle certified: no memory for the weights of %d rows; use fewer threads", (int)rows);
    return AT_OK;
}

void at_certified_desk_done(struct at_certified_desk *desk)
{
    for (int g = 0; g < desk->groups; g++)
        at_certified_queries_done(&desk->q[g]);
    free(desk->high);
    free(desk->low);
    free(desk->sums.value_high);
    free(desk->sums.value_low);
    free(desk->sums.abs_high);
    free(desk->sums.abs_low);
    free(desk->sums.missed);
    *desk = (struct at_certified_desk){0};
}

/* The queries of the block into the desk; returns the most keys that one of them sees. */
static int64_t set_rows(const struct at_certified_head *head, int64_t first, struct at_certified_desk *desk, struct at_certified_row *row)
{
    const struct at_oracle_head *in = head->in;
    int64_t most = 0;
    for (int r = 0; r < desk->groups * ROWS; r++) {
        int64_t i = first + r < head->fitting ? head->order[first + r] : -1;
        const struct at_certified_query *query = i < 0 ? NULL : &head->query[i];
        struct at_certified_queries *to = &desk->q[r / ROWS];
        at_certified_queries_set(to, r % ROWS, query ? in->q + i * head->score_dim : NULL, query ? &query->form : NULL);
        if (!query)
            continue;
        row[r].keys = at_problem_keys(in->problem, in->rows[i]);
        for (int part = 0; part < 2; part++) /* exact: within 2^+-560 */
            row[r].scale[part] = ldexp(query->scale[part], at_certified_head_unit(head, i));
        row[r].score_error = at_certified_head_score_error(head, i) * row[r].scale[0];
        most = row[r].keys > most ? row[r].keys : most;
    }
    return most;
}

static void form_scores(const struct at_certified_head *head, const struct at_certified_lanes *lanes, int64_t most,
                        struct at_certified_desk *desk)
{
    int64_t keys = (most + PANEL - 1) / PANEL * PANEL;
    for (int64_t j = 0; j < keys; j += CHUNK)
        for (int g = 0; g < desk->groups; g++) {
            int64_t at = g * ROWS * desk->stride, end = j + CHUNK < keys ? j + CHUNK : keys;
            lanes->dots(&desk->q[g], &head->k, j, end, desk->stride, desk->high + at, desk->low + at);
        }
}

/* From the scores of row r of the block to its weights; zeros from the row's last key to `padded`. */
static void form_weights(const struct at_certified_head *head, const struct at_certified_lanes *lanes, int r, int64_t padded,
                         const struct at_certified_desk *desk, struct at_certified_row *row)
{
    double *high = desk->high + r * desk->stride, *low = desk->low + r * desk->stride;
    int64_t panels = (row->keys + PANEL - 1) / PANEL * PANEL;
    for (int64_t j = row->keys; j < panels; j++) { /* a score that is there already */
        high[j] = high[0];
        low[j] = low[0];
    }
    lanes->top(high, low, panels, row->top);
    row->least = lanes->weights(at_certified_table(), row->scale, row->top, panels, high, low);
    memset(high + row->keys, 0, (size_t)(padded - row->keys) * sizeof(double));
    memset(low + row->keys, 0, (size_t)(padded - row->keys) * sizeof(double));
    lanes->total(high, low, padded, row->total);
    row->weight = high;
    row->sums = (struct at_certified_sums){desk->sums.value_high + r * head->dim, desk->sums.value_low + r * head->dim,
                                           desk->sums.abs_high + r * head->dim, desk->sums.abs_low + r * head->dim,
                                           desk->sums.missed + r * head->dim};
    row->by_short = head->v_short && row->total[0] >= SPREAD;
}

/* The sums of group g over one chunk of keys. */
static void add_chunk(const struct at_certified_head *head, const struct at_certified_lanes *lanes, const struct at_certified_desk *desk,
                      int g, int64_t j, bool by_short)
{
    const double *high = desk->high + g * ROWS * desk->stride + j, *low = desk->low + g * ROWS * desk->stride + j;
    const double *v = head->v + j * head->dim, *sizes = head->v_sizes + j / CHUNK * head->dim;
    const struct at_certified_sums *all = &desk->sums;
    int64_t at = g * ROWS * head->dim;
    struct at_certified_sums to = {all->value_high + at, all->value_low + at, all->abs_high + at, all->abs_low + at, all->missed + at};
    if (by_short)
        lanes->short_values(high, low, desk->stride, v, sizes, head->v_bits, head->v_reach, head->dim, &to);
    else
        lanes->values(high, low, desk->stride, v, head->dim, &to);
}

/* The sums and outputs of the rows that are to have them this way and are not done. */
static void form_outputs(const struct at_certified_head *head, const struct at_certified_lanes *lanes, int64_t first, int64_t padded,
                         bool by_short, struct at_certified_row *row, struct at_certified_desk *desk, struct at_oracle_truth *truth,
                         bool *done)
{
    const struct at_certified_sums *sums = &desk->sums;
    double *all[] = {sums->value_high, sums->value_low, sums->abs_high, sums->abs_low, sums->missed};
    bool wanted[AT_CERTIFIED_GROUPS] = {false};
    for (int r = 0; r < desk->groups * ROWS && first + r < head->fitting; r++)
        wanted[r / ROWS] |= row[r].by_short == by_short && !done[head->order[first + r]];
    for (int i = 0; i < 5; i++)
        memset(all[i], 0, (size_t)desk->groups * ROWS * (size_t)head->dim * sizeof(double));
    for (int64_t j = 0; j < padded; j += CHUNK)
        for (int g = 0; g < desk->groups; g++)
            if (wanted[g])
                add_chunk(head, lanes, desk, g, j, by_short);
    for (int r = 0; r < desk->groups * ROWS && first + r < head->fitting; r++) {
        int64_t i = head->order[first + r];
        if (row[r].by_short != by_short || done[i])
            continue;
        done[i] = at_certified_finish(head, lanes, &row[r], i, truth);
        row[r].by_short = false; /* if not done, then the other way */
    }
}

void at_certified_block(const struct at_certified_head *head, const struct at_certified_lanes *lanes, int64_t first,
                        struct at_certified_desk *desk, struct at_oracle_truth *truth, bool *done)
{
    struct at_certified_row row[MOST_ROWS] = {{0}};
    int64_t most = set_rows(head, first, desk, row), padded = (most + CHUNK - 1) / CHUNK * CHUNK;
    form_scores(head, lanes, most, desk);
    for (int r = 0; r < desk->groups * ROWS; r++) {
        if (row[r].keys > 0) {
            form_weights(head, lanes, r, padded, desk, &row[r]);
        } else {
            memset(desk->high + r * desk->stride, 0, (size_t)padded * sizeof(double));
            memset(desk->low + r * desk->stride, 0, (size_t)padded * sizeof(double));
        }
    }
    form_outputs(head, lanes, first, padded, true, row, desk, truth, done);
    form_outputs(head, lanes, first, padded, false, row, desk, truth, done);
}
