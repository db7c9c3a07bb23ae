/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/expect.h"

#include "kernels/prepare/prepare.h"
#include "kernels/switched/elements.h"
#include "study/expect_row.h"
#include "study/noise.h"

#include <math.h>
#include <stdlib.h>

/* Keys at once: their elements stay in the cache for all rows; a multiple of every instruction's depth. */
enum { KEYS_AT_ONCE = 128 };

/* The head's keys and values in units of their scales, and their noise. */
struct keys {
    double k[KEYS_AT_ONCE * 256], v[KEYS_AT_ONCE * 256]; /* [keys][dim] */
    double k_noise[KEYS_AT_ONCE * 256];                  /* [keys][dim] squares, in units of the scale */
    double v_shared[KEYS_AT_ONCE * 256];                 /* [keys][dim] in units of V */
    struct at_expect_key key[KEYS_AT_ONCE];
};

static enum at_status check_weights(const struct at_budget_subject *s, struct at_error *error)
{
    for (int64_t h = 0; h < s->truths->heads; h++)
        if (!s->truths->head[h].p)
            return at_fail(error, AT_ERR_UNDEFINED, "expected error: the truth has no weights");
    return AT_OK;
}

/*
 * The expected square of V's error in an element x, in units of its scale, and what it shares with those of other rows: elements of the
 * inputs' format less one mean lie on one lattice, unless they are turned.
 */
static double noise_of_v(const struct at_expect_head *head, int64_t c, double x, double scale, double *ret_shared)
{
    const enum at_format storage = head->operands->numerics.v.storage;
    double square;
    *ret_shared = 0;
    if (!head->v.mean || head->v.width)
        return at_noise_square(storage, x);
    *ret_shared = at_noise_shared(storage, x, at_noise_unit(head->v.input->format, x * scale + (double)head->v.mean[c]) / scale, &square);
    return square;
}

static void load(const struct at_expect_head *head, int64_t first, int64_t count, struct keys *keys)
{
    const struct at_operands *o = head->operands;
    const int64_t dim = o->problem.dim;
    for (int64_t j = 0; j < count; j++) {
        double *k = keys->k + j * dim, *v = keys->v + j * dim, noise = 0;
        at_switched_row_of(&head->k, first + j, k);
        at_switched_row_of(&head->v, first + j, v);
        for (int64_t c = 0; c < dim; c++) {
            double v_scale = (double)at_scale_of(&o->v.scale, head->b, head->kv, first + j, c);
            keys->k_noise[j * dim + c] = at_noise_square(o->numerics.k.storage, k[c]);
            noise += noise_of_v(head, c, v[c], v_scale, &keys->v_shared[j * dim + c]) * v_scale * v_scale;
            keys->v_shared[j * dim + c] *= v_scale;
        }
        keys->key[j] = (struct at_expect_key){.k = k,
                                              .k_noise = keys->k_noise + j * dim,
                                              .v = v,
                                              .v_shared = keys->v_shared + j * dim,
                                              .v_noise = noise,
                                              .k_scale = (double)at_scale_of(&o->k.scale, head->b, head->kv, first + j, 0)};
    }
}

/* All keys for some rows of the head, in the kernel's order of tiles. */
static enum at_status expect_rows(const struct at_expect_head *head, int64_t from, int64_t to, struct at_expectation *rows,
                                  struct at_error *error)
{
    const struct at_numerics *n = &head->operands->numerics;
    const int64_t seq_k = head->operands->problem.seq_k, tiles = (seq_k + n->tile_n - 1) / n->tile_n;
    struct keys *keys = malloc(sizeof *keys);
    struct at_expect_row *row = calloc((size_t)(to - from), sizeof *row);
    enum at_status status = keys && row ? AT_OK : at_fail(error, AT_ERR_MEMORY, "expected error: no memory for %d keys", KEYS_AT_ONCE);
    for (int64_t i = from; i < to && !status; i++)
        at_expect_row_init(&row[i - from], head, i);
    for (int64_t t = 0; t < tiles && !status; t++) {
        const int64_t tile = n->order == AT_ORDER_REVERSE ? tiles - 1 - t : t, begin = tile * n->tile_n;
        const int64_t end = begin + n->tile_n < seq_k ? begin + n->tile_n : seq_k;
        for (int64_t first = begin; first < end; first += KEYS_AT_ONCE) {
            const int64_t count = end - first < KEYS_AT_ONCE ? end - first : KEYS_AT_ONCE;
            load(head, first, count, keys);
            for (int64_t i = from; i < to; i++)
                at_expect_row_add(&row[i - from], head, keys->key, first, count, end - first == count);
        }
    }
    for (int64_t i = from; i < to && !status; i++)
        at_expect_row_finish(&row[i - from], head, &rows[i]);
    free(keys);
    free(row);
    return status;
}

