/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/check_hypothesis.h"
#include "study/check_lse_forms.h"
#include "study/check_pattern.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Rows that a hypothesis on operands is asked for first, wrong ones: one that fails there is not asked further. */
enum { ASKED_FIRST = 4 };

/* A head on trial for its log-sum-exps: its rows with a finite truth, the wrong ones first, then those without keys likewise. */
struct suspect {
    const struct at_check_case *c;
    const struct at_check_expectation *e;
    struct at_check_head *head;
    int64_t index;  /* of the head */
    int64_t *which; /* [count + keyless] */
    int64_t count, bad, keyless, keyless_bad;
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

/* Row n, without keys, as the form: what it makes of -infinity, or -infinity from a kernel that does not go through the form there. */
static bool has_form_of_no_keys(const struct suspect *s, size_t form, int64_t n)
{
    const struct at_check_lse_parts x = {.most = -INFINITY, .log_sum = -INFINITY, .scale = 1};
    return got(s, n) == -INFINITY || got(s, n) == at_check_lse_forms[form].of(&x);
}

/* Row n as the form: of the truth and of the twin, as in the interval of a right kernel, with the parts off by the row's room. */
static bool has_form(const struct suspect *s, const struct at_check_answer *a, size_t form, int64_t n)
{
    const struct at_check_case *c = s->c;
    const struct at_problem *p = &c->c.problem;
    const enum at_p_offset offset = c->numerics.p_offset;
    struct at_check_lse_parts x = {.scale = p->scale > 0 ? p->scale : 1 / sqrt((double)p->dim)};
    double low = INFINITY, high = -INFINITY, room = a->room[n].room + a->truth.lse_radius[n];
    x.offset = offset == AT_P_POW2_8 ? log(256) : offset == AT_P_448 ? log(448) : 0;
    x.shift = c->operands.lse_shift ? (double)c->operands.lse_shift[s->index * p->seq_q + c->c.rows.index[s->which[n]]] : 0;
    const double twin = log((double)a->row_sum[n]) - x.offset, sum[2] = {a->truth.lse[n] - a->room[n].most, twin};
    const double most[2] = {a->room[n].most, (double)a->lse[n] - x.shift - twin};
    x.most = most[0];
    x.log_sum = sum[0];
    if (n < s->bad && at_check_lse_forms[form].of(&x) == x.most + x.log_sum + x.shift)
        return false;             /* no offset, no mean, a scale of 1: nothing else than the truth, which it is not */
    for (int i = 0; i < 8; i++) { /* all of the room is in one part */
        double off = i & 2 ? room : -room;
        x.most = most[i % 2] + (i & 4 ? off : 0);
        x.log_sum = sum[i % 2] + (i & 4 ? 0 : off);
        double value = at_check_lse_forms[form].of(&x);
        if (isnan(value))
            return false;
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

/* NaN or infinity where the truth is finite is told before all else: no hypothesis on the other rows explains it. */
static void try_nonfinite(struct suspect *s)
{
    int64_t nan = 0, infinite = 0, first = -1;
    for (int64_t n = 0; n < s->bad; n++) {
        nan += isnan(got(s, n));
        infinite += isinf(got(s, n)) != 0;
        first = first < 0 && !isfinite(got(s, n)) ? s->c->c.rows.index[s->which[n]] : first;
    }
    if (first < 0)
        return;
    snprintf(s->head->pattern, sizeof s->head->pattern, "log-sum-exp: NaN or infinity");
    snprintf(s->head->evidence, sizeof s->head->evidence,
             "%" PRId64 " NaN, %" PRId64 " infinite of %" PRId64 " rows, the first is row %" PRId64 "; the outputs are right", nan,
             infinite, s->count, first);
}

/* All wrong rows are without keys: there is nothing that they could be computed from instead. */
static void try_no_keys(struct suspect *s)
{
    char holds[32] = "NaN";
    if (s->bad || !s->keyless_bad)
        return;
    if (!isnan(got(s, s->count)))
        snprintf(holds, sizeof holds, "%g", got(s, s->count));
    snprintf(s->head->pattern, sizeof s->head->pattern, "log-sum-exp: rows without keys");
    snprintf(s->head->evidence, sizeof s->head->evidence,
             "%" PRId64 " of %" PRId64 " are not -infinity, the first is row %" PRId64 ", which holds %s; the outputs are right",
             s->keyless_bad, s->keyless, s->c->c.rows.index[s->which[s->count]], holds);
}

static enum at_status try_forms(struct suspect *s, struct at_error *error)
{
    struct at_check_answer a;
    enum at_status status = at_check_answer(s->c, &s->c->operands, s->index, s->which, s->count, true, &a, error);
    if (status)
        return status;
    for (size_t f = 0; f < at_check_lse_form_count && !*s->head->pattern; f++) {
        int64_t n = 0;
        while (n < s->count && has_form(s, &a, f, n))
            n++;
        while (n >= s->count && n < s->count + s->keyless && has_form_of_no_keys(s, f, n))
            n++;
        if (n == s->count + s->keyless)
            name(s, at_check_lse_forms[f].pattern, "");
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
        if (at_check_unchanged(s->c, x, s->which[n])) {
            good = n < s->count ? n >= s->bad : n >= s->count + s->keyless_bad;
            continue;
        }
        const float *shift = x->operands.lse_shift;
        double truth = a.truth.lse[n], twin = (double)a.lse[n], room = a.room[n].room + a.truth.lse_radius[n];
        truth += shift ? (double)shift[s->index * s->c->c.problem.seq_q + s->c->c.rows.index[s->which[n]]] : 0;
        good = isfinite(truth) && isfinite(twin) && isfinite(room) ? between(got(s, n), fmin(truth, twin) - room, fmax(truth, twin) + room)
                                                                   : truth == -INFINITY && got(s, n) == truth; /* no keys there */
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
    enum at_status status = *s->head->pattern || !x->scores ? AT_OK : fits(s, x, first, &good, error);
    if (!status && good && s->count + s->keyless > first)
        status = fits(s, x, s->count + s->keyless, &good, error);
    if (!status && good)
        name(s, x->pattern, x->evidence);
    return status;
}

/* The log-sum-exps of another head, and the truth plus a number that all rows leave room for. */
static void try_others(struct suspect *s)
{
    const int64_t rows = s->c->c.rows.count, per_batch = s->c->c.problem.heads_q;
    char evidence[80];
    for (int64_t other = 0; other < at_check_heads(s->c) && !*s->head->pattern && !s->keyless_bad; other++) {
        double least = -INFINITY, most = INFINITY; /* what may be added to each row's truth */
        for (int64_t n = 0; n < s->count; n++) {
            const int64_t line = other * rows + s->which[n];
            const double error = got(s, n) - at_check_true_lse(s->c, other, s->which[n]);
            const double low = error - s->e->lse_high[line], high = error - s->e->lse_low[line];
            least = isnan(least) || least > low ? least : low; /* NaN stays, and nothing lies between */
            most = isnan(most) || most < high ? most : high;
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
    enum at_status status = AT_OK;
    try_nonfinite(s);
    if (!*s->head->pattern)
        try_no_keys(s);
    if (s->count && !*s->head->pattern)
        status = try_forms(s, error);
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

static void choose_rows(struct suspect *s, const struct at_check *check)
{
    for (int part = 0; part < 4; part++) {
        const bool bad = part % 2 == 0, keys = part < 2;
        for (int64_t i = 0; i < check->rows; i++) {
            const struct at_check_row *row = &check->row[s->index * check->rows + i];
            if (!row->defined || row->lse_bad != bad || isfinite(at_check_true_lse(s->c, s->index, i)) != keys)
                continue;
            s->which[s->count + s->keyless] = i;
            *(keys ? &s->count : &s->keyless) += 1;
            *(keys ? &s->bad : &s->keyless_bad) += bad;
        }
    }
}

enum at_status at_check_explain_lse(const struct at_check_case *c, const struct at_check_expectation *e, struct at_check *check,
                                    struct at_error *error)
{
    enum at_status status = AT_OK;
    int64_t *which = calloc((size_t)check->rows, sizeof *which);
    if (!which)
        return at_fail(error, AT_ERR_MEMORY, "check: out of memory");
    for (int64_t h = 0; h < check->heads && !status; h++) {
        struct suspect s = {.c = c, .e = e, .head = &check->head[h], .index = h, .which = which};
        choose_rows(&s, check);
        if (check->head[h].lse_bad && !*check->head[h].pattern)
            status = explain_head(&s, error);
    }
    free(which);
    return status;
}
