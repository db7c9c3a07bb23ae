/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/check_rules.h"

#include "kernels/prepare/prepare.h"
#include "rules/close.h"
#include "rules/unfused.h"

#include <stdlib.h>

/* O and log-sum-exp that a rule compares with, for the rows looked at. */
struct reference {
    bool made;
    float *o, *lse; /* [heads][rows][dim], [heads][rows] */
};

struct trial {
    struct at_check_case *c;
    struct reference of[AT_REFERENCE_COUNT], baseline;
    struct at_elements elements[2]; /* of the inputs, of the operands */
    float *q, *k, *v;               /* one head of them as numbers of a tensor's type */
};

static void reference_done(struct reference *r)
{
    free(r->o);
    free(r->lse);
}

static enum at_status reference_init(const struct trial *t, struct reference *r, struct at_error *error)
{
    size_t lines = (size_t)(at_check_heads(t->c) * t->c->c.rows.count);
    *r = (struct reference){true, calloc(lines * (size_t)t->c->c.problem.dim, sizeof *r->o), calloc(lines, sizeof *r->lse)};
    return r->o && r->lse ? AT_OK : at_fail(error, AT_ERR_MEMORY, "check: out of memory for %zu rows; look at fewer", lines);
}

static void round_all(const double *from, int64_t count, enum at_format format, float *to)
{
    for (int64_t i = 0; i < count; i++)
        to[i] = at_close_round(format, (float)from[i]);
}

/* Rows that follow each other from the i-th on, which are attended at once, since a call looks at all of K and V. 0: i is inside a run. */
static int64_t run_from(const struct at_rows *rows, int64_t i)
{
    enum { AT_ONCE = 64 };
    int64_t count = 1;
    if (i % AT_ONCE && rows->index[i] == rows->index[i - 1] + 1)
        return 0;
    while ((i + count) % AT_ONCE && i + count < rows->count && rows->index[i + count] == rows->index[i] + count)
        count++;
    return count;
}

/* One head; the elements hold the rows looked at, one after the other. */
static enum at_status attend_head(const struct trial *t, const struct at_unfused *how, bool operands, int64_t head, struct reference *r,
                                  struct at_error *error)
{
    const struct at_check_case *c = t->c;
    const struct at_problem *p = &c->c.problem;
    const struct at_elements *e = &t->elements[operands];
    int64_t rows = c->c.rows.count, dim = p->dim;
    at_elements_fill(e, &c->c, &c->inputs, operands ? &c->operands : NULL, head / p->heads_q, head % p->heads_q);
    for (int64_t i = 0; i < rows; i++)
        round_all(e->q + i * dim, dim, how->format, t->q + c->c.rows.index[i] * dim);
    round_all(e->k, p->seq_k * dim, how->format, t->k);
    round_all(e->v, p->seq_k * dim, how->format, t->v);
    const struct at_unfused_head unfused = {p, t->q, t->k, t->v, 1, 1, 1};
    enum at_status status = AT_OK;
#pragma omp parallel for schedule(dynamic)
    for (int64_t i = 0; i < rows; i++) {
        int64_t line = head * rows + i, count = run_from(&c->c.rows, i);
        struct at_error mine;
        if (count == 0)
            continue;
        enum at_status done = at_unfused_attend(how, &unfused, c->c.rows.index[i], count, r->o + line * dim, r->lse + line, &mine);
        if (done) {
#pragma omp critical
            status = at_fail(error, done, "%s", mine.message);
        }
    }
    return status;
}

static enum at_status attend_unfused(struct trial *t, const struct at_unfused *how, bool operands, struct reference *r,
                                     struct at_error *error)
{
    enum at_status status = reference_init(t, r, error);
    for (int64_t head = 0; head < at_check_heads(t->c) && !status; head++) {
        status = at_work_check(&t->c->work, error);
        if (!status)
            status = attend_head(t, how, operands, head, r, error);
    }
    return status;
}

static void take(void *context, const struct at_attended *part)
{
    const struct trial *t = context;
    const struct reference *r = &t->of[AT_REFERENCE_KERNEL_16];
    const struct at_problem *p = &t->c->c.problem;
    int64_t line = (part->b * p->heads_q + part->h) * t->c->c.rows.count + part->first;
    for (int64_t i = 0; i < part->count * p->dim; i++)
        r->o[line * p->dim + i] = part->out->o[i];
    for (int64_t i = 0; i < part->count; i++)
        r->lse[line + i] = part->out->lse[i];
}

/* FlashAttention-3's 16-bit kernel on the inputs before quantisation, with the outputs' format. */
static enum at_status attend_16(struct trial *t, struct at_error *error)
{
    const struct at_check_case *c = t->c;
    struct at_variant_choice choice;
    struct at_numerics resolved;
    struct at_attend attend;
    struct at_sha256 digest;
    enum at_status status = at_variant_choose(c->format == AT_BF16 ? "fa3-bf16" : "fa3-fp16", &choice, error);
    choice.numerics.output = c->format;
    if (!status)
        status = at_numerics_resolve(&choice.numerics, &c->c.problem, &resolved, error);
    if (!status)
        status = at_attend_prepare(&c->c.problem, &resolved, &c->inputs, &c->c.rows, c->question->simd, &attend, error);
    if (status)
        return status;
    status = reference_init(t, &t->of[AT_REFERENCE_KERNEL_16], error);
    if (!status)
        status = at_attend_heads(&attend, false, take, t, &c->work, &digest, error);
    at_attend_done(&attend);
    return status;
}

