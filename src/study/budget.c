/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/budget.h"

#include "kernels/prepare/prepare.h"
#include "kernels/switched/switched.h"
#include "study/attend.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The settings: all, none, then each rounding alone and left out. */
enum { ALL, NONE, PAIRS, SETTINGS = PAIRS + 2 * AT_ROUNDING_COUNT };

struct settings {
    struct at_switches on[SETTINGS];
    struct at_deviation deviation[SETTINGS];
    int count;
};

struct measuring {
    const struct at_budget_subject *subject;
    struct at_deviation deviation;
};

static void measure_part(void *context, const struct at_attended *part)
{
    struct measuring *m = context;
    const struct at_problem *p = &m->subject->c->problem;
    const struct at_oracle_truth *truth = &m->subject->truths->head[part->b * p->heads_q + part->h];
    double o[256];
    for (int64_t j = 0; j < part->count; j++) {
        for (int64_t c = 0; c < p->dim; c++)
            o[c] = (double)part->out->o[j * p->dim + c];
        at_deviation_add(&m->deviation, truth, part->first + j, p->dim, o, (double)part->out->lse[j]);
    }
}

enum at_status at_budget_measure(const struct at_budget_subject *subject, const struct at_numerics *numerics,
                                 struct at_deviation *ret_deviation, struct at_error *error)
{
    const struct at_case *c = subject->c;
    struct measuring m = {.subject = subject};
    struct at_numerics resolved;
    struct at_attend attend;
    struct at_sha256 unused;
    enum at_status status = at_numerics_resolve(numerics, &c->problem, &resolved, error);
    if (!status)
        status = at_attend_prepare(&c->problem, &resolved, subject->inputs, &c->rows, subject->simd, &attend, error);
    if (status)
        return status;
    status = at_attend_heads(&attend, false, measure_part, &m, subject->progress, &unused, error);
    at_attend_done(&attend);
    if (!status)
        *ret_deviation = m.deviation;
    return status;
}

/* One setting on one head. */
static enum at_status run_setting(const struct at_budget_subject *s, const struct at_operands *operands, int64_t head,
                                  struct at_switches switches, struct at_deviation *deviation, struct at_error *error)
{
    const struct at_problem *p = &s->c->problem;
    const struct at_rows *rows = &s->c->rows;
    struct at_switched_output out = {malloc((size_t)(rows->count * p->dim) * sizeof *out.o), malloc((size_t)rows->count * sizeof *out.lse)};
    enum at_status status =
        out.o && out.lse ? at_work_check(s->progress, error) : at_fail(error, AT_ERR_MEMORY, "budget: no memory for the outputs of a head");
    if (!status)
        status = at_switched_attend(operands, s->inputs, head / p->heads_q, head % p->heads_q, rows, s->simd, switches, &out, error);
    for (int64_t i = 0; i < rows->count && !status; i++)
        at_deviation_add(deviation, &s->truths->head[head], i, p->dim, out.o + i * p->dim, out.lse[i]);
    free(out.o);
    free(out.lse);
    return status;
}

static enum at_status run_settings(const struct at_budget_subject *s, const struct at_operands *operands, struct settings *settings,
                                   struct at_error *error)
{
    enum at_status status = AT_OK;
    const int64_t heads = s->c->problem.batch * s->c->problem.heads_q;
    for (int64_t head = 0; head < heads && !status; head++) {
        at_work_phase(s->progress, "%s: head %lld of %lld", s->c->input->label, (long long)head + 1, (long long)heads);
#pragma omp parallel for schedule(dynamic, 1)
        for (int i = 0; i < settings->count; i++) {
            struct at_error local = {""};
            enum at_status failed = run_setting(s, operands, head, settings->on[i], &settings->deviation[i], &local);
#pragma omp critical
            if (failed && !status)
                status = at_fail(error, failed, "%s", local.message);
        }
        at_work_step(s->progress, s->c->work / (double)heads);
    }
    return status;
}

