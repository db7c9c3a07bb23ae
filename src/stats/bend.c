/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "stats/bend.h"

#include "stats/logarithm.h"

#include <float.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

/* Each head's own line v = level + slope u, and its own parabola level + slope u + curvature (u^2 - skew u - square / count). */
struct lines {
    size_t count, heads;
    double *u, *v;                     /* [count] ln x - centre; [heads][count] ln y, later the residuals from the lines */
    double centre, square, skew;       /* mean of ln x; sum u^2; sum u^3 / sum u^2 */
    double largest;                    /* |ln y| */
    double *level, *slope, *curvature; /* [heads] */
};

static void lines_done(struct lines *l)
{
    free(l->u);
    free(l->v);
    free(l->level);
}

/* Of the parabola: orthogonal to 1 and u over the points. */
static double parabola(const struct lines *l, double u)
{
    return u * u - l->skew * u - l->square / (double)l->count;
}

static void fit_head(struct lines *l, size_t h)
{
    double *v = l->v + h * l->count, product = 0, norm = 0, bend = 0;
    l->level[h] = gsl_stats_mean(v, 1, l->count);
    for (size_t i = 0; i < l->count; i++) {
        double w = parabola(l, l->u[i]);
        l->largest = fmax(l->largest, fabs(v[i]));
        product += l->u[i] * (v[i] - l->level[h]);
        bend += w * (v[i] - l->level[h]);
        norm += w * w;
    }
    l->slope[h] = product / l->square;
    l->curvature[h] = bend / norm;
    for (size_t i = 0; i < l->count; i++)
        v[i] -= l->level[h] + l->slope[h] * l->u[i];
}

static void fit(struct lines *l)
{
    double cube = 0;
    l->centre = gsl_stats_mean(l->u, 1, l->count);
    for (size_t i = 0; i < l->count; i++) {
        l->u[i] -= l->centre;
        l->square += l->u[i] * l->u[i];
        cube += l->u[i] * l->u[i] * l->u[i];
    }
    l->skew = cube / l->square;
    for (size_t h = 0; h < l->heads; h++)
        fit_head(l, h);
}

/* Free with lines_done, whatever it returns. */
static enum at_status lines_make(const double *x, size_t count, const double *y, size_t heads, struct lines *ret_lines)
{
    struct lines l = {.count = count, .heads = heads};
    if (count < 3 || heads < 1)
        return AT_ERR_UNDEFINED;
    for (size_t i = 1; i < count; i++)
        if (!(x[i] > x[i - 1]))
            return AT_ERR_UNDEFINED;
    enum at_status status = at_logarithms(x, count, &l.u);
    if (!status)
        status = at_logarithms(y, heads * count, &l.v);
    if (!status) {
        l.level = calloc(3 * heads, sizeof *l.level);
        l.slope = l.level + heads;
        l.curvature = l.level + 2 * heads;
        status = l.level ? AT_OK : AT_ERR_MEMORY;
    }
    if (!status)
        fit(&l);
    *ret_lines = l;
    return status;
}

/* The heads' mean residual at point i. */
static double mean_at(const struct lines *l, size_t i)
{
    return gsl_stats_mean(l->v + i, l->count, l->heads);
}

static double p_value(const struct lines *l, const double *mean)
{
    double n = (double)l->heads, room = (double)l->count - 2, lack = 0, trace = 0, squares = 0, most = 0;
    for (size_t i = 0; i < l->count; i++) {
        lack += mean[i] * mean[i];
        most = fmax(most, fabs(mean[i]));
    }
    if (l->heads < 2)
        return NAN;
    if (most <= 16 * (double)l->count * DBL_EPSILON * (1 + l->largest))
        return 1;
    for (size_t i = 0; i < l->count; i++)
        for (size_t j = 0; j < l->count; j++) {
            double s = 0;
            for (size_t h = 0; h < l->heads; h++)
                s += (l->v[h * l->count + i] - mean[i]) * (l->v[h * l->count + j] - mean[j]);
            s /= n - 1;
            squares += s * s;
            trace += i == j ? s : 0;
        }
    if (!(trace > 0))
        return 0;
    double narrow = fmax(1, fmin(room, trace * trace / squares)); /* Greenhouse and Geisser's: too small for few heads */
    double freedom = n - 1 > narrow ? fmax(narrow, fmin(room, (n * narrow - 2) / (n - 1 - narrow))) : room;
    return gsl_cdf_fdist_Q(n * lack / trace, freedom, freedom * (n - 1));
}

