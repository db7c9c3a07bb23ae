/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/check_hypothesis.h"
#include "study/check_pattern.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Rows that a hypothesis on operands is asked for first, wrong ones: one that fails there is not asked further. */
enum { ASKED_FIRST = 4 };

static const double log2_e = 0x1.71547652b82fep+0;

/* A head on trial for its log-sum-exps: all its rows with a finite truth and a key, the wrong ones first. */
struct suspect {
    const struct at_check_case *c;
    const struct at_check_expectation *e;
    struct at_check_head *head;
    int64_t index; /* of the head */
    int64_t *which, count;
};

/* What a log-sum-exp is made of: most + log_sum + shift, in natural units. */
struct parts {
    double most, log_sum;
    double shift;         /* of K's mean */
    double scale, offset; /* of the softmax; ln of P's factor */
};

/* What a mistaken kernel gives in the place of most + log_sum + shift. Each is monotonic in the first two. */
static double base_two(const struct parts *p)
{
    return log2_e * (p->most + p->log_sum + p->shift);
}
static double without_maximum(const struct parts *p)
{
    return p->log_sum + p->shift;
}
static double without_sum(const struct parts *p)
{
    return p->most + p->shift;
}
static double sum_itself(const struct parts *p)
{
    return p->most + exp(p->log_sum) + p->shift;
}
static double no_logarithm(const struct parts *p)
{
    return exp(p->most + p->log_sum + p->shift);
}
static double sum_in_base_two(const struct parts *p)
{
    return p->most + log2_e * p->log_sum + p->shift;
}
static double maximum_in_base_two(const struct parts *p)
{
    return log2_e * p->most + p->log_sum + p->shift;
}
static double maximum_unscaled(const struct parts *p)
{
    return p->most / p->scale + p->log_sum + p->shift;
}
static double maximum_scaled_twice(const struct parts *p)
{
    return p->most * p->scale + p->log_sum + p->shift;
}
static double offset_left(const struct parts *p)
{
    return p->most + p->log_sum + p->offset + p->shift;
}
static double shift_missing(const struct parts *p)
{
    return p->most + p->log_sum;
}
static double negated(const struct parts *p)
{
    return -(p->most + p->log_sum + p->shift);
}

static const struct {
    double (*of)(const struct parts *p);
    const char *pattern;
} forms[] = {
    {base_two, "it is to base 2"},
    {without_maximum, "the maximum is missing"},
    {without_sum, "the logarithm of the sum is missing"},
    {sum_itself, "the sum stands for its logarithm"},
    {no_logarithm, "it is the sum, not its logarithm"},
    {sum_in_base_two, "the logarithm of the sum is to base 2"},
    {maximum_in_base_two, "the maximum is to base 2"},
    {maximum_unscaled, "the maximum lacks the softmax scale"},
    {maximum_scaled_twice, "the maximum has the softmax scale twice"},
    {offset_left, "P's offset is left in the sum"},
    {shift_missing, "what K's mean took is not put back"},
    {negated, "its sign is turned"},
};

static double got(const struct suspect *s, int64_t n)
{
    return (double)s->c->lse[s->index * s->c->c.rows.count + s->which[n]];
}

/* Whether x is within the roundings to fp32 of a number in [low, high]: that of a last product, and of the result. */
static bool between(double x, double low, double high)
{
    const double u = 0x1p-24;
    return x >= low - 2 * u * fabs(low) && x <= high + 2 * u * fabs(high);
}

/* Row n as the form: of the truth and of the twin, as in the interval of a right kernel, with the parts off by the row's room. */
static bool has_form(const struct suspect *s, const struct at_check_answer *a, size_t form, int64_t n)
{
    const struct at_check_case *c = s->c;
    const struct at_problem *p = &c->c.problem;
    const enum at_p_offset offset = c->numerics.p_offset;
    struct parts x = {.scale = p->scale > 0 ? p->scale : 1 / sqrt((double)p->dim)};
    double low = INFINITY, high = -INFINITY, room = a->room[n].room + a->truth.lse_radius[n];
    x.offset = offset == AT_P_POW2_8 ? log(256) : offset == AT_P_448 ? log(448) : 0;
    x.shift = c->operands.lse_shift ? (double)c->operands.lse_shift[s->index * p->seq_q + c->c.rows.index[s->which[n]]] : 0;
    const double twin = log((double)a->row_sum[n]) - x.offset, sum[2] = {a->truth.lse[n] - a->room[n].most, twin};
    const double most[2] = {a->room[n].most, (double)a->lse[n] - x.shift - twin};
    x.most = most[0];
    x.log_sum = sum[0];
    if (n < s->head->lse_bad && forms[form].of(&x) == x.most + x.log_sum + x.shift)
        return false;             /* no offset, no mean, a scale of 1: nothing else than the truth, which it is not */
    for (int i = 0; i < 8; i++) { /* all of the room is in one part */
        double off = i & 2 ? room : -room;
        x.most = most[i % 2] + (i & 4 ? off : 0);
        x.log_sum = sum[i % 2] + (i & 4 ? 0 : off);
        double value = forms[form].of(&x);
        low = fmin(low, value);
        high = fmax(high, value);
    }
    return between(got(s, n), low, high);
}

