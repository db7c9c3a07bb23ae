/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/check.h"

#include "study/check_model.h"
#include "study/check_pattern.h"
#include "study/check_rules.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *at_check_verdict_name(enum at_check_verdict verdict)
{
    static const char *const names[AT_CHECK_VERDICTS] = {[AT_CHECK_BUG] = "bug",
                                                         [AT_CHECK_CANNOT_SAY] = "cannot say",
                                                         [AT_CHECK_NOISE] = "format noise",
                                                         [AT_CHECK_SAME_BITS] = "same bits"};
    return names[verdict];
}

static bool same_bits(const float *a, const float *b, int64_t count, int64_t *differing)
{
    int64_t before = *differing;
    for (int64_t i = 0; i < count; i++)
        *differing += memcmp(&a[i], &b[i], sizeof *a) != 0;
    return *differing == before;
}

/* Outputs and log-sum-exps of each head beside the twin's, bit by bit. */
static bool compare_bits(const struct at_check_case *c, const struct at_check_expectation *e, struct at_check *r)
{
    bool all = e->o;
    for (int64_t i = 0; i < r->heads; i++) {
        struct at_check_head *head = &r->head[i];
        int64_t outputs = r->rows * r->problem.dim, lse = 0;
        *head = (struct at_check_head){.b = i / r->problem.heads_q, .h = i % r->problem.heads_q, .worst = -1, .differing = e->o ? 0 : -1};
        bool same = e->o && same_bits(c->o + i * outputs, e->o + i * outputs, outputs, &head->differing);
        same = same && (!c->lse || same_bits(c->lse + i * r->rows, e->lse + i * r->rows, r->rows, &lse));
        head->verdict = same ? AT_CHECK_SAME_BITS : AT_CHECK_NOISE; /* until a row speaks against it */
        all = all && same;
    }
    return all;
}

/* Neither bound can be derived for the same bits, and none is needed. */
static void expect_same(const struct at_check_case *c, struct at_check_expectation *e)
{
    int64_t rows = c->c.rows.count, dim = c->c.problem.dim;
    for (int64_t h = 0; h < at_check_heads(c); h++) {
        double sum = 0, original = 0, defined = 0;
        for (int64_t i = 0; i < rows; i++) {
            int64_t line = h * rows + i;
            const double *own = c->truths[AT_AGAINST_DEQUANTISED].head[h].o + i * dim;
            double square = at_check_square(e->o + line * dim, own, dim);
            bool known = at_check_defined(c, h, i);
            e->row[line] = known ? sqrt(square) : NAN;
            double lse = at_check_lse_error(c, h, i, e->lse[line]);
            e->lse_low[line] = known ? fmin(lse, 0) : NAN;
            e->lse_high[line] = known ? fmax(lse, 0) : NAN;
            sum += known ? square : 0;
            original += known ? at_check_square(e->o + line * dim, c->truths[AT_AGAINST_ORIGINAL].head[h].o + i * dim, dim) : 0;
            defined += known;
        }
        e->head[h] = sqrt(sum / defined);
        e->original[h] = sqrt(original / defined);
    }
}

/* 0/0 is no deviation, as in a row without keys; x/0 is one without measure. */
static double ratio_of(double measured, double expected)
{
    return measured == 0 && expected == 0 ? 1 : measured / expected;
}

/* Whether a ratio is none of a right kernel. A bound of NaN: there is none, and it convicts nobody. A ratio of NaN passes none. */
static bool exceeds(double ratio, double bound)
{
    return !isnan(bound) && !(ratio <= bound);
}

/* Of the head as a whole; without a row whose truth is known there is nothing to judge. */
static bool head_exceeds(const struct at_check *r, const struct at_check_head *head)
{
    return head->undefined < r->rows && exceeds(head->dequantised.ratio, r->bounds.head);
}

