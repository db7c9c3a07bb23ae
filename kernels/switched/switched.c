/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/switched/switched.h"

#include "kernels/switched/fl.h"
#include "kernels/switched/product.h"
#include "kernels/switched/state.h"

#include <stdlib.h>
#include <string.h>

static void row_done(struct at_switched_row *row)
{
    at_twin_row_done(&row->twin);
    free(row->q);
    free(row->q_exponent);
    free(row->o);
    free(row->scores);
}

static enum at_status row_init(struct at_switched_row *ret_row, const struct at_switched_head *head, int64_t i, struct at_error *error)
{
    const struct at_problem *p = head->twin.problem;
    const bool normalised = head->twin.numerics->p_offset == AT_P_NORMALISED;
    struct at_switched_row row = {.softmax = {.max = -INFINITY}};
    enum at_status status = at_twin_row_init(&row.twin, &head->twin, i, error);
    if (status)
        return status;
    row.q = malloc((size_t)p->dim * sizeof *row.q);
    row.q_exponent = malloc((size_t)p->dim * sizeof *row.q_exponent);
    row.o = calloc((size_t)at_twin_padded(p->dim), sizeof *row.o);
    row.scores = normalised ? malloc((size_t)p->seq_k * sizeof *row.scores) : NULL;
    if (!row.q || !row.q_exponent || !row.o || (normalised && !row.scores)) {
        row_done(&row);
        return at_fail(error, AT_ERR_MEMORY, "budget: no memory for a query row");
    }
    at_switched_row_of(&head->q, row.twin.position, row.q);
    at_product_exponents(head->twin.numerics->q.format, row.q, p->dim, row.q_exponent);
    *ret_row = row;
    return AT_OK;
}

static void online_tile(const struct at_switched_head *head, struct at_switched_workspace *w, struct at_switched_row *row, int64_t first,
                        int64_t n)
{
    const bool on = at_switched_on(head->switches, AT_ROUNDING_RESCALE);
    double coefficient = at_switched_coefficient(head, row, first);
    at_switched_score(head, w, row, first, n);
    double rescale =
        at_switched_tile(&head->twin.rule, head->switches, &row->softmax, coefficient, w->scores, head->twin.numerics->tile_n, w->narrow);
    for (int64_t c = 0; c < head->twin.problem->dim; c++)
        row->o[c] = at_fl_if(on, row->o[c] * rescale); /* E17 */
    at_switched_multiply(head, w, row, rescale, first, n);
}

/* First sweep for normalised P: keeps the scores and their maximum. */
static void keep_scores(const struct at_switched_head *head, struct at_switched_workspace *w, struct at_switched_row *row, int64_t first,
                        int64_t n)
{
    at_switched_score(head, w, row, first, n);
    memcpy(row->scores + first, w->scores, (size_t)n * sizeof *w->scores);
    for (int64_t j = 0; j < n; j++)
        row->softmax.max = w->scores[j] > row->softmax.max ? w->scores[j] : row->softmax.max;
}

/* Between the sweeps: exponentials and their sum, tile by tile in the kernel's order (E12 to E14). */
static void exponentiate_row(const struct at_switched_head *head, struct at_switched_workspace *w, struct at_switched_row *row)
{
    const double c = at_switched_coefficient(head, row, 0);
    const bool on = at_switched_on(head->switches, AT_ROUNDING_EXPONENT);
    double shift = row->softmax.max == -INFINITY ? 0 : at_fl_if(on, row->softmax.max * c); /* E11 */
    for (int64_t t = 0; t < row->twin.tiles; t++) {
        int64_t first = at_twin_tile_at(&head->twin, t, row->twin.tiles) * head->twin.numerics->tile_n;
        int64_t n = at_twin_tile_keys(&head->twin, first);
        at_switched_shift(&head->twin.rule, head->switches, row->scores + first, n, c, -shift, w->narrow);
        at_switched_exponentials(&head->twin.rule, head->switches, row->scores + first, n, w->narrow);
        at_switched_add(&row->softmax, head->switches, 1, row->scores + first, n);
    }
}

/* Second sweep: P = e / sum (E19). */
static void normalised_tile(const struct at_switched_head *head, struct at_switched_workspace *w, struct at_switched_row *row,
                            int64_t first, int64_t n)
{
    const bool on = at_switched_on(head->switches, AT_ROUNDING_DIVISION);
    const double total = at_switched_total(&row->softmax, head->switches);
    const double normaliser = at_switched_reciprocal(head->twin.rule.reciprocal, on, total);
    const bool divides = head->twin.rule.reciprocal == AT_EXACT && normaliser != 0;
    for (int64_t j = 0; j < n; j++)
        w->scores[j] = at_fl_if(on, divides ? row->scores[first + j] / total : row->scores[first + j] * normaliser);
    memset(w->scores + n, 0, (size_t)(w->tile - n) * sizeof *w->scores);
    at_switched_multiply(head, w, row, 1, first, n);
}

enum sweep { SWEEP_ONLINE, SWEEP_SCORES, SWEEP_VALUES };