static void name(struct suspect *s, const char *pattern, const char *evidence)
{
    snprintf(s->head->pattern, sizeof s->head->pattern, "log-sum-exp: %.120s", pattern);
    snprintf(s->head->evidence, sizeof s->head->evidence, "%.120s%sall %" PRId64 " rows; the outputs are right", evidence,
             *evidence ? ", in " : "", s->count);
}

static enum at_status try_forms(struct suspect *s, struct at_error *error)
{
    struct at_check_answer a;
    enum at_status status = at_check_answer(s->c, &s->c->operands, s->index, s->which, s->count, true, &a, error);
    if (status)
        return status;
    for (size_t f = 0; f < sizeof forms / sizeof forms[0] && !*s->head->pattern; f++) {
        int64_t n = 0;
        while (n < s->count && has_form(s, &a, f, n))
            n++;
        if (n == s->count)
            name(s, forms[f].pattern, "");
    }
    at_check_answer_done(&a);
    return AT_OK;
}

/* Whether the first `count` rows are what a right kernel gives on these operands. */
static enum at_status fits(const struct suspect *s, const struct at_check_hypothesis *x, int64_t count, bool *ret_fits,
                           struct at_error *error)
{
    struct at_check_answer a;
    enum at_status status = at_check_answer(s->c, &x->operands, s->index, s->which, count, true, &a, error);
    if (status)
        return status;
    int64_t n = 0;
    for (bool good = true; n < count && good; n += good) {
        const float *shift = x->operands.lse_shift;
        double truth = a.truth.lse[n], room = a.room[n].room + a.truth.lse_radius[n];
        truth += shift ? (double)shift[s->index * s->c->c.problem.seq_q + s->c->c.rows.index[s->which[n]]] : 0;
        good = between(got(s, n), fmin(truth, (double)a.lse[n]) - room, fmax(truth, (double)a.lse[n]) + room);
    }
    *ret_fits = n == count;
    at_check_answer_done(&a);
    return AT_OK;
}

static enum at_status try_operands(void *context, const struct at_check_hypothesis *x, struct at_error *error)
{
    struct suspect *s = context;
    bool good = false;
    int64_t first = s->count < ASKED_FIRST ? s->count : ASKED_FIRST;
    enum at_status status = *s->head->pattern ? AT_OK : fits(s, x, first, &good, error);
    if (!status && good && s->count > first)
        status = fits(s, x, s->count, &good, error);
    if (!status && good)
        name(s, x->pattern, x->evidence);
    return status;
}

/* The log-sum-exps of another head, and the truth plus a number that all rows leave room for. */
static void try_others(struct suspect *s)
{
    const int64_t rows = s->c->c.rows.count, per_batch = s->c->c.problem.heads_q;
    char evidence[80];
    for (int64_t other = 0; other < at_check_heads(s->c) && !*s->head->pattern; other++) {
        double least = -INFINITY, most = INFINITY; /* what may be added to each row's truth */
        for (int64_t n = 0; n < s->count; n++) {
            const int64_t line = other * rows + s->which[n];
            const double error = got(s, n) - at_check_true_lse(s->c, other, s->which[n]);
            least = fmax(least, error - s->e->lse_high[line]);
            most = fmin(most, error - s->e->lse_low[line]);
        }
        if (other != s->index && least <= 0 && most >= 0) {
            snprintf(evidence, sizeof evidence, "that of head %" PRId64 " of batch %" PRId64, other % per_batch, other / per_batch);
            name(s, "another head", evidence);
        } else if (other == s->index && least <= most && s->count > 1) {
            snprintf(evidence, sizeof evidence, "the truth plus %.6g", (least + most) / 2);
            name(s, "a constant is added", evidence);
        }
    }
}

static enum at_status explain_head(struct suspect *s, struct at_error *error)
{
    enum at_status status = s->count ? try_forms(s, error) : AT_OK;
    if (!status && s->count && !*s->head->pattern)
        status = at_check_each_hypothesis(s->c, try_operands, s, error);
    if (!status && s->count && !*s->head->pattern)
        try_others(s);
    if (!status && !*s->head->pattern) {
        snprintf(s->head->pattern, sizeof s->head->pattern, "log-sum-exp");
        snprintf(s->head->evidence, sizeof s->head->evidence, "the outputs are right, the log-sum-exp is not; no hypothesis explains it");
    }
    return status;
}

enum at_status at_check_explain_lse(const struct at_check_case *c, const struct at_check_expectation *e, struct at_check *check,
                                    struct at_error *error)
{
    enum at_status status = AT_OK;
    int64_t *which = calloc((size_t)check->rows, sizeof *which);
    if (!which)
        return at_fail(error, AT_ERR_MEMORY, "check: out of memory");
    for (int64_t h = 0; h < check->heads && !status; h++) {
        struct suspect s = {c, e, &check->head[h], h, which, 0};
        for (int bad = 1; bad >= 0; bad--)
            for (int64_t i = 0; i < check->rows; i++) {
                const struct at_check_row *row = &check->row[h * check->rows + i];
                if (row->defined && row->lse_bad == bad && isfinite(at_check_true_lse(c, h, i)))
                    which[s.count++] = i;
            }
        if (check->head[h].lse_bad && !*check->head[h].pattern)
            status = explain_head(&s, error);
    }
    free(which);
    return status;
}
