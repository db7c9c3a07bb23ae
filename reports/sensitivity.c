/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "reports/sensitivity.h"

#include "reports/interval.h"
#include "reports/number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * An exponential in x is a power law in e^t, t = (x - middle) / width of the range: t is within 1/2 over the points. Of a power law, t is
 * ln x itself and the axis x.
 */
struct axis {
    double middle, width;
};

static struct axis axis_of(const struct at_swept *s, enum at_law law)
{
    if (law == AT_LAW_POWER)
        return (struct axis){0, 1};
    double first = s->x[0], last = s->x[s->points - 1];
    return (struct axis){first + (last - first) / 2, last - first};
}

static double on_axis(struct axis axis, enum at_law law, double x)
{
    return law == AT_LAW_POWER ? x : exp((x - axis.middle) / axis.width);
}

/* The points on the axis; the caller frees. */
static double *draw_axis(const struct at_swept *s, enum at_law law)
{
    double *x = malloc(s->points * sizeof *x);
    struct axis axis = axis_of(s, law);
    for (size_t i = 0; x && i < s->points; i++)
        x[i] = on_axis(axis, law, s->x[i]);
    return x;
}

static void rescale(struct at_power_law *law, struct axis axis)
{
    law->factor *= exp(-law->exponent * axis.middle / axis.width);
    law->exponent /= axis.width;
    law->interval.low /= axis.width;
    law->interval.high /= axis.width;
}

/* Metrics that are at most about 1, where everything is wrong. */
static bool is_share(const char *metric)
{
    static const char *const names[] = {"rel_rmse", "max_rel_sum_abs", "bias",      "calc_diff",  "tv_mean",
                                        "tv_max",   "top1_flip",       "saturated", "underflowed"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i], metric) == 0)
            return true;
    return false;
}

/* Geometric means of the heads at each point; the caller frees. */
static double *means_of(const struct at_swept *s)
{
    double *mean = calloc(s->points, sizeof *mean);
    for (size_t i = 0; mean && i < s->points; i++) {
        for (size_t h = 0; h < s->heads; h++)
            mean[i] += log(s->y[h * s->points + i]) / (double)s->heads;
        mean[i] = exp(mean[i]);
    }
    return mean;
}

static enum at_status fit_median(const double *x, const double *y, size_t count, struct at_power_law *ret_law)
{
    const struct at_interval none = {NAN, NAN};
    enum at_status status = at_power_law_theil_sen(x, y, count, at_interval_level, ret_law);
    if (status == AT_ERR_UNDEFINED) { /* too few points for that level: half of it is asked for, and not told */
        status = at_power_law_theil_sen(x, y, count, 0.5, ret_law);
        ret_law->interval = none;
    }
    if (status == AT_ERR_UNDEFINED)
        *ret_law = (struct at_power_law){NAN, NAN, none};
    return status == AT_ERR_UNDEFINED ? AT_OK : status;
}

static enum at_status fit(const struct at_swept *s, enum at_law law, struct at_sensitivity *ret_fit)
{
    struct at_sensitivity made = {.swept = s, .fitted = s->points >= 3, .by_heads = s->heads >= 2};
    *ret_fit = made;
    if (!made.fitted)
        return AT_OK;
    double *x = draw_axis(s, law), *mean = means_of(s);
    struct axis axis = axis_of(s, law);
    enum at_status status = x && mean ? AT_OK : AT_ERR_MEMORY;
    if (!status && made.by_heads)
        status = at_power_law_heads(x, s->points, s->y, s->heads, at_interval_level, &made.law);
    else if (!status)
        status = at_power_law_points(x, s->y, s->points, at_interval_level, &made.law);
    if (!status)
        status = fit_median(x, mean, s->points, &made.median);
    if (!status)
        status = at_power_law_bend(x, s->points, s->y, s->heads, &made.bend);
    free(x);
    free(mean);
    made.fitted = !status;
    rescale(&made.law, axis);
    rescale(&made.median, axis);
    made.bend.least /= axis.width;
    made.bend.most /= axis.width;
    if (!status)
        *ret_fit = made;
    ret_fit->fitted = made.fitted;
    return status == AT_ERR_UNDEFINED ? AT_OK : status;
}

