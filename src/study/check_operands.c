/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/check_hypothesis.h"
#include "study/check_model.h"
#include "study/check_pattern.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Rows of a suspect that a hypothesis is asked for first: one that fails there is not asked further. */
enum { ASKED_FIRST = 4 };

static void *own(struct at_check_hypothesis *x, void *array)
{
    for (size_t i = 0; i < sizeof x->own / sizeof x->own[0]; i++)
        if (!x->own[i])
            return x->own[i] = array;
    free(array);
    return NULL;
}

static void hypothesis_done(struct at_check_hypothesis *x)
{
    for (size_t i = 0; i < sizeof x->own / sizeof x->own[0]; i++)
        free(x->own[i]);
}

/* All scales of an operand become 1. */
static bool drop_scale(struct at_check_hypothesis *x, struct at_operand *operand)
{
    size_t count = (size_t)(operand->scale.batch * operand->scale.heads * operand->scale.groups);
    float *ones = own(x, calloc(count, sizeof *ones));
    for (size_t i = 0; ones && i < count; i++)
        ones[i] = 1;
    operand->scale.value = ones;
    return ones;
}

/* `more` keys of zeros behind the last, or without the last ones; what scales groups of rows repeats its last value. */
static bool resize(struct at_check_hypothesis *x, struct at_operand *operand, int64_t more, int64_t dim)
{
    const struct at_tensor from = operand->codes;
    const struct at_scales scale = operand->scale;
    int64_t heads = from.batch * from.heads, seq = from.seq + more, kept = more < 0 ? seq : from.seq;
    int64_t groups = at_scale_groups(scale.granularity, seq, dim);
    size_t row = (size_t)dim * at_format_size(from.format);
    char *codes = own(x, calloc((size_t)(heads * seq), row));
    float *values = own(x, calloc((size_t)(heads * groups), sizeof *values));
    for (int64_t h = 0; codes && values && h < heads; h++) {
        memcpy(codes + (size_t)(h * seq) * row, (const char *)from.codes + (size_t)(h * from.seq) * row, (size_t)kept * row);
        for (int64_t g = 0; g < groups; g++)
            values[h * groups + g] = scale.value[h * scale.groups + (g < scale.groups ? g : scale.groups - 1)];
    }
    operand->codes.codes = codes;
    operand->codes.seq = seq;
    operand->scale.value = values;
    operand->scale.groups = groups;
    return codes && values;
}

/* Each query head reads the key/value head `turn` further on. */
static bool turn_heads(struct at_check_hypothesis *x, struct at_operand *operand, int64_t turn)
{
    const struct at_tensor t = operand->codes;
    size_t head = (size_t)(t.seq * t.dim) * at_format_size(t.format), groups = (size_t)operand->scale.groups;
    char *codes = own(x, calloc((size_t)(t.batch * t.heads), head));
    float *values = own(x, calloc((size_t)(t.batch * t.heads) * groups, sizeof *values));
    for (int64_t i = 0; codes && values && i < t.batch * t.heads; i++) {
        int64_t from = i / t.heads * t.heads + (i + turn) % t.heads;
        memcpy(codes + (size_t)i * head, (const char *)t.codes + (size_t)from * head, head);
        memcpy(values + (size_t)i * groups, operand->scale.value + (size_t)from * groups, groups * sizeof *values);
    }
    operand->codes.codes = codes;
    operand->scale.value = values;
    return codes && values;
}

/* The softmax scale times x. */
static bool scale_scores(struct at_check_hypothesis *x, double factor)
{
    struct at_problem *p = &x->operands.problem;
    double scale = p->scale > 0 ? p->scale : 1 / sqrt((double)p->dim);
    p->scale = scale * factor;
    return true;
}

static bool shift_mask(struct at_check_hypothesis *x, int64_t more)
{
    struct at_operands *o = &x->operands;
    int64_t dim = o->problem.dim;
    o->problem.seq_k += more;
    snprintf(x->evidence, sizeof x->evidence, "each row sees %lld %s %s than it should", (long long)llabs(more),
             llabs(more) == 1 ? "key" : "keys", more < 0 ? "less" : "more");
    return resize(x, &o->k, more, dim) && resize(x, &o->v, more, dim);
}

/* How a hypothesis is made. `at`: which of its kind. */
static bool make_mask(struct at_check_hypothesis *x, const struct at_check_case *c, int at)
{
    const struct at_problem *p = &c->c.problem;
    int64_t tile = c->numerics.tile_n, shifts[] = {1, -1, (tile - p->seq_k % tile) % tile, p->causal ? p->seq_q - p->seq_k : 0};
    x->pattern = at == 3 ? "the mask is aligned to the top left" : "the mask is off";
    bool shares_k = c->operands.k.values || shifts[at] == 0 || p->seq_k + shifts[at] < 1;
    return !shares_k && shift_mask(x, shifts[at]);
}

