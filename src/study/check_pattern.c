/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/check_pattern.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATTERN_SIZE = sizeof((struct at_check_head *)0)->pattern, EVIDENCE_SIZE = sizeof((struct at_check_head *)0)->evidence };

void at_check_fit_add(struct at_check_fit *fit, const struct at_check_suspect *s, int64_t n, const double *truth, double square)
{
    int64_t dim = s->c->c.problem.dim;
    double measured = at_check_square(at_check_got(s, n), truth, dim);
    double expected = fmax(square, at_check_rounding(truth, dim, s->c->numerics.output)), ratio = sqrt(measured / expected);
    fit->measured += measured;
    fit->expected += expected;
    if (!(ratio <= fit->largest) && !isnan(fit->largest))
        fit->largest = ratio;
}

static double expected_of(const struct at_check_suspect *s, int64_t head, int64_t row)
{
    double rms = s->e->row[head * s->c->c.rows.count + row];
    return rms * rms;
}

static bool gains(const struct at_check_suspect *s, const struct at_check_fit *fit)
{
    const double together = at_check_together(s->c, s->e, s->head, s->which, s->count, false), row = s->e->bounds.row;
    struct at_check_fit before = {0};
    for (int64_t n = 0; n < s->count; n++)
        at_check_fit_add(&before, s, n, at_check_truth(s, n), expected_of(s, s->head, s->which[n]));
    return at_check_left(&before) > (together < row ? together : row) * at_check_left(fit);
}

bool at_check_fits_at(const struct at_check_suspect *s, const struct at_check_fit *fit, int64_t head, const int64_t *which)
{
    return fit->largest <= s->e->bounds.row &&
           at_check_left(fit) <= at_check_together(s->c, s->e, head, which, s->count, fit->by_declared) && gains(s, fit);
}

bool at_check_fits(const struct at_check_suspect *s, const struct at_check_fit *fit)
{
    return at_check_fits_at(s, fit, s->head, s->which);
}

void at_check_name(struct at_check_suspect *s, const struct at_check_fit *fit, const char *pattern, const char *format, ...)
{
    va_list args;
    snprintf(s->pattern, PATTERN_SIZE, "%s", pattern);
    va_start(args, format);
    vsnprintf(s->evidence, EVIDENCE_SIZE, format, args);
    va_end(args);
    size_t used = strlen(s->evidence);
    if (fit)
        snprintf(s->evidence + used, EVIDENCE_SIZE - used, "%sleaves ratios up to %.3g", used ? "; " : "", fit->largest);
}

/* The position of a row among the queries. */
static int64_t position(const struct at_check_suspect *s, int64_t row)
{
    return s->c->c.rows.index[row];
}

static void try_nonfinite(struct at_check_suspect *s)
{
    int64_t dim = s->c->c.problem.dim, nan = 0, infinite = 0;
    for (int64_t n = 0; n < s->count; n++)
        for (int64_t i = 0; i < dim; i++) {
            nan += isnan(at_check_got(s, n)[i]);
            infinite += isinf(at_check_got(s, n)[i]) != 0;
        }
    if (nan + infinite)
        at_check_name(s, NULL, "NaN or infinity", "outputs: %" PRId64 " NaN, %" PRId64 " infinite", nan, infinite);
}

static void try_zeros(struct at_check_suspect *s)
{
    int64_t dim = s->c->c.problem.dim;
    for (int64_t n = 0; n < s->count; n++)
        for (int64_t i = 0; i < dim; i++)
            if (at_check_got(s, n)[i] != 0)
                return;
    at_check_name(s, NULL, "never written", "all outputs of %" PRId64 " rows are 0", s->count);
}

/* The suspect's rows beside those of another head. */
static struct at_check_fit beside_head(const struct at_check_suspect *s, int64_t other)
{
    struct at_check_fit fit = {0};
    const double *o = s->c->truths[AT_AGAINST_DEQUANTISED].head[other].o;
    for (int64_t n = 0; n < s->count && (n == 0 || fit.largest <= s->e->bounds.row); n++)
        at_check_fit_add(&fit, s, n, o + s->which[n] * s->c->c.problem.dim, expected_of(s, other, s->which[n]));
    return fit;
}

static void try_other_head(struct at_check_suspect *s)
{
    int64_t heads = at_check_heads(s->c), per_batch = s->c->c.problem.heads_q;
    double best = INFINITY;
    for (int64_t other = 0; other < heads; other++) {
        struct at_check_fit fit = beside_head(s, other);
        if (other == s->head || !(at_check_left(&fit) < best) || !at_check_fits_at(s, &fit, other, s->which))
            continue;
        best = at_check_left(&fit);
        at_check_name(s, &fit, "another head", "it holds head %" PRId64 " of batch %" PRId64, other % per_batch, other / per_batch);
    }
}

