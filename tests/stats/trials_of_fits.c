/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "trial.h"

#include "stats/power_law.h"

#include <math.h>

/*
 * Errors of heads at x = 1, 2, 4, ..., 64: y = value of the head times x^(1.5 + own slope) exp(0.2 e). parameter: the standard deviation of
 * the own slopes; with 0 points are independent given the head.
 */
enum { POINTS = 7 };
static const double exponent = 1.5;

static void sweep(const struct trial *trial, uint64_t seed, double *ret_x, double *ret_y)
{
    double value[TRIAL_MOST_HEADS];
    struct at_random key = {seed, 41};
    uint64_t counter = 0;
    trial_heads(trial, seed, value);
    for (int h = 0; h < trial->heads; h++) {
        double own = exponent + trial->parameter * at_random_normal(key, counter++);
        for (int i = 0; i < POINTS; i++) {
            ret_x[h * POINTS + i] = ldexp(1, i);
            ret_y[h * POINTS + i] = value[h] * pow(ldexp(1, i), own) * exp(0.2 * at_random_normal(key, counter++));
        }
    }
}

static bool holds(const struct at_power_law *law)
{
    return law->interval.low <= exponent && exponent <= law->interval.high;
}

static enum answer by_heads(const struct trial *trial, uint64_t seed)
{
    double x[TRIAL_MOST_HEADS * POINTS], y[TRIAL_MOST_HEADS * POINTS];
    struct at_power_law law;
    sweep(trial, seed, x, y);
    return !at_power_law_heads(x, POINTS, y, (size_t)trial->heads, 0.95, &law) && holds(&law) ? ANSWER_RIGHT : ANSWER_WRONG;
}

/* All points of all heads as independent ones: wrong. */
static enum answer naive(const struct trial *trial, uint64_t seed)
{
    double x[TRIAL_MOST_HEADS * POINTS], y[TRIAL_MOST_HEADS * POINTS];
    struct at_power_law law;
    sweep(trial, seed, x, y);
    return !at_power_law_points(x, y, (size_t)trial->heads * POINTS, 0.95, &law) && holds(&law) ? ANSWER_RIGHT : ANSWER_WRONG;
}

/* One head for each x = 1, 1.3, 1.69, ..., or, with parameter 1, for each of 8 x in turn; residuals are the heads' own values. */
static void points(const struct trial *trial, uint64_t seed, double *ret_x, double *ret_y)
{
    trial_heads(trial, seed, ret_y);
    for (int h = 0; h < trial->heads; h++) {
        ret_x[h] = pow(1.3, trial->parameter > 0 ? h % 8 : h);
        ret_y[h] *= pow(ret_x[h], exponent);
    }
}

static enum answer least_squares(const struct trial *trial, uint64_t seed)
{
    double x[TRIAL_MOST_HEADS], y[TRIAL_MOST_HEADS];
    struct at_power_law law;
    points(trial, seed, x, y);
    return !at_power_law_points(x, y, (size_t)trial->heads, 0.95, &law) && holds(&law) ? ANSWER_RIGHT : ANSWER_WRONG;
}

static enum answer theil_sen(const struct trial *trial, uint64_t seed)
{
    double x[TRIAL_MOST_HEADS], y[TRIAL_MOST_HEADS];
    struct at_power_law law;
    points(trial, seed, x, y);
    return !at_power_law_theil_sen(x, y, (size_t)trial->heads, 0.95, &law) && holds(&law) ? ANSWER_RIGHT : ANSWER_WRONG;
}

const struct trial trials_of_fits[] = {
    {"exponent by heads, own slopes", POPULATION_LOG_NORMAL, 8, CLAIM_NOMINAL, by_heads, 0.2, 0, 0, 0},
    {"exponent by heads", POPULATION_PARETO, 24, CLAIM_NOMINAL, by_heads, 0, 0, 0, 0},
    {"exponent by points, own slopes, naive", POPULATION_CORRELATED, 8, CLAIM_CONTRAST, naive, 0.6, 0, 0, 4},
    {"exponent, least squares", POPULATION_LOG_NORMAL, 8, CLAIM_NOMINAL, least_squares, 0, 0, 0, 0},
    {"exponent, least squares", POPULATION_PARETO, 24, CLAIM_NOMINAL, least_squares, 0, 0, 0, 0},
    {"exponent, Theil-Sen", POPULATION_LOG_NORMAL, 12, CLAIM_NOMINAL, theil_sen, 0, 0, 0, 0},
    {"exponent, Theil-Sen", POPULATION_PARETO, 24, CLAIM_NOMINAL, theil_sen, 0, 0, 0, 0},
    {"exponent, Theil-Sen, equal x", POPULATION_PARETO, 48, CLAIM_NOMINAL, theil_sen, 1, 0, 0, 0},
};
const size_t trials_of_fits_count = sizeof trials_of_fits / sizeof *trials_of_fits;
