/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_REPORTS_SENSITIVITY_H
#define AT_REPORTS_SENSITIVITY_H

#include "reports/swept.h"
#include "stats/bend.h"
#include "stats/power_law.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How an error grows along a sweep, fitted (docs/sensitivity.md). */

/*
 * power: y = factor x^exponent. exponential: y = factor e^(slope x), for what is counted in nats or may be 0; where below an exponent is
 * spoken of, it is that slope.
 */
enum at_law { AT_LAW_POWER, AT_LAW_EXPONENTIAL };

struct at_sensitivity {
    const struct at_swept *swept;
    bool fitted;   /* false: fewer than 3 points are left; nothing below */
    bool share;    /* of a whole, as rel_rmse is: see at_sensitivity_reach */
    bool by_heads; /* interval of the heads' own lines; else of the points, one head */
    struct at_power_law law;
    struct at_power_law median; /* Theil and Sen's, of the geometric means of the points; interval NaN: too few points */
    struct at_bend bend;
};

struct at_sensitivities {
    struct at_sensitivity *rows; /* one for each of swepts.rows */
    struct at_swepts swepts;
    enum at_law law;
};

/* As at_swept_load, whose question's `logarithmic` is set here. Free with at_sensitivities_done. */
enum at_status at_sensitivities_load(struct at_store *store, const struct at_filter *filter, const struct at_swept_question *question,
                                     enum at_law law, struct at_sensitivities *ret_sensitivities, struct at_error *error);

void at_sensitivities_done(struct at_sensitivities *sensitivities);

/* Whether the straight line is rejected. */
bool at_sensitivity_bends(const struct at_sensitivity *sensitivity);

/* The fit's value at x. */
double at_sensitivity_at(const struct at_sensitivity *sensitivity, enum at_law law, double x);

/*
 * The fit drawn out to `at`: at_power_law_reach, which says what is refused. Within the range too. Of a metric that is a share of a whole,
 * values above AT_SENSITIVITY_SMALL are refused beyond the range: an effect that takes each part of what is left, as truncation does, is
 * 1 - e^-t and leaves its law t by a share of about t/2.
 */
#define AT_SENSITIVITY_SMALL 0.1
enum at_status at_sensitivity_reach(const struct at_sensitivity *sensitivity, enum at_law law, double at, struct at_reach *ret_reach,
                                    struct at_error *error);

/*
 * What a check of the line says: "not rejected (p 0.42)", "not a power law (p 3e-5)", "not exponential (p 3e-5)", "not checked: one head",
 * "not checked: other heads at each x".
 */
enum { AT_SENSITIVITY_TEXT_SIZE = 64 };
void at_sensitivity_verdict(const struct at_sensitivity *sensitivity, enum at_law law, char ret_text[AT_SENSITIVITY_TEXT_SIZE]);

#ifdef __cplusplus
}
#endif

#endif