enum { ROWS_AT_ONCE = 8 };

enum at_status at_expect_head_rows(const struct at_expect_head *head, struct at_work *progress, struct at_expectation *ret_rows,
                                   struct at_error *error)
{
    const int64_t count = head->rows->count;
    enum at_status status = AT_OK;
#pragma omp parallel for schedule(dynamic, 1)
    for (int64_t i = 0; i < count; i += ROWS_AT_ONCE) {
        struct at_error local = {""};
        enum at_status failed = at_work_check(progress, &local);
        if (!failed)
            failed = expect_rows(head, i, i + ROWS_AT_ONCE < count ? i + ROWS_AT_ONCE : count, ret_rows, &local);
#pragma omp critical
        if (failed && !status)
            status = at_fail(error, failed, "%s", local.message);
    }
    return status;
}

static enum at_status expect_head(const struct at_budget_subject *s, const struct at_expect_head *head, struct at_expectation *total,
                                  struct at_error *error)
{
    const int64_t count = s->c->rows.count;
    struct at_expectation *rows = calloc((size_t)count, sizeof *rows);
    if (!rows)
        return at_fail(error, AT_ERR_MEMORY, "expected error: no memory for the rows");
    enum at_status status = at_expect_head_rows(head, s->progress, rows, error);
    for (int64_t i = 0; i < count && !status; i++) {
        for (int r = 0; r < AT_ROUNDING_COUNT; r++)
            total->square[r] += rows[i].square[r];
        total->truth2 += rows[i].truth2;
    }
    free(rows);
    return status;
}

void at_expect_head_init(struct at_expect_head *ret_head, const struct at_operands *operands, const struct at_qkv *inputs,
                         const struct at_rows *rows, const struct at_oracle_truth *truth, int64_t index, struct at_switches quantised)
{
    const struct at_problem *p = &operands->problem;
    struct at_expect_head head = {.operands = operands, .rows = rows, .truth = truth};
    head.b = index / p->heads_q;
    head.h = index % p->heads_q;
    head.kv = head.h / at_problem_group(p);
    at_switched_operand_init(&head.q, AT_SWITCHED_Q, operands, inputs, head.b, head.h, quantised);
    at_switched_operand_init(&head.k, AT_SWITCHED_K, operands, inputs, head.b, head.kv, quantised);
    at_switched_operand_init(&head.v, AT_SWITCHED_V, operands, inputs, head.b, head.kv, quantised);
    for (int64_t s = 0; s < p->seq_k && operands->numerics.v.scale == AT_SCALE_TOKEN; s++)
        head.v_most = fmax(head.v_most, (double)at_scale_of(&operands->v.scale, head.b, head.kv, s, 0));
    *ret_head = head;
}

enum at_status at_expect(const struct at_budget_subject *subject, const struct at_numerics *numerics,
                         struct at_expectation *ret_expectation, struct at_error *error)
{
    const struct at_problem *p = &subject->c->problem;
    const struct at_switches none = {0};
    struct at_expectation total = {.truth2 = 0};
    struct at_operands operands;
    enum at_status status = check_weights(subject, error);
    if (!status)
        status = at_prepare(p, numerics, subject->inputs, &operands, error);
    if (status)
        return status;
    at_work_phase(subject->progress, "%s: expected error", subject->c->input->label);
    for (int64_t i = 0; i < subject->truths->heads && !status; i++) {
        struct at_expect_head head;
        at_expect_head_init(&head, &operands, subject->inputs, &subject->c->rows, &subject->truths->head[i], i, none);
        status = expect_head(subject, &head, &total, error);
    }
    at_operands_done(&operands);
    if (!status)
        *ret_expectation = total;
    return status;
}

double at_expectation_value(const struct at_expectation *e)
{
    double sum = 0;
    for (int r = 0; r < AT_ROUNDING_COUNT; r++)
        sum += e->square[r];
    return e->truth2 > 0 ? sqrt(sum / e->truth2) : NAN;
}
