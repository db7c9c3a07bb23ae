/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/kpi_decide.h"

#include "stats/heads.h"
#include "study/kpi_share.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { RESAMPLES = 2000, BOOTSTRAP_SEED = 1 };

/* value / base for value, base >= 0, rounded downwards; 0 for 0. */
static double quotient_down(double value, double base)
{
    double q = value > 0 ? value / base : 0;
    return isfinite(q) && q > 0 && fma(q, base, -value) > 0 ? nextafter(q, 0) : q;
}

/* The same upwards. */
static double quotient_up(double value, double base)
{
    double q = value > 0 ? value / base : 0;
    return isfinite(q) && q > 0 && fma(q, base, -value) < 0 ? nextafter(q, INFINITY) : q;
}

struct at_kpi_item at_kpi_item_make(double value, double radius, const double *base, double base_radius, size_t unit)
{
    struct at_kpi_item item = {value, value, value, unit};
    if (!(radius >= 0)) {
        item.low = item.high = NAN;
    } else if (radius > 0) { /* the subtraction's own rounding widens it */
        item.low = nextafter(value - radius, -INFINITY);
        item.high = nextafter(value + radius, INFINITY);
    }
    if (!base)
        return item;
    if (!isfinite(*base) || !(base_radius >= 0) || isnan(value))
        return (struct at_kpi_item){NAN, NAN, NAN, unit};
    double most = base_radius > 0 ? nextafter(*base + base_radius, INFINITY) : *base;
    double least = base_radius > 0 ? fmax(nextafter(*base - base_radius, -INFINITY), 0) : *base;
    item.value = value > 0 || *base > 0 ? value / *base : 0;
    item.low = isnan(item.low) ? NAN : quotient_down(item.low, most);
    item.high = isnan(item.high) ? NAN : quotient_up(item.high, least);
    return item;
}

enum at_verdict at_kpi_judge(const struct at_kpi_requirement *requirement, double low, double high)
{
    enum at_verdict verdict = AT_MET;
    for (size_t i = 0; i < requirement->term_count; i++)
        verdict = at_verdict_both(verdict, at_requirement_judge_between(&requirement->terms[i], low, high));
    return verdict;
}

/* How far beyond its bound a value lies; the largest over the terms. NaN for NaN. */
static double excess(const struct at_kpi_requirement *requirement, double value)
{
    double most = -INFINITY;
    for (size_t i = 0; i < requirement->term_count; i++) {
        const struct at_requirement *t = &requirement->terms[i];
        double beyond = value - t->bound;
        if (t->relation == AT_GREATER_EQUAL || t->relation == AT_GREATER)
            beyond = -beyond;
        most = fmax(most, t->relation == AT_EQUAL ? fabs(beyond) : beyond);
    }
    return isnan(value) ? NAN : most;
}

/* Not met outweighs cannot say, which outweighs met; of equals the one farther beyond the bound. */
static bool is_worse(const struct at_kpi_requirement *requirement, enum at_verdict verdict, double value, enum at_verdict than,
                     double other)
{
    static const int rank[] = {[AT_MET] = 0, [AT_CANNOT_SAY] = 1, [AT_NOT_MET] = 2};
    if (verdict != than)
        return rank[verdict] > rank[than];
    return !(excess(requirement, value) <= excess(requirement, other));
}

/* Verdicts of the units, the worst item of all; `verdicts` has room for each unit. */
static void walk(const struct at_kpi_requirement *requirement, const struct at_kpi_item *items, size_t count, enum at_verdict *verdicts,
                 struct at_kpi_finding *finding)
{
    enum at_verdict worst = AT_MET;
    finding->verdict = AT_MET;
    for (size_t i = 0; i < count; i++) {
        enum at_verdict verdict = at_kpi_judge(requirement, items[i].low, items[i].high);
        if (items[i].unit + 1 > finding->units)
            verdicts[finding->units++] = AT_MET;
        verdicts[items[i].unit] = at_verdict_both(verdicts[items[i].unit], verdict);
        if (i == 0 || is_worse(requirement, verdict, items[i].value, worst, finding->value)) {
            worst = verdict;
            finding->worst = i;
            finding->value = items[i].value;
        }
        finding->verdict = at_verdict_both(finding->verdict, verdict);
    }
    for (size_t u = 0; u < finding->units; u++) {
        finding->missing += verdicts[u] == AT_NOT_MET;
        finding->unknown += verdicts[u] == AT_CANNOT_SAY;
    }
}

/* Means of units, and of all of them. */
struct means {
    double *value, *low, *high; /* [units] */
};

static double mean(const double *values, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += values[i];
    return sum / (double)count;
}