static void measure_row(const struct at_check_case *c, const struct at_check_expectation *e, struct at_check *r, int64_t h, int64_t i)
{
    int64_t line = h * r->rows + i, dim = r->problem.dim;
    struct at_check_row *row = &r->row[line];
    const float *o = c->o + line * dim;
    bool finite = true;
    *row = (struct at_check_row){.defined = at_check_defined(c, h, i), .dequantised = {NAN, NAN, NAN}, .lse = {NAN, NAN, NAN}};
    if (!row->defined)
        return;
    for (int64_t k = 0; k < dim; k++) {
        r->head[h].nonfinite += !isfinite(o[k]);
        finite = finite && isfinite(o[k]);
    }
    double square = at_check_square(o, c->truths[AT_AGAINST_DEQUANTISED].head[h].o + i * dim, dim);
    row->dequantised.measured = finite ? sqrt(square) : INFINITY;
    row->dequantised.expected = e->row[line];
    row->dequantised.ratio = ratio_of(row->dequantised.measured, e->row[line]);
    row->bad = !finite || exceeds(row->dequantised.ratio, r->bounds.row);
    if (c->lse) {
        row->lse = (struct at_check_lse){at_check_lse_error(c, h, i, c->lse[line]), e->lse_low[line], e->lse_high[line]};
        row->lse_bad = !(row->lse.error >= row->lse.low && row->lse.error <= row->lse.high);
        r->head[h].lse_bad += row->lse_bad;
    }
}

static void measure_head(const struct at_check_case *c, const struct at_check_expectation *e, struct at_check *r, int64_t h)
{
    struct at_check_head *head = &r->head[h];
    int64_t dim = r->problem.dim, defined = 0;
    double sum = 0, original = 0;
    for (int64_t i = 0; i < r->rows; i++) {
        const struct at_check_row *row = &r->row[h * r->rows + i];
        measure_row(c, e, r, h, i);
        if (!row->defined) {
            head->undefined++;
            continue;
        }
        defined++;
        sum += row->dequantised.measured * row->dequantised.measured;
        double square = at_check_square(c->o + (h * r->rows + i) * dim, c->truths[AT_AGAINST_ORIGINAL].head[h].o + i * dim, dim);
        original += isinf(row->dequantised.measured) ? INFINITY : square;
        head->bad += row->bad;
        double worst = head->worst < 0 ? -1 : r->row[h * r->rows + head->worst].dequantised.ratio;
        if (!(row->dequantised.ratio <= worst))
            head->worst = i;
    }
    double measured = sqrt(sum / (double)defined);
    head->dequantised = (struct at_check_error){measured, e->head[h], ratio_of(measured, e->head[h])};
    measured = sqrt(original / (double)defined);
    head->original = (struct at_check_error){measured, e->original[h], ratio_of(measured, e->original[h])};
    if (head->bad || head->lse_bad || head_exceeds(r, head))
        head->verdict = AT_CHECK_BUG;
    else if (head->verdict != AT_CHECK_SAME_BITS && (head->undefined || isnan(r->bounds.row)))
        head->verdict = AT_CHECK_CANNOT_SAY;
}

/* Whether the rows of a head that are below their bound are together above what a schedule leaves in them. scratch: [rows] */
static bool rest_exceeds(const struct at_check_case *c, const struct at_check_expectation *e, const struct at_check *r, int64_t h,
                         int64_t *scratch)
{
    int64_t count = 0;
    double measured = 0, expected = 0;
    for (int64_t i = 0; i < r->rows; i++) {
        const struct at_check_row *row = &r->row[h * r->rows + i];
        if (!row->defined || row->bad)
            continue;
        scratch[count++] = i;
        measured += row->dequantised.measured * row->dequantised.measured;
        expected += row->dequantised.expected * row->dequantised.expected;
    }
    return count && exceeds(sqrt(measured / expected), at_check_together(c, e, h, scratch, count, false));
}

/* Rows above a bound; where the head as a whole is above its own, and not because of them, all of it. */
static size_t suspect(const struct at_check_case *c, const struct at_check_expectation *e, struct at_check *r, int64_t *which,
                      struct at_check_suspect *suspects)
{
    size_t count = 0;
    for (int64_t h = 0; h < r->heads; h++) {
        struct at_check_head *head = &r->head[h];
        int64_t found = 0, *mine = which + h * r->rows;
        bool whole = head_exceeds(r, head) && (!head->bad || rest_exceeds(c, e, r, h, mine));
        for (int64_t i = 0; i < r->rows; i++)
            if (r->row[h * r->rows + i].defined && (r->row[h * r->rows + i].bad || whole))
                mine[found++] = i;
        if (found)
            suspects[count++] = (struct at_check_suspect){
                .c = c, .e = e, .head = h, .which = mine, .count = found, .pattern = head->pattern, .evidence = head->evidence};
    }
    return count;
}

