/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/check_expect.h"

#include "stats/stats.h"
#include "study/check_lse.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

double at_check_square(const float *got, const double *truth, int64_t dim)
{
    double sum = 0;
    for (int64_t i = 0; i < dim; i++) {
        double e = (double)got[i] - truth[i];
        sum += e * e;
    }
    return sum / (double)dim;
}

double at_check_rounding(const double *truth, int64_t dim, enum at_format format)
{
    const struct at_format_info *info = &at_formats[format];
    double sum = 0;
    for (int64_t i = 0; i < dim; i++) {
        int exponent = info->min_exponent;
        if (truth[i] != 0 && isfinite(truth[i]) && ilogb(truth[i]) > exponent)
            exponent = ilogb(truth[i]);
        double ulp = ldexp(1, exponent - info->mantissa_bits);
        sum += ulp * ulp / 12;
    }
    return sum / (double)dim;
}

bool at_check_defined(const struct at_check_case *c, int64_t head, int64_t row)
{
    const struct at_oracle_truth *t = &c->truths[AT_AGAINST_DEQUANTISED].head[head];
    int64_t dim = c->c.problem.dim;
    double sum = 0;
    if (!at_truth_defined(t, row, dim))
        return false;
    for (int64_t i = 0; i < dim; i++) {
        double radius = t->radius[row * dim + i] + fabs(t->o_low[row * dim + i]);
        sum += radius * radius;
    }
    return sum / (double)dim <= at_check_rounding(t->o + row * dim, dim, c->numerics.output);
}

enum at_status at_check_expectation_init(const struct at_check_case *c, struct at_check_expectation *ret_expectation,
                                         struct at_error *error)
{
    size_t heads = (size_t)at_check_heads(c), lines = heads * (size_t)c->c.rows.count;
    struct at_check_expectation e = {.o = c->by_model ? NULL : calloc(lines * (size_t)c->c.problem.dim, sizeof(float)),
                                     .lse = c->by_model ? NULL : calloc(lines, sizeof(float)),
                                     .row = calloc(lines, sizeof(double)),
                                     .lse_low = calloc(lines, sizeof(double)),
                                     .lse_high = calloc(lines, sizeof(double)),
                                     .original = calloc(heads, sizeof(double)),
                                     .head = calloc(heads, sizeof(double)),
                                     .bounds = {NAN, NAN, NAN}};
    if ((!c->by_model && (!e.o || !e.lse)) || !e.row || !e.lse_low || !e.lse_high || !e.original || !e.head) {
        at_check_expectation_done(&e);
        return at_fail(error, AT_ERR_MEMORY, "check: out of memory for %zu rows; look at fewer", lines);
    }
    *ret_expectation = e;
    return AT_OK;
}

void at_check_expectation_done(struct at_check_expectation *e)
{
    free(e->o);
    free(e->lse);
    free(e->row);
    free(e->lse_low);
    free(e->lse_high);
    free(e->original);
    free(e->head);
    free(e->schedule);
    *e = (struct at_check_expectation){0};
}

/* Mean square errors of the twin under one schedule. */
struct member {
    double *row;      /* [heads][rows], in the expectation */
    double *original; /* [heads] summed over rows with a finite truth */
};

struct ensemble {
    struct at_check_case *c;
    struct at_check_expectation *e;
    struct member member[AT_CHECK_CONTROLS + 1]; /* the declared numerics first */
    int count;
    double *least; /* [heads][rows] of rounding alone */
    bool *defined; /* [heads][rows] */
};

static void take_declared(void *context, const struct at_attended *part)
{
    const struct ensemble *s = context;
    const struct at_problem *p = &s->c->c.problem;
    int64_t line = (part->b * p->heads_q + part->h) * s->c->c.rows.count + part->first;
    memcpy(s->e->o + line * p->dim, part->out->o, (size_t)(part->count * p->dim) * sizeof(float));
    memcpy(s->e->lse + line, part->out->lse, (size_t)part->count * sizeof(float));
}