/* Sums are taken in the same order, so that equal outputs have equal deviations. */
static bool same(const struct at_deviation *a, const struct at_deviation *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

static double largest_share(const struct at_budget_entry *e)
{
    return fmax(fabs(e->share_alone), fabs(e->share_removed));
}

static int by_share(const void *a, const void *b)
{
    double x = largest_share(a), y = largest_share(b);
    return x < y ? 1 : x > y ? -1 : 0;
}

/* Fills the entries from the settings' deviations. */
static void account(const struct settings *settings, struct at_budget *budget)
{
    const double whole = at_deviation_additive(&budget->whole, budget->metric);
    for (size_t i = 0; i < budget->count; i++) {
        struct at_budget_entry *e = &budget->entries[i];
        e->alone = settings->deviation[PAIRS + 2 * i];
        e->without = settings->deviation[PAIRS + 2 * i + 1];
        e->share_alone = at_deviation_additive(&e->alone, budget->metric) / whole;
        e->share_removed = 1 - at_deviation_additive(&e->without, budget->metric) / whole;
        budget->sum_alone += e->share_alone;
        budget->sum_removed += e->share_removed;
    }
    qsort(budget->entries, budget->count, sizeof budget->entries[0], by_share);
}

static enum at_status check(const struct settings *settings, const struct at_deviation *twin, enum at_deviation_metric metric,
                            struct at_error *error)
{
    const double whole = at_deviation_additive(&settings->deviation[ALL], metric);
    for (int i = 0; i < settings->count; i++)
        if (settings->deviation[i].nonfinite)
            return at_fail(error, AT_ERR_UNDEFINED,
                           "budget: %lld outputs are not finite%s, and such an error has no shares; see attest run for its metrics",
                           (long long)settings->deviation[i].nonfinite, i == ALL ? "" : " once a rounding is left out");
    if (isnan(whole) || whole == 0)
        return at_fail(error, AT_ERR_UNDEFINED, "budget: %s is %s on the rows looked at, and has no shares", at_deviations[metric].name,
                       isnan(whole) ? "undefined" : "exactly 0");
    assert(same(&settings->deviation[ALL], twin));
    return AT_OK;
}

static void list_settings(struct settings *settings, struct at_budget *budget)
{
    settings->on[ALL] = at_switches_all();
    settings->count = PAIRS;
    for (int r = 0; r < AT_ROUNDING_COUNT; r++) {
        if (!at_rounding_happens((enum at_rounding)r, &budget->numerics) || (r == AT_ROUNDING_LSE && budget->metric != AT_DEVIATION_LSE))
            continue;
        budget->entries[budget->count++].rounding = (enum at_rounding)r;
        settings->on[settings->count++] = at_switches_only((enum at_rounding)r);
        settings->on[settings->count++] = at_switches_but((enum at_rounding)r);
    }
}

enum at_status at_budget_make(const struct at_budget_subject *subject, const struct at_variant_choice *variant,
                              enum at_deviation_metric metric, struct at_budget *ret_budget, struct at_error *error)
{
    struct at_budget budget = {.metric = metric};
    struct settings settings = {.count = 0};
    struct at_operands operands;
    struct at_deviation twin;
    const struct at_problem *p = &subject->c->problem;
    enum at_status status = at_numerics_resolve(&variant->numerics, p, &budget.numerics, error);
    at_work_phase(subject->progress, "%s: %s", subject->c->input->label, variant->name);
    if (!status)
        status = at_budget_measure(subject, &budget.numerics, &twin, error);
    if (!status)
        status = at_prepare(p, &budget.numerics, subject->inputs, &operands, error);
    if (status)
        return status;
    list_settings(&settings, &budget);
    status = run_settings(subject, &operands, &settings, error);
    at_operands_done(&operands);
    if (!status)
        status = check(&settings, &twin, metric, error);
    if (status)
        return status;
    budget.whole = settings.deviation[ALL];
    budget.none = settings.deviation[NONE];
    account(&settings, &budget);
    *ret_budget = budget;
    return AT_OK;
}
