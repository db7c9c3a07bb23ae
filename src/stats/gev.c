/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "stats/gev.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_multimin.h>
#include <math.h>
#include <stdbool.h>

/* Below this shape the limit of shape 0 with its next term is nearer than the quotient: error y^3 shape^2 / 3 for |y| of some tens. */
static const double flat = 0x1p-26;

/* What the minimiser takes for "no such distribution". */
static const double impossible = 1e100;

/* ln(1 + shape y)/shape = -ln t; -INFINITY below the support, INFINITY above it. */
static double reduced(double shape, double y)
{
    if (fabs(shape) < flat)
        return y - shape * y * y / 2;
    double inside = shape * y;
    if (inside <= -1)
        return shape > 0 ? -INFINITY : INFINITY;
    return log1p(inside) / shape;
}

/* (t^-shape - 1)/shape, the inverse of the above with t = exponent. */
static double expanded(double shape, double exponent)
{
    double w = -log(exponent);
    return fabs(shape) < flat ? w + shape * w * w / 2 : expm1(shape * w) / shape;
}

double at_gev_exponent(const struct at_gev *gev, double x)
{
    return exp(-reduced(gev->shape, (x - gev->location) / gev->scale));
}

double at_gev_inverse(const struct at_gev *gev, double exponent)
{
    return gev->location + gev->scale * expanded(gev->shape, exponent);
}

struct problem {
    const double *values;
    size_t count;
    enum at_gev_fixed fixed;
    double value, exponent;
};

/* Free parameters, in this order: location (unless a quantile takes its place), ln scale, shape (unless fixed). */
static struct at_gev unpack(const struct problem *p, const gsl_vector *free)
{
    size_t next = 0;
    struct at_gev g = {0};
    if (p->fixed != AT_GEV_QUANTILE)
        g.location = gsl_vector_get(free, next++);
    g.scale = exp(gsl_vector_get(free, next++));
    g.shape = p->fixed == AT_GEV_SHAPE ? p->value : gsl_vector_get(free, next);
    if (p->fixed == AT_GEV_QUANTILE)
        g.location = p->value - g.scale * expanded(g.shape, p->exponent);
    return g;
}

static void pack(const struct problem *p, const struct at_gev *gev, gsl_vector *free)
{
    size_t next = 0;
    if (p->fixed != AT_GEV_QUANTILE)
        gsl_vector_set(free, next++, gev->location);
    gsl_vector_set(free, next++, log(gev->scale));
    if (p->fixed != AT_GEV_SHAPE)
        gsl_vector_set(free, next, gev->shape);
}

/* -ln likelihood = n ln scale + sum of (1 + shape) w + exp(-w), w = -ln t. */
static double minus_log_likelihood(const gsl_vector *free, void *context)
{
    const struct problem *p = context;
    struct at_gev g = unpack(p, free);
    if (!(g.shape > -1 && g.shape < 1) || !(g.scale > 0) || !isfinite(g.scale))
        return impossible;
    double sum = (double)p->count * log(g.scale);
    for (size_t i = 0; i < p->count; i++) {
        double w = reduced(g.shape, (p->values[i] - g.location) / g.scale);
        sum += (1 + g.shape) * w + exp(-w);
    }
    return isfinite(sum) ? fmin(sum, impossible) : impossible;
}

/* One run of the simplex from `free`, which becomes the minimum. */
static enum at_status descend(gsl_multimin_fminimizer *minimiser, gsl_multimin_function *function, gsl_vector *free, gsl_vector *step,
                              double size, double *ret_minimum)
{
    gsl_vector_set_all(step, size);
    if (gsl_multimin_fminimizer_set(minimiser, function, free, step))
        return AT_ERR_UNDEFINED;
    for (int i = 0; i < 2000; i++) {
        if (gsl_multimin_fminimizer_iterate(minimiser))
            break;
        if (gsl_multimin_test_size(gsl_multimin_fminimizer_size(minimiser), 1e-5) == GSL_SUCCESS)
            break;
    }
    *ret_minimum = gsl_multimin_fminimizer_minimum(minimiser);
    gsl_vector_memcpy(free, gsl_multimin_fminimizer_x(minimiser));
    return *ret_minimum < impossible ? AT_OK : AT_ERR_UNDEFINED;
}

enum at_status at_gev_maximise(const double *values, size_t count, enum at_gev_fixed fixed, double value, double exponent,
                               const struct at_gev *start, struct at_gev *ret_gev, double *ret_log_likelihood)
{
    struct problem problem = {values, count, fixed, value, exponent};
    size_t dimensions = fixed == AT_GEV_FREE ? 3 : 2;
    gsl_multimin_function function = {minus_log_likelihood, dimensions, &problem};
    gsl_multimin_fminimizer *minimiser = gsl_multimin_fminimizer_alloc(gsl_multimin_fminimizer_nmsimplex2, dimensions);
    gsl_vector *free = gsl_vector_alloc(dimensions), *step = gsl_vector_alloc(dimensions);
    enum at_status status = minimiser && free && step ? AT_OK : AT_ERR_MEMORY;
    double minimum = impossible;
    if (!status) {
        pack(&problem, start, free);
        status = descend(minimiser, &function, free, step, 0.2, &minimum);
    }
    if (!status) /* again from there: a simplex may collapse on its way */
        status = descend(minimiser, &function, free, step, 0.05, &minimum);
    if (!status) {
        *ret_gev = unpack(&problem, free);
        *ret_log_likelihood = -minimum;
    }
    gsl_vector_free(step);
    gsl_vector_free(free);
    gsl_multimin_fminimizer_free(minimiser);
    return status;
}