static void measure(void *context, const struct at_attended *part)
{
    struct ensemble *s = context;
    const struct at_check_case *c = s->c;
    struct member *m = &s->member[s->count];
    int64_t dim = c->c.problem.dim, head = part->b * c->c.problem.heads_q + part->h;
    const struct at_oracle_truth *own = &c->truths[AT_AGAINST_DEQUANTISED].head[head],
                                 *original = &c->truths[AT_AGAINST_ORIGINAL].head[head];
    for (int64_t j = 0; j < part->count; j++) {
        int64_t i = part->first + j, line = head * c->c.rows.count + i;
        double lse = at_check_lse_error(c, head, i, part->out->lse[j]);
        m->row[line] = at_check_square(part->out->o + j * dim, own->o + i * dim, dim);
        s->e->lse_low[line] = fmin(s->e->lse_low[line], lse);
        s->e->lse_high[line] = fmax(s->e->lse_high[line], lse);
        if (s->defined[line])
            m->original[head] += at_check_square(part->out->o + j * dim, original->o + i * dim, dim);
    }
}

static enum at_status attend(struct at_check_case *c, const struct at_numerics *numerics, at_attend_each *each, void *context,
                             struct at_error *error)
{
    struct at_attend attend = {.rows = &c->c.rows, .simd = c->question->simd, .operands = c->operands};
    struct at_sha256 digest;
    attend.operands.numerics = *numerics;
    return at_attend_heads(&attend, false, each, context, &c->work, &digest, error); /* the operands stay the case's */
}

static enum at_status declared(struct at_check_case *c, struct at_check_expectation *e, struct at_error *error)
{
    struct ensemble s = {.c = c, .e = e};
    at_work_phase(&c->work, "%s: twin", c->c.input->label);
    return attend(c, &c->numerics, take_declared, &s, error);
}

static void ensemble_done(struct ensemble *s)
{
    for (int m = 0; m <= AT_CHECK_CONTROLS; m++)
        free(s->member[m].original);
    free(s->least);
    free(s->defined);
}

static enum at_status ensemble_init(struct ensemble *s, struct at_error *error)
{
    const struct at_check_case *c = s->c;
    size_t heads = (size_t)at_check_heads(c), rows = (size_t)c->c.rows.count, lines = heads * rows;
    s->least = calloc(lines, sizeof(double));
    s->defined = calloc(lines, sizeof *s->defined);
    s->e->schedule = calloc((AT_CHECK_CONTROLS + 1) * lines, sizeof(double));
    bool room = s->least && s->defined && s->e->schedule;
    for (int m = 0; m <= AT_CHECK_CONTROLS; m++) {
        double *row = s->e->schedule ? s->e->schedule + (size_t)m * lines : NULL;
        s->member[m] = (struct member){row, calloc(heads, sizeof(double))};
        room = room && s->member[m].original;
    }
    if (!room)
        return at_fail(error, AT_ERR_MEMORY, "check: out of memory for %zu rows; look at fewer", lines);
    for (size_t line = 0; line < lines; line++) {
        int64_t head = (int64_t)(line / rows), row = (int64_t)(line % rows), dim = c->c.problem.dim;
        s->least[line] = at_check_rounding(c->truths[AT_AGAINST_DEQUANTISED].head[head].o + row * dim, dim, c->numerics.output);
        s->defined[line] = at_check_defined(c, head, row);
    }
    return AT_OK;
}

/* Mean over the members, `without` one of them (-1: none), of a line's mean square error; not below that of rounding. */
static double mean_square(const struct ensemble *s, int64_t line, int without)
{
    double sum = 0;
    for (int m = 0; m < s->count; m++)
        sum += m == without ? 0 : s->member[m].row[line];
    return fmax(sum / (s->count - (without >= 0)), s->least[line]);
}

