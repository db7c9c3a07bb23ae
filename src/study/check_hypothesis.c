/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/check_hypothesis.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* A mask where none is declared: of the last row the last key, or, where there are more keys than queries, of each row its own. */
static bool make_masked(struct at_check_hypothesis *x, const struct at_check_case *c, int at)
{
    struct at_operands *o = &x->operands;
    const struct at_problem *p = &c->c.problem;
    int64_t more = at ? p->seq_q - p->seq_k : 0;
    x->pattern = "a causal mask is applied that was not declared";
    snprintf(x->evidence, sizeof x->evidence, "aligned to the %s", at ? "top left" : "bottom right");
    o->problem.causal = true;
    o->problem.seq_k += more;
    if (p->causal || (at && (more >= 0 || o->k.values)))
        return false;
    return !at || (resize(x, &o->k, more, p->dim) && resize(x, &o->v, more, p->dim));
}

/* The keys of the last tile, whole or not, are seen by no row. Rows that see more than the others see the same keys, mask or none. */
static bool make_last_tile(struct at_check_hypothesis *x, const struct at_check_case *c, int at)
{
    (void)at;
    struct at_operands *o = &x->operands;
    const struct at_problem *p = &c->c.problem;
    int64_t keys = (p->seq_k - 1) / c->numerics.tile_n * c->numerics.tile_n;
    x->pattern = "the last key tile is ignored";
    snprintf(x->evidence, sizeof x->evidence, "no row sees keys from %lld on", (long long)keys);
    o->problem.causal = false;
    o->problem.seq_k = x->changed_from = keys;
    return keys > 0 && !o->k.values && resize(x, &o->k, keys - p->seq_k, p->dim) && resize(x, &o->v, keys - p->seq_k, p->dim);
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

/* V or K alone from the next key/value head, or from the one before. */
static bool make_neighbour(struct at_check_hypothesis *x, const struct at_check_case *c, int at)
{
    const int64_t heads = c->c.problem.heads_kv, turn = at % 2 ? heads - 1 : 1;
    struct at_operand *operand = at < 2 ? &x->operands.v : &x->operands.k;
    x->pattern = at < 2 ? "V is read from a neighbouring key/value head" : "K is read from a neighbouring key/value head";
    snprintf(x->evidence, sizeof x->evidence, "from the %s one", at % 2 ? "previous" : "next");
    return heads > (at % 2 ? 2 : 1) && !operand->values && !operand->mean && turn_heads(x, operand, turn);
}

static const struct {
    bool (*make)(struct at_check_hypothesis *x, const struct at_check_case *c, int at);
    int count; /* 0: one for each key/value head */
} kinds[] = {{make_unmasked, 1}, {make_masked, 2}, {make_mask, 4},     {make_last_tile, 1},
             {make_scale, 9},    {make_turn, 0},   {make_neighbour, 4}};

static bool same_operand(const struct at_operand *a, const struct at_operand *b)
{
    const struct at_tensor *s = &a->codes, *t = &b->codes;
    size_t codes = (size_t)at_tensor_count(t) * at_format_size(t->format);
    size_t scales = (size_t)(b->scale.batch * b->scale.heads * b->scale.groups) * sizeof *b->scale.value;
    return s->seq == t->seq && (s->codes == t->codes || memcmp(s->codes, t->codes, codes) == 0) &&
           (a->scale.value == b->scale.value || memcmp(a->scale.value, b->scale.value, scales) == 0);
}

/* Compares with what is declared, and notes whether scores differ; false where nothing does: it is no other kernel then. */
static bool differs(struct at_check_hypothesis *x, const struct at_check_case *c)
{
    const struct at_operands *a = &x->operands, *b = &c->operands;
    x->scores = !same_operand(&a->q, &b->q) || !same_operand(&a->k, &b->k) ||
                at_problem_scale_fp32(&a->problem) != at_problem_scale_fp32(&b->problem);
    for (int64_t i = 0; i < c->c.rows.count && !x->scores; i++)
        x->scores = at_problem_keys(&a->problem, c->c.rows.index[i]) != at_problem_keys(&b->problem, c->c.rows.index[i]);
    return x->scores || !same_operand(&a->v, &b->v);
}

enum at_status at_check_each_hypothesis(const struct at_check_case *c, at_check_visit *visit, void *context, struct at_error *error)
{
    enum at_status status = AT_OK;
    for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
        int of_kind = kinds[k].count ? kinds[k].count : (int)c->c.problem.heads_kv - 1;
        for (int at = 0; at < of_kind && !status; at++) {
            struct at_check_hypothesis x = {.operands = c->operands};
            if (kinds[k].make(&x, c, at) && differs(&x, c))
                status = at_work_check(&c->work, error) ? AT_ERR_INTERRUPTED : visit(context, &x, error);
            hypothesis_done(&x);
        }
    }
    return status;
}