static bool make_unmasked(struct at_check_hypothesis *x, const struct at_check_case *c, int at)
{
    (void)at;
    x->pattern = "future keys are visible";
    snprintf(x->evidence, sizeof x->evidence, "each row sees all keys");
    x->operands.problem.causal = false;
    return c->c.problem.causal;
}

static bool make_scale(struct at_check_hypothesis *x, const struct at_check_case *c, int at)
{
    static const struct {
        const char *pattern;
        bool q, k, v;
        double power; /* of the softmax scale */
        double factor;
    } rows[] = {{"V's scale is dropped", false, false, true, 0, 1},
                {"K's scale is dropped", false, true, false, 0, 1},
                {"Q's scale is dropped", true, false, false, 0, 1},
                {"Q's and K's scales are dropped", true, true, false, 0, 1},
                {"all scales are dropped", true, true, true, 0, 1},
                {"the softmax scale is dropped", false, false, false, -1, 1},
                {"the softmax scale is applied twice", false, false, false, 1, 1},
                {"2^x stands for e^x", false, false, false, 0, 0x1.62e42fefa39efp-1}, /* ln 2 */
                {"log2(e) is applied twice", false, false, false, 0, 0x1.71547652b82fep+0}};
    const struct at_problem *p = &c->c.problem;
    double softmax = p->scale > 0 ? p->scale : 1 / sqrt((double)p->dim);
    struct at_operands *o = &x->operands;
    x->pattern = rows[at].pattern;
    bool made = (!rows[at].q || drop_scale(x, &o->q)) && (!rows[at].k || drop_scale(x, &o->k)) && (!rows[at].v || drop_scale(x, &o->v));
    return made && scale_scores(x, pow(softmax, rows[at].power) * rows[at].factor);
}

static bool make_turn(struct at_check_hypothesis *x, const struct at_check_case *c, int at)
{
    x->pattern = "another key/value head";
    snprintf(x->evidence, sizeof x->evidence, "it reads the key/value head %d further on", at + 1);
    return at + 1 < c->c.problem.heads_kv && !c->operands.k.values && !c->operands.k.mean && !c->operands.v.mean &&
           turn_heads(x, &x->operands.k, at + 1) && turn_heads(x, &x->operands.v, at + 1);
}

static const struct {
    bool (*make)(struct at_check_hypothesis *x, const struct at_check_case *c, int at);
    int count; /* 0: one for each key/value head */
} kinds[] = {{make_unmasked, 1}, {make_mask, 4}, {make_scale, 9}, {make_turn, 0}};

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
    for (int64_t n = 0; n < count; n++)
        at_check_fit_add(&fit, s, n, a.truth.o + n * dim, isfinite(a.square[n]) ? a.square[n] : 0);
    *ret_fit = fit;
    at_check_answer_done(&a);
    return AT_OK;
}

static enum at_status try_one(struct at_check_suspect *s, const struct at_check_hypothesis *x, struct at_error *error)
{
    struct at_check_fit fit = {.largest = NAN};
    int64_t first = s->count < ASKED_FIRST ? s->count : ASKED_FIRST;
    enum at_status status = compare(s, x, first, &fit, error);
    if (!status && fit.largest <= s->e->bounds.row && s->count > first)
        status = compare(s, x, s->count, &fit, error);
    if (!status && at_check_fits(s, &fit))
        at_check_name(s, &fit, x->pattern, "%s", x->evidence);
    return status;
}

enum at_status at_check_each_hypothesis(const struct at_check_case *c, at_check_visit *visit, void *context, struct at_error *error)
{
    enum at_status status = AT_OK;
    for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
        int of_kind = kinds[k].count ? kinds[k].count : (int)c->c.problem.heads_kv - 1;
        for (int at = 0; at < of_kind && !status; at++) {
            struct at_check_hypothesis x = {.operands = c->operands};
            if (kinds[k].make(&x, c, at))
                status = at_work_check(&c->work, error) ? AT_ERR_INTERRUPTED : visit(context, &x, error);
            hypothesis_done(&x);
        }
    }
    return status;
}

struct suspects {
    struct at_check_suspect *suspect;
    size_t count;
};

static enum at_status try_all(void *context, const struct at_check_hypothesis *x, struct at_error *error)
{
    const struct suspects *s = context;
    enum at_status status = AT_OK;
    for (size_t i = 0; i < s->count && !status; i++)
        if (!*s->suspect[i].pattern)
            status = try_one(&s->suspect[i], x, error);
    return status;
}

enum at_status at_check_try_operands(struct at_check_suspect *suspects, size_t count, struct at_error *error)
{
    return count ? at_check_each_hypothesis(suspects[0].c, try_all, &(struct suspects){suspects, count}, error) : AT_OK;
}