enum at_status at_sensitivities_load(struct at_store *store, const struct at_filter *filter, const struct at_swept_question *question,
                                     enum at_law law, struct at_sensitivities *ret_sensitivities, struct at_error *error)
{
    struct at_sensitivities made = {.law = law};
    struct at_swept_question asked = *question;
    asked.logarithmic = law == AT_LAW_POWER;
    enum at_status status = at_swept_load(store, filter, &asked, &made.swepts, error);
    if (status)
        return status;
    made.rows = calloc(made.swepts.count + 1, sizeof *made.rows);
    status = made.rows ? AT_OK : AT_ERR_MEMORY;
    for (size_t i = 0; i < made.swepts.count && !status; i++) {
        status = fit(&made.swepts.rows[i], law, &made.rows[i]);
        made.rows[i].share = is_share(filter->metric);
    }
    if (status) {
        at_sensitivities_done(&made);
        return at_fail(error, status, "sensitivity: no memory for its fits");
    }
    *ret_sensitivities = made;
    return AT_OK;
}

void at_sensitivities_done(struct at_sensitivities *sensitivities)
{
    free(sensitivities->rows);
    at_swept_done(&sensitivities->swepts);
    sensitivities->rows = NULL;
}

bool at_sensitivity_bends(const struct at_sensitivity *s)
{
    return s->fitted && s->bend.p_value <= AT_BEND_LEVEL;
}

double at_sensitivity_at(const struct at_sensitivity *s, enum at_law law, double x)
{
    return s->law.factor * exp(s->law.exponent * (law == AT_LAW_POWER ? log(x) : x));
}

enum at_status at_sensitivity_reach(const struct at_sensitivity *s, enum at_law law, double at, struct at_reach *ret_reach,
                                    struct at_error *error)
{
    struct at_reach r;
    if (!s->fitted)
        return at_fail(error, AT_ERR_UNDEFINED, "fewer than 3 points are left");
    if (law == AT_LAW_POWER && !(at > 0 && isfinite(at)))
        return at_fail(error, AT_ERR_UNDEFINED, "a power law has no value at %g", at);
    double *x = draw_axis(s->swept, law);
    if (!x)
        return at_fail(error, AT_ERR_MEMORY, "sensitivity: no memory for %zu points", s->swept->points);
    double place = on_axis(axis_of(s->swept, law), law, at);
    enum at_status status =
        place > 0 && isfinite(place)
            ? at_power_law_reach(x, s->swept->points, s->swept->y, s->swept->heads, at_interval_level, place, &r, error)
            : at_fail(error, AT_ERR_UNDEFINED, "it lies hundreds of widths of the fitted range beyond its end; measure nearer to it");
    free(x);
    bool inside = at >= s->swept->x[0] && at <= s->swept->x[s->swept->points - 1];
    if (!status && !inside && s->share && !(r.bent.high <= AT_SENSITIVITY_SMALL))
        return at_fail(error, AT_ERR_UNDEFINED,
                       "it would be up to %.2g there, and an error above %g of the whole leaves the law of small ones; measure it",
                       r.bent.high, AT_SENSITIVITY_SMALL);
    if (!status)
        *ret_reach = r;
    return status;
}

void at_sensitivity_verdict(const struct at_sensitivity *s, enum at_law law, char ret_text[AT_SENSITIVITY_TEXT_SIZE])
{
    char p[AT_NUMBER_SIZE];
    at_number_print(s->bend.p_value, p);
    if (!s->fitted)
        snprintf(ret_text, AT_SENSITIVITY_TEXT_SIZE, "no fit: %zu points", s->swept->points);
    else if (isnan(s->bend.p_value))
        snprintf(ret_text, AT_SENSITIVITY_TEXT_SIZE, "not checked: %s", s->swept->apart ? "other heads at each x" : "one head");
    else
        snprintf(ret_text, AT_SENSITIVITY_TEXT_SIZE, "%s (p %.16s)",
                 !at_sensitivity_bends(s) ? "not rejected"
                 : law == AT_LAW_POWER    ? "not a power law"
                                          : "not exponential",
                 p);
}