/* Heads that hold each other's outputs are swapped. */
static void tell_swaps(struct at_check_suspect *suspects, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t j = i + 1; j < count; j++) {
            struct at_check_suspect *pair[2] = {&suspects[i], &suspects[j]};
            bool both = strcmp(pair[0]->pattern, "another head") == 0 && strcmp(pair[1]->pattern, "another head") == 0;
            struct at_check_fit fit[2] = {{.largest = NAN}, {.largest = NAN}};
            for (int k = 0; k < 2 && both; k++)
                fit[k] = beside_head(pair[k], pair[1 - k]->head);
            both = both && at_check_fits_at(pair[0], &fit[0], pair[1]->head, pair[0]->which) &&
                   at_check_fits_at(pair[1], &fit[1], pair[0]->head, pair[1]->which);
            for (int k = 0; k < 2 && both; k++) {
                int64_t other = pair[1 - k]->head, per_batch = pair[k]->c->c.problem.heads_q;
                at_check_name(pair[k], &fit[k], "two heads swapped", "with head %" PRId64 " of batch %" PRId64, other % per_batch,
                              other / per_batch);
            }
        }
}

/* The row of the same head whose truth is nearest to row n, if it is within the bound, added to the fit; -1: none. */
static int64_t find_row(const struct at_check_suspect *s, int64_t n, struct at_check_fit *fit)
{
    const struct at_oracle_truth *t = &s->c->truths[AT_AGAINST_DEQUANTISED].head[s->head];
    struct at_check_fit best = {.largest = INFINITY}, one;
    int64_t found = -1;
    for (int64_t row = 0; row < s->c->c.rows.count; row++) {
        one = (struct at_check_fit){0};
        at_check_fit_add(&one, s, n, t->o + row * s->c->c.problem.dim, expected_of(s, s->head, row));
        if (row != s->which[n] && one.largest <= s->e->bounds.row && one.largest < best.largest) {
            best = one;
            found = row;
        }
    }
    fit->measured += best.measured;
    fit->expected += best.expected;
    fit->largest = fmax(fit->largest, best.largest);
    return found;
}

static enum at_status try_other_rows(struct at_check_suspect *s, struct at_error *error)
{
    struct at_check_fit fit = {0};
    int64_t n = 0, *from = calloc((size_t)s->count, sizeof *from);
    if (!from)
        return at_fail(error, AT_ERR_MEMORY, "check: out of memory");
    while (n < s->count && (from[n] = find_row(s, n, &fit)) >= 0)
        n++;
    if (n == s->count && at_check_fits_at(s, &fit, s->head, from))
        at_check_name(s, &fit, "rows misplaced", "row %" PRId64 " holds row %" PRId64, position(s, s->which[0]), position(s, from[0]));
    free(from);
    return AT_OK;
}

/* One factor for all rows, by least squares with each row weighted by what is expected of it. */
static void try_gain(struct at_check_suspect *s)
{
    int64_t dim = s->c->c.problem.dim;
    double up = 0, down = 0, scaled[256]; /* the widest head that attest knows */
    struct at_check_fit fit = {0};
    for (int64_t n = 0; n < s->count; n++) {
        double expected = expected_of(s, s->head, s->which[n]), weight = 1 / expected;
        for (int64_t i = 0; i < dim; i++) {
            up += weight * (double)at_check_got(s, n)[i] * at_check_truth(s, n)[i];
            down += weight * at_check_truth(s, n)[i] * at_check_truth(s, n)[i];
        }
    }
    double gain = up / down;
    for (int64_t n = 0; n < s->count; n++) {
        for (int64_t i = 0; i < dim; i++)
            scaled[i] = gain * at_check_truth(s, n)[i];
        at_check_fit_add(&fit, s, n, scaled, gain * gain * expected_of(s, s->head, s->which[n]));
    }
    if (at_check_fits(s, &fit))
        at_check_name(s, &fit, "a constant factor", "outputs are %.4g times the truth", gain);
}

/* A single wrong row among right ones is told as such, with what it looks like. */
static void tell_single_row(struct at_check_suspect *s)
{
    char was[PATTERN_SIZE], evidence[EVIDENCE_SIZE];
    if (s->count != 1 || s->c->c.rows.count < 2)
        return;
    snprintf(was, sizeof was, "%s", *s->pattern ? s->pattern : "unknown");
    snprintf(evidence, sizeof evidence, "%.120s", s->evidence);
    at_check_name(s, NULL, "one row wrong", "row %" PRId64 " alone: %.60s%s%s", position(s, s->which[0]), was, *evidence ? ": " : "",
                  evidence);
}

enum at_status at_check_explain(struct at_check_suspect *suspects, size_t count, struct at_error *error)
{
    for (size_t i = 0; i < count; i++) {
        void (*const first[])(struct at_check_suspect *) = {try_nonfinite, try_zeros, try_other_head};
        for (size_t f = 0; f < sizeof first / sizeof first[0] && !*suspects[i].pattern; f++)
            first[f](&suspects[i]);
    }
    tell_swaps(suspects, count);
    enum at_status status = at_check_try_operands(suspects, count, error);
    for (size_t i = 0; i < count && !status; i++) {
        struct at_check_suspect *s = &suspects[i];
        if (!*s->pattern)
            status = try_other_rows(s, error);
        if (!status && !*s->pattern)
            try_gain(s);
        if (!status && !*s->pattern)
            status = at_check_try_saturation(s, error);
        if (!status)
            tell_single_row(s);
        if (!status && !*s->pattern)
            at_check_name(s, NULL, "unknown", "no hypothesis explains it");
    }
    return status;
}
