/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/check_hypothesis.h"
#include "study/check_model.h"
#include "study/check_pattern.h"

#include <math.h>
#include <stdlib.h>

/* Rows of a suspect that a hypothesis is asked for first: one that fails there is not asked further. */
enum { ASKED_FIRST = 4 };

/* The twin's numbers on the operands, and its error. */
static enum at_status ask_twin(const struct at_check_case *c, const struct at_operands *operands, int64_t head, const struct at_rows *rows,
                               struct at_check_answer *a, struct at_error *error)
{
    const int64_t dim = c->c.problem.dim, per_batch = c->c.problem.heads_q;
    struct at_attention out = {.o = a->o, .row_max = a->lse + rows->count, .row_sum = a->row_sum, .lse = a->lse};
    enum at_status status = at_twin_attend(operands, head / per_batch, head % per_batch, rows, c->question->simd, &out, error);
    for (int64_t n = 0; n < rows->count && !status; n++)
        a->square[n] = at_check_square(a->o + n * dim, a->truth.o + n * dim, dim);
    return status;
}

/* The model's error, and the truth's log-sum-exps with what the scores leave open. */
static enum at_status ask_model(const struct at_check_case *c, const struct at_operands *operands, int64_t head, const struct at_rows *rows,
                                bool rooms, struct at_check_answer *a, struct at_error *error)
{
    const enum at_p_offset offset = operands->numerics.p_offset;
    const double log_offset = offset == AT_P_POW2_8 ? log(256) : offset == AT_P_448 ? log(448) : 0;
    double *low = calloc((size_t)(2 * rows->count), sizeof *low), *high = low + rows->count;
    enum at_status status = low ? AT_OK : at_fail(error, AT_ERR_MEMORY, "check: out of memory");
    if (!status)
        status = at_check_model_rows(c, operands, rows, &a->truth, head, a->square, error);
    if (!status && rooms)
        status = at_check_lse_scores(operands, rows, &a->truth, head, low, high, error);
    for (int64_t n = 0; n < rows->count && !status && rooms; n++) {
        const float *shift = operands->lse_shift;
        double put_back = shift ? (double)shift[head * c->c.problem.seq_q + rows->index[n]] : 0;
        a->lse[n] = (float)(a->truth.lse[n] + put_back);
        a->row_sum[n] = (float)exp(a->truth.lse[n] - a->room[n].most + log_offset);
        a->room[n].room += fmax(-low[n], high[n]);
    }
    free(low);
    return status;
}

enum at_status at_check_answer(const struct at_check_case *c, const struct at_operands *operands, int64_t head, const int64_t *which,
                               int64_t count, bool rooms, struct at_check_answer *ret_answer, struct at_error *error)
{
    const int64_t dim = c->c.problem.dim, b = head / c->c.problem.heads_q, h = head % c->c.problem.heads_q;
    const double deviations = at_check_lse_deviations(at_check_share(c), (double)(at_check_heads(c) * c->c.rows.count));
    struct at_case other = c->c;
    struct at_elements e = {0};
    struct at_check_answer a = {.o = calloc((size_t)(count * (dim + 3)), sizeof *a.o),
                                .square = calloc((size_t)count, sizeof *a.square),
                                .room = calloc((size_t)count, sizeof *a.room)};
    int64_t *index = calloc((size_t)count, sizeof *index);
    other.problem = operands->problem;
    a.row_sum = a.o + count * dim;
    a.lse = a.row_sum + count;
    enum at_status status = a.o && a.square && a.room && index ? at_elements_init(&e, &other, operands, error)
                                                               : at_fail(error, AT_ERR_MEMORY, "check: out of memory");
    if (!status) {
        at_elements_fill(&e, &other, &c->inputs, operands, b, h);
        status = at_elements_solve(&e, &other, c->oracle, which, count, c->by_model, &a.truth, error);
    }
    if (!status && rooms)
        status = at_check_lse_rooms(c, operands, &e, head, which, count, deviations, a.room, error);
    for (int64_t n = 0; n < count && !status; n++)
        index[n] = c->c.rows.index[which[n]];
    const struct at_rows rows = {count, index};
    if (!status)
        status = c->by_model ? ask_model(c, operands, head, &rows, rooms, &a, error) : ask_twin(c, operands, head, &rows, &a, error);
    at_elements_done(&e);
    free(index);
    if (status)
        at_check_answer_done(&a);
    else
        *ret_answer = a;
    return status;
}

void at_check_answer_done(struct at_check_answer *answer)
{
    at_oracle_truth_done(&answer->truth);
    free(answer->o);
    free(answer->square);
    free(answer->room);
    *answer = (struct at_check_answer){0};
}

/* The suspect's first `count` rows beside the truth of these operands. */
static enum at_status compare(const struct at_check_suspect *s, const struct at_check_hypothesis *x, int64_t count,
                              struct at_check_fit *ret_fit, struct at_error *error)
{
    const int64_t dim = s->c->c.problem.dim;
    struct at_check_answer a;
    enum at_status status = at_check_answer(s->c, &x->operands, s->head, s->which, count, false, &a, error);
    if (status)
        return status;
    struct at_check_fit fit = {.by_declared = true};
    for (int64_t n = 0; n < count; n++) {
        const double known = s->e->row[s->head * s->c->c.rows.count + s->which[n]];
        if (at_check_unchanged(s->c, x, s->which[n]))
            at_check_fit_add(&fit, s, n, at_check_truth(s, n), known * known);
        else
            at_check_fit_add(&fit, s, n, a.truth.o + n * dim, isfinite(a.square[n]) ? a.square[n] : 0);
    }
    *ret_fit = fit;
    at_check_answer_done(&a);
    return AT_OK;
}

/* Named where it fits and leaves less than `best`, the least ratio of those before it; of equals the first. */
static enum at_status try_one(struct at_check_suspect *s, const struct at_check_hypothesis *x, double *best, struct at_error *error)
{
    struct at_check_fit fit = {.largest = NAN};
    int64_t first = s->count < ASKED_FIRST ? s->count : ASKED_FIRST;
    enum at_status status = compare(s, x, first, &fit, error);
    if (!status && fit.largest <= s->e->bounds.row && s->count > first)
        status = compare(s, x, s->count, &fit, error);
    if (!status && at_check_left(&fit) < *best && at_check_fits(s, &fit)) {
        at_check_name(s, &fit, x->pattern, "%s", x->evidence);
        *best = at_check_left(&fit);
    }
    return status;
}

struct suspects {
    struct at_check_suspect *suspect;
    size_t count;
    double *best; /* [count] ratio that the pattern leaves; infinity without one, 0 where nothing is to be tried */
};

static enum at_status try_all(void *context, const struct at_check_hypothesis *x, struct at_error *error)
{
    const struct suspects *s = context;
    enum at_status status = AT_OK;
    for (size_t i = 0; i < s->count && !status; i++)
        if (s->best[i] > 0)
            status = try_one(&s->suspect[i], x, &s->best[i], error);
    return status;
}

enum at_status at_check_try_operands(struct at_check_suspect *suspects, size_t count, struct at_error *error)
{
    struct suspects s = {suspects, count, calloc(count + 1, sizeof *s.best)};
    if (!s.best)
        return at_fail(error, AT_ERR_MEMORY, "check: out of memory");
    for (size_t i = 0; i < count; i++)
        s.best[i] = *suspects[i].pattern ? 0 : INFINITY;
    enum at_status status = count ? at_check_each_hypothesis(suspects[0].c, try_all, &s, error) : AT_OK;
    free(s.best);
    return status;
}