/* All tiles in the kernel's order. */
static void sweep_tiles(const struct at_switched_head *head, struct at_switched_workspace *w, struct at_switched_row *rows, int64_t count,
                        enum sweep sweep)
{
    int64_t most = 0;
    for (int64_t r = 0; r < count; r++)
        most = rows[r].twin.tiles > most ? rows[r].twin.tiles : most;
    for (int64_t t = 0; t < most; t++) {
        int64_t tile = at_twin_tile_at(&head->twin, t, most), first = tile * head->twin.numerics->tile_n;
        int64_t n = at_twin_tile_keys(&head->twin, first);
        if (sweep != SWEEP_VALUES)
            at_switched_load_keys(head, w, first, n);
        if (sweep != SWEEP_SCORES)
            at_switched_load_values(head, w, first, n);
        for (int64_t r = 0; r < count; r++) {
            if (tile >= rows[r].twin.tiles)
                continue;
            if (sweep == SWEEP_ONLINE)
                online_tile(head, w, &rows[r], first, n);
            else if (sweep == SWEEP_SCORES)
                keep_scores(head, w, &rows[r], first, n);
            else
                normalised_tile(head, w, &rows[r], first, n);
        }
    }
}

/* How each product is taken: by the twin's own instructions where both operands are codes and the accumulator is fp32. */
static void choose_products(struct at_switched_head *head)
{
    const struct at_numerics *n = head->twin.numerics;
    const struct at_switches on = head->switches;
    const bool carried = n->promote == AT_PROMOTE_NONE && n->p_offset != AT_P_NORMALISED; /* O is rescaled between instructions */
    const bool codes = head->v.as_prepared && at_switched_on(on, AT_ROUNDING_P) && (!carried || at_switched_on(on, AT_ROUNDING_RESCALE));
    head->scores = !at_switched_on(on, AT_ROUNDING_SCORES_SUM)  ? AT_PRODUCT_EXACT
                   : head->q.as_prepared && head->k.as_prepared ? AT_PRODUCT_OF_CODES
                                                                : AT_PRODUCT_OF_REALS;
    head->output = !at_switched_on(on, AT_ROUNDING_OUTPUT_SUM) ? AT_PRODUCT_EXACT : codes ? AT_PRODUCT_OF_CODES : AT_PRODUCT_OF_REALS;
}

static enum at_status head_init(struct at_switched_head *ret_head, const struct at_operands *operands, const struct at_qkv *inputs,
                                int64_t b, int64_t h, const struct at_rows *rows, enum at_simd simd, struct at_switches switches,
                                struct at_attention *unused, struct at_error *error)
{
    const double log2_e = 0x1.71547652b82fep+0; /* 1.442695040888963 */
    const struct at_problem *p = &operands->problem;
    struct at_switched_head head = {.switches = switches};
    enum at_status status = at_twin_head_init(&head.twin, operands, b, h, rows, simd, unused, error);
    if (status)
        return status;
    at_switched_operand_init(&head.q, AT_SWITCHED_Q, operands, inputs, b, h, switches);
    at_switched_operand_init(&head.k, AT_SWITCHED_K, operands, inputs, b, head.twin.kv, switches);
    at_switched_operand_init(&head.v, AT_SWITCHED_V, operands, inputs, b, head.twin.kv, switches);
    head.scale = at_switched_on(switches, AT_ROUNDING_COEFFICIENT) ? (double)head.twin.scale
                 : p->scale > 0                                    ? p->scale
                                                                   : 1 / sqrt((double)p->dim);
    head.log2_scale = head.scale * log2_e;
    choose_products(&head);
    *ret_head = head;
    return AT_OK;
}

static enum at_status attend(const struct at_switched_head *head, struct at_switched_workspace *w, const struct at_rows *which,
                             struct at_switched_row *rows, struct at_switched_output *output, struct at_error *error)
{
    enum at_status status = AT_OK;
    int64_t made = 0;
    for (; made < which->count && !status; made += !status)
        status = row_init(&rows[made], head, made, error);
    if (!status && head->twin.numerics->p_offset == AT_P_NORMALISED) {
        sweep_tiles(head, w, rows, made, SWEEP_SCORES);
        for (int64_t r = 0; r < made; r++)
            exponentiate_row(head, w, &rows[r]);
        sweep_tiles(head, w, rows, made, SWEEP_VALUES);
    } else if (!status) {
        sweep_tiles(head, w, rows, made, SWEEP_ONLINE);
    }
    for (int64_t r = 0; r < made; r++) {
        if (!status)
            at_switched_finish(head, &rows[r], r, output);
        row_done(&rows[r]);
    }
    return status;
}

enum at_status at_switched_attend(const struct at_operands *operands, const struct at_qkv *inputs, int64_t b, int64_t h,
                                  const struct at_rows *rows, enum at_simd simd, struct at_switches switches,
                                  struct at_switched_output *output, struct at_error *error)
{
    struct at_attention unused = {0};
    struct at_switched_head head;
    struct at_switched_workspace w;
    if (!at_simd_available(simd))
        return at_fail(error, AT_ERR_UNSUPPORTED, "budget: this processor has no %s; use auto or scalar", at_simd_names[simd]);
    enum at_status status =
        head_init(&head, operands, inputs, b, h, rows, simd == AT_SIMD_AUTO ? at_simd_best() : simd, switches, &unused, error);
    if (status)
        return status;
    struct at_switched_row *made = calloc((size_t)rows->count, sizeof *made);
    status = made ? at_switched_workspace_init(&w, &head, error) : at_fail(error, AT_ERR_MEMORY, "budget: no memory for the rows");
    if (!status) {
        status = attend(&head, &w, rows, made, output, error);
        at_switched_workspace_done(&w);
    }
    free(made);
    at_twin_head_done(&head.twin);
    return status;
}
