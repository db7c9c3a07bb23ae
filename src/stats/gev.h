/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STATS_GEV_H
#define AT_STATS_GEV_H

#include "core/status.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Generalised extreme value distribution (Coles, An Introduction to Statistical Modeling of Extreme Values, 2001, section 3.1.3):
 * P(X <= x) = exp(-t), t = (1 + shape (x - location)/scale)^(-1/shape), exp(-(x - location)/scale) for shape 0. shape < 0: bounded above.
 */
struct at_gev {
    double location, scale, shape;
};

/* -ln P(X <= x), from INFINITY below the support to 0 above it. */
double at_gev_exponent(const struct at_gev *gev, double x);

/* The x with -ln P(X <= x) = exponent > 0. */
double at_gev_inverse(const struct at_gev *gev, double exponent);

/* What a maximisation holds fixed. */
enum at_gev_fixed { AT_GEV_FREE, AT_GEV_SHAPE, AT_GEV_QUANTILE };

/*
 * Maximum likelihood by the simplex method, shape in (-1, 1): below -1 the likelihood has no maximum. `values` are near 0 with a spread
 * near 1 (the caller scales them).
 *   fixed, value, exponent: the shape is `value`, or the x with -ln P(X <= x) = exponent is
 *   start: where to begin, inside the support of all values
 * AT_ERR_UNDEFINED when no maximum is found.
 */
enum at_status at_gev_maximise(const double *values, size_t count, enum at_gev_fixed fixed, double value, double exponent,
                               const struct at_gev *start, struct at_gev *ret_gev, double *ret_log_likelihood);

#ifdef __cplusplus
}
#endif

#endif
