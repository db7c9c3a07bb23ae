/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STATS_POWER_LAW_H
#define AT_STATS_POWER_LAW_H

#include "stats/stats.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * y = factor x^exponent, fitted as a line of ln y on ln x. x and y are > 0 and finite, and x takes 2 values at least: else
 * AT_ERR_UNDEFINED. An exponent speaks about the x it was fitted on.
 */
struct at_power_law {
    double exponent, factor;
    struct at_interval interval; /* of the exponent */
};

/*
 * Independent points (each from heads of its own): least squares, Student's interval with count - 2 degrees of freedom, exact for normal
 * residuals of equal spread. count >= 3.
 */
enum at_status at_power_law_points(const double *x, const double *y, size_t count, double level, struct at_power_law *ret_law);

/*
 * The same heads at every x, the usual sweep: y[head * count + i] is head's error at x[i]. An exponent for each head by least squares,
 * their mean, and Student's interval with heads - 1 degrees of freedom: the head is the unit, residuals along x may depend on each other.
 * count >= 2, heads >= 2.
 */
enum at_status at_power_law_heads(const double *x, size_t count, const double *y, size_t heads, double level, struct at_power_law *ret_law);

/*
 * Theil and Sen's median of the slopes between all pairs with different x, beside least squares: a quarter of the points may be wild.
 * Interval by Kendall's statistic (Sen, JASA 63 (1968) 1379): exact null distribution for up to AT_THEIL_SEN_EXACT points with different x,
 * else the normal with Sen's variance for equal x. factor: exp(median of ln y - exponent ln x). AT_ERR_UNDEFINED also where so few points
 * give no interval of that level.
 */
enum { AT_THEIL_SEN_EXACT = 60 };
enum at_status at_power_law_theil_sen(const double *x, const double *y, size_t count, double level, struct at_power_law *ret_law);

/* A straight line through ln x, ln y: what the fits by points share. Errors are those of at_logarithms and of the fit. */
typedef enum at_status at_power_law_fit(const double *log_x, const double *log_y, size_t count, double level, struct at_power_law *ret_law);
enum at_status at_power_law_in_logarithms(at_power_law_fit *fit, const double *x, const double *y, size_t count, double level,
                                          struct at_power_law *ret_law);

#ifdef __cplusplus
}
#endif

#endif
