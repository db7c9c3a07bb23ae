/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/climb.h"

#include "oracles/rows.h"
#include "study/machine.h"
#include "study/score.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

_Static_assert((int)AT_CLIMB_FLOOR == (int)AT_HISTOGRAM_FIRST, "what the histogram cannot show is not measured");

/* What one row shows. */
struct look {
    bool open;
    double smallest, largest; /* error and radius, as fractions of sum p|v| */
};

/* Of a kernel's number; one that is not finite is infinitely wrong. */
static double error_of(float got, double truth, double low)
{
    return isfinite(got) ? fabs(((double)got - truth) - low) : INFINITY;
}

static bool undecided(double truth, double radius, double error, double floor)
{
    return !isfinite(truth) || !isfinite(radius) || !(radius <= ldexp(fmax(error, floor), -AT_LADDER_MARGIN));
}

static bool lse_open(const struct at_row_sample *sample, double lse, double radius)
{
    if (isinf(lse)) /* no key: nothing is left to decide */
        return !(radius == 0);
    /* one double holds the truth to 2^-53 of itself */
    double floor = fmax(ldexp(1, AT_CLIMB_FLOOR), fabs(lse) * 0x1p-42);
    return undecided(lse, radius, error_of(sample->got_lse, sample->truth_lse, 0), floor);
}

/* `sample` has row `at` of `truth`. */
static struct look look_at(const struct at_row_sample *sample, const struct at_oracle_truth *truth, int64_t at)
{
    struct look look = {.smallest = INFINITY, .open = lse_open(sample, truth->lse[at], truth->lse_radius[at])};
    for (int64_t d = 0; d < sample->dim; d++) {
        int64_t n = at * sample->dim + d;
        double sum_abs = truth->sum_abs[n], floor = ldexp(sum_abs, AT_CLIMB_FLOOR), radius = truth->radius[n];
        double error = error_of(sample->got[d], truth->o[n], truth->o_low[n]);
        look.open |= undecided(truth->o[n], radius, error, floor);
        if (sum_abs > 0 && error >= floor)
            look.smallest = fmin(look.smallest, error / sum_abs);
        if (sum_abs > 0 && isfinite(radius))
            look.largest = fmax(look.largest, radius / sum_abs);
    }
    return look;
}

void at_climb_start(struct at_climb *climb)
{
    *climb = (struct at_climb){.smallest = INFINITY};
    at_hasher_start(&climb->hasher);
}

/* Row i with its last truth, row `at` of `truth`. */
static void settle(struct at_climb *climb, const struct look *look, const struct at_oracle_truth *truth, int64_t at, int64_t dim)
{
    bool defined = at_truth_defined(truth, at, dim);
    climb->smallest = fmin(climb->smallest, look->smallest);
    climb->largest = fmax(climb->largest, look->largest);
    climb->undefined += !defined;
    climb->open += look->open && defined;
}

/* Rows of `raised` that are still to be solved, by `oracle` before. */
struct ascent {
    const struct at_beside *beside;
    struct at_climb *climb;
    struct at_raised *raised;
    int64_t *at;    /* [count] rows of raised */
    int64_t *which; /* [count] the same as numbers of the case's rows */
    int64_t count;
    double *radius; /* [dim] */
};

/* One rung: what `by` decides is settled, what it leaves open stays in the ascent. */
static enum at_status ascend(struct ascent *x, const struct at_elements *elements, const struct at_oracle *oracle, bool first,
                             const struct at_oracle *by, bool last, struct at_error *error)
{
    const struct at_case *c = x->beside->c;
    const struct at_attended *part = x->beside->part;
    int64_t left = 0, start = at_machine_time_ns();
    struct at_oracle_truth solved;
    enum at_status status = at_elements_solve(elements, c, by, x->which, x->count, true, &solved, error);
    x->climb->time_ns += at_machine_time_ns() - start;
    if (status)
        return status;
    x->climb->precision_bits = solved.precision_bits > x->climb->precision_bits ? solved.precision_bits : x->climb->precision_bits;
    for (int64_t n = 0; n < x->count && !status; n++) {
        const int64_t i = x->which[n], at = x->at[n], place[3] = {part->b, part->h, c->rows.index[i]};
        status = at_spot_row(&x->climb->spot, oracle, first ? x->beside->truth : &x->raised->truth, first ? i : at, by, &solved, n,
                             c->problem.dim, place, error);
        at_oracle_take_row(&solved, n, &c->problem, &x->raised->truth, at);
        const struct at_row_sample sample = at_sample_row(x->beside, i, &x->raised->truth, at, x->radius);
        struct look look = look_at(&sample, &x->raised->truth, at);
        if (look.open && !last) {
            x->at[left] = at;
            x->which[left++] = i;
        } else {
            settle(x->climb, &look, &x->raised->truth, at, c->problem.dim);
        }
    }
    x->count = left;
    x->climb->by = by;
    at_oracle_truth_done(&solved);
    return status;
}