static enum at_status make(struct trial *t, enum at_rule_reference which, struct at_error *error)
{
    struct reference *r = &t->of[which];
    if (r->made)
        return AT_OK;
    const struct at_unfused fp32 = {AT_FP32, false, AT_FP32, t->c->format}, bf16 = {AT_BF16, false, AT_BF16, t->c->format};
    switch (which) {
    case AT_REFERENCE_OPERANDS: return attend_unfused(t, &fp32, true, r, error);
    case AT_REFERENCE_INPUTS: return attend_unfused(t, &fp32, false, r, error);
    case AT_REFERENCE_BF16: return attend_unfused(t, &bf16, false, r, error);
    default: return attend_16(t, error);
    }
}

/* Unfused attention of the operands in low precision, as FlashAttention-3's rule has it. */
static enum at_status make_baseline(struct trial *t, struct at_error *error)
{
    enum at_format operand = t->c->numerics.q.format, wide = at_formats[operand].bits == 8 ? AT_BF16 : operand;
    const struct at_unfused plain = {wide, true, operand, t->c->format};
    return t->baseline.made ? AT_OK : attend_unfused(t, &plain, true, &t->baseline, error);
}

static const char *why_not(const struct at_check_case *c, const struct at_rule *rule)
{
    bool eight = at_formats[c->numerics.q.format].bits == 8;
    if (!(eight ? rule->takes_8_bit : rule->takes_16_bit))
        return eight ? "it is for 16-bit operands" : "it is for 8-bit operands";
    if (rule->reference == AT_REFERENCE_KERNEL_16 && !at_problem_has_twin(&c->c.problem))
        return "its reference is the 16-bit kernel, whose twin has not this head dimension";
    if (rule->uses_lse && !c->lse)
        return "it needs the log-sum-exp";
    bool operands = rule->reference == AT_REFERENCE_OPERANDS || rule->uses_baseline;
    if (operands && (c->numerics.q.smooth != AT_SMOOTH_NONE || c->numerics.k.smooth != AT_SMOOTH_NONE))
        return "its reference is of operands that are not smoothed";
    return NULL;
}

static enum at_status ask(struct trial *t, struct at_check_rule *r, struct at_error *error)
{
    const struct at_check_case *c = t->c;
    r->why_not = why_not(c, r->rule);
    if (r->why_not)
        return AT_OK;
    enum at_status status = make(t, r->rule->reference, error);
    if (!status && r->rule->uses_baseline)
        status = make_baseline(t, error);
    if (status)
        return status;
    const struct reference *reference = &t->of[r->rule->reference];
    const struct at_rule_sample sample = {.heads = at_check_heads(c),
                                          .rows = c->c.rows.count,
                                          .dim = c->c.problem.dim,
                                          .got = c->o,
                                          .reference = reference->o,
                                          .baseline = t->baseline.o,
                                          .got_lse = c->lse,
                                          .reference_lse = reference->lse,
                                          .format = c->format,
                                          .operands = c->numerics.q.format};
    r->asked = true;
    r->accepts = r->rule->accepts(&sample);
    return AT_OK;
}

enum at_status at_check_ask_rules(struct at_check_case *c, struct at_check_rule *ret_rules, struct at_error *error)
{
    const struct at_problem *p = &c->c.problem;
    struct trial t = {.c = c,
                      .q = calloc((size_t)(p->seq_q * p->dim), sizeof(float)),
                      .k = calloc((size_t)(p->seq_k * p->dim), sizeof(float)),
                      .v = calloc((size_t)(p->seq_k * p->dim), sizeof(float))};
    enum at_status status = t.q && t.k && t.v ? AT_OK : at_fail(error, AT_ERR_MEMORY, "check: out of memory for one head");
    if (!status)
        status = at_elements_init(&t.elements[0], &c->c, NULL, error);
    if (!status)
        status = at_elements_init(&t.elements[1], &c->c, &c->operands, error);
    at_work_phase(&c->work, "%s: acceptance rules", c->c.input->label);
    for (size_t i = 0; i < at_rule_count && !status; i++) {
        ret_rules[i] = (struct at_check_rule){.rule = at_rules[i]};
        status = ask(&t, &ret_rules[i], error);
    }
    for (int r = 0; r < AT_REFERENCE_COUNT; r++)
        reference_done(&t.of[r]);
    reference_done(&t.baseline);
    at_elements_done(&t.elements[0]);
    at_elements_done(&t.elements[1]);
    free(t.q);
    free(t.k);
    free(t.v);
    return status;
}
