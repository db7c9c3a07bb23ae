/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "stats/tail.h"

#include "core/random.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort_double.h>
#include <math.h>
#include <stdlib.h>

enum { TAIL_STREAM = 0x7461696c }; /* "tail" */

/* The values on a scale of their own: (x - centre)/spread, ascending; with the fit of them. */
struct fit {
    double *sorted;
    size_t count;
    double centre, spread;
    struct at_gev gev;
    double log_likelihood;
};

/* Gumbel's distribution with the interquartile range and median of the values (0.37 and 1.57: its own), inside any support. */
static const struct at_gev start = {-0.233, 0.636, 0.05};

static enum at_status fit_sorted(struct fit *fit)
{
    size_t n = fit->count;
    fit->centre = fit->sorted[n / 2];
    fit->spread = fit->sorted[n - 1 - n / 4] - fit->sorted[n / 4];
    if (!(fit->spread > 0) || !isfinite(fit->spread))
        return AT_ERR_UNDEFINED;
    for (size_t i = 0; i < n; i++)
        fit->sorted[i] = (fit->sorted[i] - fit->centre) / fit->spread;
    struct at_gev from = start;
    if (from.location - from.scale / from.shape >= fit->sorted[0]) /* its lower end */
        from.shape = 0;
    return at_gev_maximise(fit->sorted, n, AT_GEV_FREE, 0, 0, &from, &fit->gev, &fit->log_likelihood);
}

static enum at_status open_fit(const double *values, size_t heads, double level, struct fit *ret_fit, struct at_error *error)
{
    if (!(level > 0 && level < 1))
        return at_fail(error, AT_ERR_ARGUMENT, "tail: level %g: give one between 0 and 1", level);
    if (heads < AT_TAIL_FEWEST)
        return at_fail(error, AT_ERR_UNDEFINED, "tail: %zu heads; a fit needs %d", heads, AT_TAIL_FEWEST);
    for (size_t i = 0; i < heads; i++)
        if (!isfinite(values[i]))
            return at_fail(error, AT_ERR_UNDEFINED, "tail: the value of head %zu is not finite; no distribution fits that", i);
    struct fit fit = {.sorted = malloc(heads * sizeof *fit.sorted), .count = heads};
    if (!fit.sorted)
        return at_fail(error, AT_ERR_MEMORY, "tail: no memory for %zu heads", heads);
    for (size_t i = 0; i < heads; i++)
        fit.sorted[i] = values[i];
    gsl_sort(fit.sorted, 1, heads);
    enum at_status status = fit_sorted(&fit);
    if (status || fit.gev.shape <= -0.5 || fit.gev.shape >= 0.99) {
        free(fit.sorted);
        return at_fail(error, AT_ERR_UNDEFINED,
                       status ? "tail: %zu heads: no generalised extreme value distribution fits; half of the values may be equal"
                              : "tail: %zu heads: the fitted shape is at or outside -1/2 to 1, where its precision is unknown",
                       heads);
    }
    *ret_fit = fit;
    return AT_OK;
}

/* The largest log likelihood with the shape, or the quantile at `exponent`, held at `value`; -INFINITY where there is none. */
struct profile {
    const struct fit *fit;
    enum at_gev_fixed fixed;
    double exponent, drop; /* the interval's end is where the log likelihood has fallen by `drop` */
    struct at_gev last;    /* where the next maximisation begins */
};

static double profile_at(struct profile *profile, double value)
{
    struct at_gev gev;
    double log_likelihood;
    double reach = 1 + fmax(-profile->fit->sorted[0], profile->fit->sorted[profile->fit->count - 1]);
    struct at_gev wide = {0, reach, 0}; /* whatever is held fixed, inside its support */
    const struct at_gev *from[] = {&profile->last, &profile->fit->gev, &wide};
    for (int i = 0; i < 3; i++)
        if (!at_gev_maximise(profile->fit->sorted, profile->fit->count, profile->fixed, value, profile->exponent, from[i], &gev,
                             &log_likelihood)) {
            profile->last = gev;
            return log_likelihood;
        }
    return -INFINITY;
}

/* From the estimate outwards by growing steps, then bisection; `limit` when the likelihood does not fall enough before it. */
static double profile_end(struct profile *profile, double estimate, double step, double limit)
{
    double floor = profile->fit->log_likelihood - profile->drop, inside = estimate, outside = estimate + step;
    profile->last = profile->fit->gev;
    while (profile_at(profile, outside) > floor) {
        inside = outside;
        step *= 1.6;
        outside += step;
        if ((outside - limit) * step >= 0)
            return limit;
    }
    profile->last = profile->fit->gev;
    for (int i = 0; i < 12; i++) {
        double middle = inside + (outside - inside) / 2;
        if (profile_at(profile, middle) > floor)
            inside = middle;
        else
            outside = middle;
    }
    return outside;
}