static enum at_status check(const struct lines *l, struct at_bend *ret_bend)
{
    double *mean = malloc(l->count * sizeof *mean);
    if (!mean)
        return AT_ERR_MEMORY;
    struct at_bend bend = {.least = INFINITY, .most = -INFINITY};
    double slope = gsl_stats_mean(l->slope, 1, l->heads), farthest = 0;
    for (size_t i = 0; i < l->count; i++) {
        mean[i] = mean_at(l, i);
        farthest = fmax(farthest, fabs(mean[i]));
        double local = i ? slope + (mean[i] - mean[i - 1]) / (l->u[i] - l->u[i - 1]) : NAN;
        bend.least = fmin(bend.least, local);
        bend.most = fmax(bend.most, local);
    }
    bend.factor = exp(farthest);
    bend.p_value = p_value(l, mean);
    free(mean);
    *ret_bend = bend;
    return AT_OK;
}

enum at_status at_power_law_bend(const double *x, size_t count, const double *y, size_t heads, struct at_bend *ret_bend)
{
    struct lines l = {0};
    enum at_status status = lines_make(x, count, y, heads, &l);
    if (!status)
        status = check(&l, ret_bend);
    lines_done(&l);
    return status;
}

/* Student's interval of the heads' values at `u`, as factors; curved: of the parabolas. */
static enum at_status interval_at(const struct lines *l, double u, bool curved, double level, double *ret_value, struct at_interval *ret)
{
    double n = (double)l->heads, *at = malloc(l->heads * sizeof *at);
    if (!at)
        return AT_ERR_MEMORY;
    for (size_t h = 0; h < l->heads; h++)
        at[h] = l->level[h] + l->slope[h] * u + (curved ? l->curvature[h] * parabola(l, u) : 0);
    double mean = gsl_stats_mean(at, 1, l->heads);
    double half = gsl_cdf_tdist_Qinv((1 - level) / 2, n - 1) * gsl_stats_sd_m(at, 1, l->heads, mean) / sqrt(n);
    free(at);
    *ret_value = exp(mean);
    *ret = (struct at_interval){exp(mean - half), exp(mean + half)};
    return AT_OK;
}

/* In widths of the range: the message holds for any axis on which the law is a line. */
static enum at_status refuse_distance(const struct lines *l, double u, struct at_error *error)
{
    double first = l->u[0], last = l->u[l->count - 1], beyond = fmax(first - u, u - last) / (last - first);
    if (beyond <= AT_REACH_WIDTHS + 8 * DBL_EPSILON * (1 + fabs(l->centre) / (last - first)))
        return AT_OK;
    return at_fail(error, AT_ERR_UNDEFINED,
                   "it lies %.3g widths of the fitted range beyond its end, on the axis of the fit; at most %g is answered, where a bend "
                   "that the data could have missed counts 5.5 times: measure nearer to it",
                   beyond, AT_REACH_WIDTHS);
}

static enum at_status reach(const struct lines *l, double level, double at, struct at_reach *ret_reach, struct at_error *error)
{
    struct at_bend bend;
    struct at_reach r;
    double middle, u = log(at) - l->centre;
    enum at_status status = check(l, &bend);
    if (!status && bend.p_value <= AT_BEND_LEVEL)
        status =
            at_fail(error, AT_ERR_UNDEFINED,
                    "the line does not hold where it was fitted (p = %.2g): nothing is drawn out; fit a part of the range", bend.p_value);
    if (!status)
        status = refuse_distance(l, u, error);
    if (!status)
        status = interval_at(l, u, false, level, &r.value, &r.line);
    if (!status)
        status = interval_at(l, u, true, level, &middle, &r.bent);
    if (status)
        return status;
    r.bent = (struct at_interval){fmin(r.bent.low, r.line.low), fmax(r.bent.high, r.line.high)};
    if (!(r.bent.high / r.bent.low <= AT_REACH_FACTOR * AT_REACH_FACTOR))
        return at_fail(
            error, AT_ERR_UNDEFINED,
            "a bend that %zu heads on %zu points could have missed makes it %.2g to %.2g there, wider than a factor %g to either side; "
            "take more heads, or measure nearer to it",
            l->heads, l->count, r.bent.low, r.bent.high, AT_REACH_FACTOR);
    *ret_reach = r;
    return AT_OK;
}

enum at_status at_power_law_reach(const double *x, size_t count, const double *y, size_t heads, double level, double at,
                                  struct at_reach *ret_reach, struct at_error *error)
{
    struct lines l = {0};
    if (!(level > 0 && level < 1) || !(at > 0) || isinf(at))
        return at_fail(error, AT_ERR_ARGUMENT, "%g is no place to draw a power law out to; give a finite number above 0", at);
    if (heads < 2)
        return at_fail(error, AT_ERR_UNDEFINED, "one head: nothing checks the line; take more heads or seeds");
    enum at_status status = lines_make(x, count, y, heads, &l);
    if (status)
        at_fail(error, status, "%s", status == AT_ERR_MEMORY ? "out of memory" : "a fit takes 3 points or more, all above 0");
    else
        status = reach(&l, level, at, ret_reach, error);
    lines_done(&l);
    return status;
}