/* The largest ratio that a member has in a line over what the others predict. */
static double largest_of(const struct ensemble *s, int64_t line)
{
    double largest = 0;
    for (int m = 0; m < s->count; m++)
        largest = fmax(largest, s->member[m].row[line] / mean_square(s, line, m));
    return sqrt(largest);
}

/* The ratio of head h under schedule m over what the others predict; NaN without a row. */
static double head_ratio(const struct ensemble *s, int64_t h, int m)
{
    int64_t rows = s->c->c.rows.count;
    double measured = 0, expected = 0;
    for (int64_t line = h * rows; line < (h + 1) * rows; line++) {
        measured += s->defined[line] ? s->member[m].row[line] : 0;
        expected += s->defined[line] ? mean_square(s, line, m) : 0;
    }
    return sqrt(measured / expected);
}

/*
 * Schedules share the roundings of a row, so of each row the largest ratio counts once. Heads are too few for that: each counts once for
 * each schedule.
 */
static enum at_status derive_bounds(struct ensemble *s, struct at_error *error)
{
    const struct at_check_case *c = s->c;
    int64_t heads = at_check_heads(c), lines = heads * c->c.rows.count;
    size_t rows = 0, ratios = 0;
    double *row = calloc((size_t)lines, sizeof *row), *head = calloc((size_t)(heads * s->count), sizeof *head);
    enum at_status status =
        row && head ? AT_OK : at_fail(error, AT_ERR_MEMORY, "check: out of memory for %lld rows; look at fewer", (long long)lines);
    for (int64_t line = 0; line < lines && !status; line++)
        if (s->defined[line])
            row[rows++] = largest_of(s, line);
    for (int64_t h = 0; h < heads && !status; h++)
        for (int m = 0; m < s->count; m++) {
            double ratio = head_ratio(s, h, m);
            if (!isnan(ratio))
                head[ratios++] = ratio;
        }
    if (!status) {
        struct at_check_bounds *b = &s->e->bounds;
        double level = at_check_share(c);
        at_stats_tail_bound(row, rows, (double)rows, level, &b->row);
        at_stats_tail_bound(head, ratios, (double)ratios / s->count, level, &b->head);
    }
    free(row);
    free(head);
    return status;
}

static void summarise(struct ensemble *s)
{
    const struct at_check_case *c = s->c;
    int64_t rows = c->c.rows.count;
    for (int64_t h = 0; h < at_check_heads(c); h++) {
        double sum = 0, original = 0, defined = 0;
        for (int64_t line = h * rows; line < (h + 1) * rows; line++) {
            double square = mean_square(s, line, -1);
            s->e->row[line] = s->defined[line] ? sqrt(square) : NAN;
            sum += s->defined[line] ? square : 0;
            defined += s->defined[line];
        }
        for (int m = 0; m < s->count; m++)
            original += s->member[m].original[h] / s->count;
        s->e->head[h] = sqrt(sum / defined);
        s->e->original[h] = sqrt(original / defined);
    }
    s->e->controls = s->count - 1;
}

static enum at_status expect(struct at_check_case *c, struct at_check_expectation *e, struct at_error *error)
{
    struct ensemble s = {.c = c, .e = e};
    struct at_numerics schedules[AT_CHECK_CONTROLS + 1] = {c->numerics};
    int count = 1 + at_check_schedules(&c->numerics, &c->c.problem, false, schedules + 1);
    enum at_status status = ensemble_init(&s, error);
    for (s.count = 0; s.count < count && !status; s.count++) {
        at_work_phase(&c->work, "%s: schedule %d of %d", c->c.input->label, s.count + 1, count);
        status = attend(c, &schedules[s.count], measure, &s, error);
        at_work_step(&c->work, c->c.work / count);
    }
    if (!status)
        status = derive_bounds(&s, error);
    if (!status && c->lse)
        status = at_check_lse_widen(c, e, error);
    if (!status)
        summarise(&s);
    ensemble_done(&s);
    return status;
}

const struct at_check_source at_check_by_twin = {.name = "twin", .declared = declared, .expect = expect};
