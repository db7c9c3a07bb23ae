/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STATS_BEND_H
#define AT_STATS_BEND_H

#include "stats/stats.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Whether heads follow a power law at all, and how far it may be drawn out. As in at_power_law_heads: y[head * count + i] is head's
 * error at x[i], all > 0 and finite; here x ascends strictly and count >= 3.
 */
struct at_bend {
    double p_value;     /* of a straight line of ln y on ln x; NaN: one head, nothing to check by */
    double factor;      /* >= 1: how far the heads' geometric mean lies off the line, where it does most */
    double least, most; /* exponents between neighbouring x, of that mean */
};

/* At or below it the law is rejected. */
#define AT_BEND_LEVEL 0.05

/*
 * With the residuals r_h of each head from its own line, their mean r and covariance S (of rank k = count - 2):
 *   F = heads |r|^2 / tr S with e k and e k (heads - 1) degrees of freedom
 *   g = (tr S)^2 / (k tr S^2), e = (heads k g - 2) / (k (heads - 1 - k g))
 * e within [g, 1]: the lack-of-fit test of repeated measures, residuals of one head may depend on each other (Huynh and Feldt, J. Educ.
 * Stat. 1 (1976) 69). Simulated with 4 to 12 heads on 7 points it rejects straight lines in 3.4 to 5.5 %. Where r is within the
 * rounding of ln y, p_value is 1. heads >= 1.
 */
enum at_status at_power_law_bend(const double *x, size_t count, const double *y, size_t heads, struct at_bend *ret_bend);

/* The law at a further x: of the geometric mean over heads. */
struct at_reach {
    double value;            /* of the line */
    struct at_interval line; /* if the line goes on: Student's interval of the heads' own lines */
    struct at_interval bent; /* if it bends as the heads' own parabolas do, together with `line` */
};

/* A bent interval may be wide by this factor to either side, and `at` this many widths of the range (in ln x) beyond it, no more. */
#define AT_REACH_FACTOR 2.0
#define AT_REACH_WIDTHS 0.5

/*
 * Drawn out to `at` > 0. No data tell what lies beyond them; what they do tell is how large a bend they could have missed. A parabola
 * that is off the line by d within the range (evenly spaced ln x, many points) is off it by 5.5 d half the range's width beyond an end,
 * by 13 d its whole width beyond. AT_ERR_UNDEFINED with a message: beyond either limit above, fewer than 2 heads, or a law that
 * at_power_law_bend rejects. Neither limit excludes a bend that begins where the data end: docs/sensitivity.md shows one.
 */
enum at_status at_power_law_reach(const double *x, size_t count, const double *y, size_t heads, double level, double at,
                                  struct at_reach *ret_reach, struct at_error *error);

#ifdef __cplusplus
}
#endif

#endif
