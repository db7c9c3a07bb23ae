/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "oracles/certified/block.h"

#include "oracles/certified/finish.h"
#include "oracles/certified/table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = AT_CERTIFIED_ROWS, PANEL = AT_CERTIFIED_PANEL, CHUNK = AT_CERTIFIED_CHUNK };

enum at_status at_certified_desk_init(struct at_certified_desk *ret_desk, const struct at_certified_head *head, struct at_error *error)
{
    struct at_certified_desk desk = {.stride = head->k.count};
    size_t weights = ROWS * (size_t)desk.stride * sizeof(double), sums = ROWS * (size_t)head->dim * sizeof(double);
    bool there = at_certified_queries_init(&desk.q, head->q_slices, head->plan.q_width, head->score_dim);
    desk.high = malloc(weights);
    desk.low = malloc(weights);
    desk.sums = (struct at_certified_sums){malloc(sums), malloc(sums), malloc(sums), malloc(sums)};
    *ret_desk = desk;
    if (!there || !desk.high || !desk.low || !desk.sums.value_high || !desk.sums.value_low || !desk.sums.abs_high || !desk.sums.abs_low)
        return at_fail(error, AT_ERR_MEMORY, "oracle certified: no memory for the weights of 8 rows");
    return AT_OK;
}

void at_certified_desk_done(struct at_certified_desk *desk)
{
    at_certified_queries_done(&desk->q);
    free(desk->high);
    free(desk->low);
    free(desk->sums.value_high);
    free(desk->sums.value_low);
    free(desk->sums.abs_high);
    free(desk->sums.abs_low);
    *desk = (struct at_certified_desk){0};
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
    lanes->total(high, low, panels, row->total);
    row->weight = high;
    row->sums = (struct at_certified_sums){desk->sums.value_high + r * head->dim, desk->sums.value_low + r * head->dim,
                                           desk->sums.abs_high + r * head->dim, desk->sums.abs_low + r * head->dim};
}

static void form_sums(const struct at_certified_head *head, const struct at_certified_lanes *lanes, int64_t padded,
                      struct at_certified_desk *desk)
{
    size_t sums = ROWS * (size_t)head->dim * sizeof(double);
    memset(desk->sums.value_high, 0, sums);
    memset(desk->sums.value_low, 0, sums);
    memset(desk->sums.abs_high, 0, sums);
    memset(desk->sums.abs_low, 0, sums);
    for (int64_t j = 0; j < padded; j += CHUNK)
        lanes->values(desk->high + j, desk->low + j, desk->stride, head->v + j * head->dim, head->dim, &desk->sums);
}

void at_certified_block(const struct at_certified_head *head, const struct at_certified_lanes *lanes, int64_t first,
                        struct at_certified_desk *desk, struct at_oracle_truth *truth, bool *done)
{
    const struct at_oracle_head *in = head->in;
    struct at_certified_row row[ROWS] = {{0}};
    int64_t most = 0;
    for (int r = 0; r < ROWS; r++) {
        int64_t i = first + r < head->fitting ? head->order[first + r] : -1;
        const struct at_certified_query *query = i < 0 ? NULL : &head->query[i];
        at_certified_queries_set(&desk->q, r, query ? in->q + i * head->score_dim : NULL, query ? &query->form : NULL);
        row[r].keys = query ? at_problem_keys(in->problem, in->rows[i]) : 0;
        for (int part = 0; part < 2 && query; part++) /* exact: within 2^+-530 */
            row[r].scale[part] = ldexp(query->scale[part], at_certified_head_unit(head, i));
        row[r].score_error = query ? at_certified_head_score_error(head, i) * row[r].scale[0] : 0;
        most = row[r].keys > most ? row[r].keys : most;
    }
    int64_t padded = (most + CHUNK - 1) / CHUNK * CHUNK;
    lanes->dots(&desk->q, &head->k, (most + PANEL - 1) / PANEL * PANEL, desk->stride, desk->high, desk->low);
    for (int r = 0; r < ROWS; r++) {
        if (row[r].keys > 0) {
            form_weights(head, lanes, r, padded, desk, &row[r]);
        } else {
            memset(desk->high + r * desk->stride, 0, (size_t)padded * sizeof(double));
            memset(desk->low + r * desk->stride, 0, (size_t)padded * sizeof(double));
        }
    }
    form_sums(head, lanes, padded, desk);
    for (int r = 0; r < ROWS && first + r < head->fitting; r++) {
        int64_t i = head->order[first + r];
        done[i] = at_certified_finish(head, lanes, &row[r], i, truth);
    }
}