static void digest(struct at_climb *climb, const struct at_beside *beside, const struct at_raised *raised)
{
    size_t dim = (size_t)beside->c->problem.dim;
    const struct at_oracle_truth *t = &raised->truth;
    for (size_t n = 0; n < (size_t)raised->count; n++) {
        const int64_t place[] = {beside->part->b, beside->part->h, raised->which[n]};
        at_hasher_add(&climb->hasher, place, sizeof place);
        at_hasher_add(&climb->hasher, t->o + n * dim, dim * sizeof(double));
        at_hasher_add(&climb->hasher, t->o_low + n * dim, dim * sizeof(double));
        at_hasher_add(&climb->hasher, t->radius + n * dim, dim * sizeof(double));
        at_hasher_add(&climb->hasher, t->lse + n, sizeof(double));
        at_hasher_add(&climb->hasher, t->lse_radius + n, sizeof(double));
    }
}

/* Up the ladder with the rows of `raised`; the first to ask is `by`. */
static enum at_status climb_up(struct ascent *x, const struct at_climb_source *source, const struct at_oracle_shape *shape,
                               const struct at_oracle *by, struct at_error *error)
{
    const struct at_case *c = x->beside->c;
    const struct at_oracle *oracle = source->oracle;
    struct at_elements elements;
    enum at_status status = at_elements_init(&elements, c, source->operands, error);
    if (status)
        return status;
    at_elements_fill(&elements, c, source->inputs, source->operands, x->beside->part->b, x->beside->part->h);
    while (x->count && !status) {
        const struct at_oracle *next = at_oracle_sharper(by, shape);
        status = ascend(x, &elements, oracle, oracle == source->oracle, by, !next, error);
        oracle = by;
        by = next;
    }
    at_elements_done(&elements);
    x->climb->rows += x->raised->count;
    if (!status)
        digest(x->climb, x->beside, x->raised);
    return status;
}

enum at_status at_climb_part(struct at_climb *climb, const struct at_beside *beside, const struct at_climb_source *source,
                             struct at_raised *ret_raised, struct at_error *error)
{
    const struct at_problem *p = &beside->c->problem;
    int64_t first = beside->part->first, count = beside->part->count;
    struct at_raised raised = {.which = malloc((size_t)count * sizeof(int64_t))};
    struct ascent x = {beside,
                       climb,
                       &raised,
                       malloc((size_t)count * sizeof(int64_t)),
                       malloc((size_t)count * sizeof(int64_t)),
                       0,
                       malloc((size_t)p->dim * sizeof(double))};
    const struct at_oracle_shape shape = {p, count, (double)count * (double)p->seq_k, p->dim, omp_get_max_threads()};
    const struct at_oracle *by = at_oracle_sharper(source->oracle, &shape);
    enum at_status status = AT_OK;
    if (!raised.which || !x.at || !x.which || !x.radius)
        status = at_fail(error, AT_ERR_MEMORY, "reference: out of memory for %lld rows", (long long)count);
    for (int64_t i = first; i < first + count && !status; i++) {
        const struct at_row_sample sample = at_sample_row(beside, i, beside->truth, i, x.radius);
        struct look look = look_at(&sample, beside->truth, i);
        if (look.open && by) {
            x.at[x.count] = x.count;
            x.which[x.count++] = raised.which[raised.count++] = i;
        } else {
            settle(climb, &look, beside->truth, i, p->dim);
        }
    }
    if (!status && x.count)
        status = at_oracle_truth_init(&raised.truth, p, x.count, 1, error);
    if (!status && x.count)
        status = climb_up(&x, source, &shape, by, error);
    free(x.at);
    free(x.which);
    free(x.radius);
    if (status)
        at_raised_done(&raised);
    else
        *ret_raised = raised;
    return status;
}

const struct at_oracle_truth *at_raised_find(const struct at_raised *raised, const struct at_beside *beside, int64_t i, int64_t *ret_at)
{
    for (int64_t n = 0; n < raised->count; n++)
        if (raised->which[n] == i) {
            *ret_at = n;
            return &raised->truth;
        }
    *ret_at = i;
    return beside->truth;
}

void at_raised_done(struct at_raised *raised)
{
    at_oracle_truth_done(&raised->truth);
    free(raised->which);
    *raised = (struct at_raised){0};
}

struct at_sha256 at_climb_sha256(const struct at_climb *climb, const struct at_truths *truths)
{
    struct at_hasher hasher = climb->hasher;
    if (!climb->rows)
        return truths->sha256;
    at_hasher_add(&hasher, truths->sha256.hex, sizeof truths->sha256.hex);
    return at_hasher_end(&hasher);
}