static enum at_status explain(const struct at_check_case *c, const struct at_check_expectation *e, struct at_check *r,
                              struct at_error *error)
{
    int64_t *which = calloc((size_t)(r->heads * r->rows), sizeof *which);
    struct at_check_suspect *suspects = calloc((size_t)r->heads, sizeof *suspects);
    enum at_status status = which && suspects ? AT_OK : at_fail(error, AT_ERR_MEMORY, "check: out of memory");
    if (!status)
        status = at_check_explain(suspects, suspect(c, e, r, which, suspects), error);
    if (!status)
        status = at_check_explain_lse(c, e, r, error);
    free(which);
    free(suspects);
    return status;
}

/* A bug outweighs what cannot be said, which outweighs noise. */
static void conclude(struct at_check *r)
{
    int64_t undefined = 0;
    r->verdict = AT_CHECK_SAME_BITS;
    for (int64_t i = 0; i < r->heads; i++) {
        undefined += r->head[i].undefined;
        r->verdict = r->head[i].verdict < r->verdict ? r->head[i].verdict : r->verdict;
    }
    if (r->verdict != AT_CHECK_CANNOT_SAY)
        return;
    struct at_error reason;
    if (undefined)
        at_fail(&reason, AT_ERR_UNDEFINED, "%" PRId64 " rows have no finite truth: the inputs hold NaN or infinity", undefined);
    else
        at_fail(&reason, AT_ERR_UNDEFINED,
                "no bound for format noise: %" PRId64 " rows of %" PRId64 " heads in %d schedules are too few, or "
                "do not differ; look at more rows, heads or keys",
                r->rows, r->heads, r->controls);
    snprintf(r->reason, sizeof r->reason, "%.199s", reason.message);
}

static enum at_status judge(struct at_check_case *c, struct at_check_expectation *e, struct at_check *r, struct at_error *error)
{
    const struct at_check_source *source = c->by_model ? &at_check_by_model : &at_check_by_twin;
    enum at_status status = source->declared(c, e, error);
    r->expected_by = source->name;
    if (!status)
        status = at_check_case_solve(c, error);
    if (status)
        return status;
    if (compare_bits(c, e, r))
        expect_same(c, e);
    else
        status = source->expect(c, e, error);
    r->bounds = e->bounds;
    r->controls = e->controls;
    for (int64_t h = 0; h < r->heads && !status; h++)
        measure_head(c, e, r, h);
    if (!status)
        status = explain(c, e, r, error);
    if (!status)
        status = at_check_ask_rules(c, r->rule, error);
    if (!status)
        conclude(r);
    return status;
}

static enum at_status check_init(struct at_check_case *c, struct at_check *ret_check, struct at_error *error)
{
    struct at_check r = {.problem = c->c.problem,
                         .numerics = c->numerics,
                         .format = c->format,
                         .has_lse = c->lse,
                         .by_model = c->by_model,
                         .oracle = c->oracle,
                         .heads = at_check_heads(c),
                         .rows = c->c.rows.count,
                         .bounds = {NAN, NAN, NAN}};
    r.row_index = calloc((size_t)r.rows, sizeof *r.row_index);
    r.head = calloc((size_t)r.heads, sizeof *r.head);
    r.row = calloc((size_t)(r.heads * r.rows), sizeof *r.row);
    r.rule = calloc(at_rule_count, sizeof *r.rule);
    if (!r.row_index || !r.head || !r.row || !r.rule) {
        at_check_done(&r);
        return at_fail(error, AT_ERR_MEMORY, "check: out of memory for %" PRId64 " rows; look at fewer", r.heads * r.rows);
    }
    memcpy(r.row_index, c->c.rows.index, (size_t)r.rows * sizeof *r.row_index);
    *ret_check = r;
    return AT_OK;
}

enum at_status at_check(const struct at_check_question *question, struct at_check *ret_check, struct at_error *error)
{
    struct at_check_case c;
    struct at_check_expectation e = {0};
    struct at_check made = {0};
    enum at_status status = at_check_case_open(question, &c, error);
    if (status)
        return status;
    c.work.total = 3 * c.c.work;
    status = check_init(&c, &made, error);
    if (!status)
        status = at_check_expectation_init(&c, &e, error);
    if (!status)
        status = judge(&c, &e, &made, error);
    at_check_expectation_done(&e);
    at_check_case_done(&c);
    if (status)
        at_check_done(&made);
    else
        *ret_check = made;
    return status;
}

void at_check_done(struct at_check *check)
{
    free(check->row_index);
    free(check->head);
    free(check->row);
    free(check->rule);
    *check = (struct at_check){0};
}