static double drop(double level)
{
    return gsl_cdf_chisq_Pinv(level, 1) / 2;
}

enum at_status at_tail_level(const double *values, size_t heads, double period, double level, struct at_return_level *ret_level,
                             struct at_error *error)
{
    if (!(period > 1))
        return at_fail(error, AT_ERR_ARGUMENT, "tail: a level exceeded by one head in %g: give a number above 1", period);
    if (period > (double)AT_TAIL_REACH * (double)heads)
        return at_fail(error, AT_ERR_UNDEFINED,
                       "tail: %zu heads say nothing about one head in %.10g: at most %d times their number; needs %.0f", heads, period,
                       AT_TAIL_REACH, fmax(ceil(period / AT_TAIL_REACH), AT_TAIL_FEWEST));
    struct fit fit;
    enum at_status status = open_fit(values, heads, level, &fit, error);
    if (status)
        return status;
    double exponent = -log1p(-1 / period), estimate = at_gev_inverse(&fit.gev, exponent);
    struct profile profile = {&fit, AT_GEV_QUANTILE, exponent, drop(level), fit.gev};
    double step = (fabs(estimate) + 1) / sqrt((double)heads);
    double low = profile_end(&profile, estimate, -step, -INFINITY), high = profile_end(&profile, estimate, step, INFINITY);
    free(fit.sorted);
    *ret_level = (struct at_return_level){
        (int64_t)heads, period, level, fit.centre + fit.spread * estimate, {fit.centre + fit.spread * low, fit.centre + fit.spread * high}};
    return AT_OK;
}

/* How many of `draws` samples of the fitted distribution, each with a fit of its own, lie as far from their fit. */
static enum at_status test_fit(const struct fit *fit, double distance, size_t draws, uint64_t seed, double *ret_p_value)
{
    struct at_random key = {seed, TAIL_STREAM};
    struct fit copy = {.sorted = malloc(fit->count * sizeof *copy.sorted), .count = fit->count};
    uint64_t counter = 0;
    size_t as_far = 0;
    if (!copy.sorted)
        return AT_ERR_MEMORY;
    for (size_t draw = 0; draw < draws; draw++) {
        for (size_t i = 0; i < fit->count; i++)
            copy.sorted[i] = at_gev_inverse(&fit->gev, -log(at_random_uniform(key, counter++)));
        gsl_sort(copy.sorted, 1, fit->count);
        as_far += !fit_sorted(&copy) && at_anderson_darling(copy.sorted, copy.count, &copy.gev) >= distance;
    }
    free(copy.sorted);
    *ret_p_value = draws ? (double)(as_far + 1) / (double)(draws + 1) : NAN;
    return AT_OK;
}

enum at_status at_tail_fit(const double *values, size_t heads, double level, size_t draws, uint64_t seed, struct at_tail *ret_tail,
                           struct at_error *error)
{
    struct fit fit;
    if (draws > 0 && draws < AT_TAIL_DRAWS)
        return at_fail(error, AT_ERR_ARGUMENT, "tail: %zu draws cannot reject at 5 %%: give %d or more, or 0 for no test", draws,
                       AT_TAIL_DRAWS);
    enum at_status status = open_fit(values, heads, level, &fit, error);
    if (status)
        return status;
    struct profile profile = {&fit, AT_GEV_SHAPE, 0, drop(level), fit.gev};
    double step = 0.5 / sqrt((double)heads);
    struct at_tail tail = {.heads = (int64_t)heads, .level = level};
    tail.shape = (struct at_interval){profile_end(&profile, fit.gev.shape, -step, -1), profile_end(&profile, fit.gev.shape, step, 1)};
    tail.anderson_darling = at_anderson_darling(fit.sorted, heads, &fit.gev);
    tail.gev = (struct at_gev){fit.centre + fit.spread * fit.gev.location, fit.spread * fit.gev.scale, fit.gev.shape};
    status = test_fit(&fit, tail.anderson_darling, draws, seed, &tail.p_value);
    free(fit.sorted);
    if (status)
        return at_fail(error, status, "tail: no memory for %zu heads", heads);
    *ret_tail = tail;
    return AT_OK;
}
