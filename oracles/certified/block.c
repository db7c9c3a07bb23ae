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
    bool there = at_certified_operand_init(&desk.q, head->k.mode, head->q_bits, ROWS, head->score_dim);
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
    at_certified_operand_done(&desk->q);
    free(desk->high);
    free(desk->low);
    free(desk->sums.value_high);
    free(desk->sums.value_low);
    free(desk->sums.abs_high);
    free(desk->sums.abs_low);
    *desk = (struct at_certified_desk){0};
}

static void form_scores(const struct at_certified_head *head, const struct at_certified_lanes *lanes, int64_t keys,
                        struct at_certified_desk *desk)
{
    at_certified_dots *dots = lanes->whole;
    switch (head->k.mode) {
    case AT_CERTIFIED_WHOLE: break;
    case AT_CERTIFIED_HALVES: dots = lanes->halves; break;
    case AT_CERTIFIED_WIDE: dots = at_certified_dots_wide; break;
    case AT_CERTIFIED_IFMA:
#ifdef AT_HAVE_X86_PATHS
        dots = at_certified_dots_ifma;
#endif
        break;
    }
    dots(&desk->q, &head->k, (keys + PANEL - 1) / PANEL * PANEL, desk->stride, desk->high, desk->low);
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
    for (int64_t j = 0; j < padded; j += CHUNK) {
        const double *v = j + CHUNK <= head->finite_keys ? head->in->v + j * head->dim : head->v_tail;
        lanes->values(desk->high + j, desk->low + j, desk->stride, v, head->dim, &desk->sums);
    }
}

void at_certified_block(const struct at_certified_head *head, const struct at_certified_lanes *lanes, int64_t first,
                        struct at_certified_desk *desk, struct at_oracle_truth *truth, bool *done)
{
    const struct at_oracle_head *in = head->in;
    struct at_certified_row row[ROWS] = {{0}};
    int64_t most = 0;
    for (int r = 0; r < ROWS; r++) {
        int64_t i = first + r;
        bool fits = i < in->row_count && head->fits[i];
        struct at_span span = fits ? head->q_span[i] : (struct at_span){0, 0};
        at_certified_operand_set(&desk->q, false, r, fits ? in->q + i * head->score_dim : NULL, span.low);
        row[r].keys = fits ? at_problem_keys(in->problem, in->rows[i]) : 0;
        for (int part = 0; part < 2; part++) /* exact: within 2^+-450 */
            row[r].scale[part] = ldexp(head->scale[part], span.low + head->k.low);
        most = row[r].keys > most ? row[r].keys : most;
    }
    if (most == 0)
        return;
    int64_t padded = (most + CHUNK - 1) / CHUNK * CHUNK;
    form_scores(head, lanes, most, desk);
    for (int r = 0; r < ROWS; r++) {
        if (row[r].keys > 0) {
            form_weights(head, lanes, r, padded, desk, &row[r]);
        } else {
            memset(desk->high + r * desk->stride, 0, (size_t)padded * sizeof(double));
            memset(desk->low + r * desk->stride, 0, (size_t)padded * sizeof(double));
        }
    }
    form_sums(head, lanes, padded, desk);
    for (int r = 0; r < ROWS; r++)
        if (row[r].keys > 0)
            done[first + r] = at_certified_finish(head, lanes, &row[r], first + r, truth);
}