static void average_units(const struct at_kpi_item *items, size_t count, struct means *m)
{
    for (size_t i = 0, size; i < count; i += size) {
        size_t unit = items[i].unit;
        for (size = 0; i + size < count && items[i + size].unit == unit; size++) {
            m->value[unit] += items[i + size].value;
            m->low[unit] += items[i + size].low;
            m->high[unit] += items[i + size].high;
        }
        m->value[unit] /= (double)size;
        m->low[unit] /= (double)size;
        m->high[unit] /= (double)size;
    }
}

/* Width shrinks with the root of the number of heads, if mean and spread stay: how many more until the bound lies outside. */
static int64_t further(const struct at_kpi_requirement *r, const struct at_kpi_finding *f)
{
    double needed = 0, n = (double)f->units;
    for (size_t i = 0; i < r->term_count; i++) {
        double bound = r->terms[i].bound, distance = fabs(bound - f->value);
        double half = bound > f->value ? f->interval.high - f->value : f->value - f->interval.low;
        if (at_requirement_judge_between(&r->terms[i], f->interval.low, f->interval.high) == AT_CANNOT_SAY)
            needed = fmax(needed, ceil(n * (half / distance) * (half / distance)) - n);
    }
    return needed > 1e9 ? -1 : needed >= 1 ? (int64_t)needed : 0;
}

static enum at_status infer_mean(const struct at_kpi_requirement *r, struct means *m, struct at_kpi_finding *f, struct at_error *error)
{
    struct at_interval low, high;
    struct at_error inner = {""};
    size_t resamples = (size_t)fmax(RESAMPLES, ceil(20 / (1 - r->confidence)));
    enum at_status status = at_heads_interval(m->low, NULL, f->units, r->confidence, resamples, BOOTSTRAP_SEED, &low, &inner);
    if (!status)
        status = at_heads_interval(m->high, NULL, f->units, r->confidence, resamples, BOOTSTRAP_SEED, &high, &inner);
    if (status == AT_ERR_UNDEFINED) {
        snprintf(f->why, sizeof f->why, "%.255s", inner.message);
        f->further_met = f->units < AT_HEADS_FEWEST ? AT_HEADS_FEWEST - (int64_t)f->units : 0;
    }
    if (status)
        return status == AT_ERR_UNDEFINED ? AT_OK : at_fail(error, status, "%s", inner.message);
    f->interval = (struct at_interval){low.low, high.high};
    f->verdict = at_kpi_judge(r, low.low, high.high);
    if (f->verdict == AT_CANNOT_SAY && at_kpi_judge(r, f->value, f->value) == AT_MET)
        f->further_met = further(r, f);
    else if (f->verdict == AT_CANNOT_SAY)
        f->further_not_met = further(r, f);
    return AT_OK;
}

static enum at_status decide_mean(const struct at_kpi_requirement *r, const struct at_kpi_item *items, size_t count, bool whole,
                                  struct at_kpi_finding *f, struct at_error *error)
{
    double *room = calloc(3 * f->units + 1, sizeof *room);
    if (!room)
        return at_fail(error, AT_ERR_MEMORY, "mean: out of memory for %zu heads", f->units);
    struct means m = {room, room + f->units, room + 2 * f->units};
    average_units(items, count, &m);
    double low = mean(m.low, f->units), high = mean(m.high, f->units);
    f->value = mean(m.value, f->units);
    f->verdict = at_kpi_judge(r, low, high);
    if (!whole && (f->verdict == AT_MET || !isinf(low))) /* heads that give infinity do not average away: that can be not met */
        f->verdict = AT_CANNOT_SAY;
    enum at_status status = whole || !isfinite(low) || !isfinite(high) ? AT_OK : infer_mean(r, &m, f, error);
    free(room);
    return status;
}

enum at_status at_kpi_decide(const struct at_kpi_requirement *requirement, const struct at_kpi_item *items, size_t count, bool whole,
                             struct at_kpi_finding *ret_finding, struct at_error *error)
{
    struct at_kpi_finding f = {.verdict = AT_CANNOT_SAY, .value = NAN, .interval = {NAN, NAN}, .items = count};
    enum at_verdict *verdicts = calloc(count + 1, sizeof *verdicts);
    enum at_status status = verdicts ? AT_OK : at_fail(error, AT_ERR_MEMORY, "KPI: out of memory for %zu values", count);
    if (!status && count) {
        walk(requirement, items, count, verdicts, &f);
        if (requirement->statistic == AT_KPI_QUANTILE)
            status = at_kpi_decide_share(requirement, whole, &f, error);
        else if (requirement->statistic == AT_KPI_MEAN)
            status = decide_mean(requirement, items, count, whole, &f, error);
    }
    free(verdicts);
    if (!status)
        *ret_finding = f;
    return status;
}
