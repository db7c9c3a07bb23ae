/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "trial.h"

#include "stats/heads.h"

enum { RESAMPLES = 1000 };

static double mean_of(void *context, const size_t *pick, size_t count)
{
    const double *value = context;
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += value[pick[i]];
    return sum / (double)count;
}

static bool holds(struct at_interval interval, double truth)
{
    return interval.low <= truth && truth <= interval.high;
}

static enum answer bootstrap(const struct trial *trial, uint64_t seed)
{
    double value[TRIAL_MOST_HEADS];
    struct at_interval i;
    trial_heads(trial, seed, value);
    return !at_stats_bootstrap(mean_of, value, (size_t)trial->heads, 0.95, RESAMPLES, seed, &i) &&
                   holds(i, population_mean(trial->population))
               ? ANSWER_RIGHT
               : ANSWER_WRONG;
}

static enum answer studentised(const struct trial *trial, uint64_t seed)
{
    double value[TRIAL_MOST_HEADS];
    struct at_interval i;
    trial_heads(trial, seed, value);
    if (at_heads_interval(value, NULL, (size_t)trial->heads, 0.95, RESAMPLES, seed, &i, NULL))
        return ANSWER_REFUSED;
    return holds(i, population_mean(trial->population)) ? ANSWER_RIGHT : ANSWER_WRONG;
}

static enum answer naive(const struct trial *trial, uint64_t seed)
{
    static double element[TRIAL_MOST_HEADS * POPULATION_ELEMENTS];
    struct at_random key = {seed, 7};
    struct at_interval i;
    for (int h = 0; h < trial->heads; h++)
        population_elements(key, (uint64_t)h, element + h * POPULATION_ELEMENTS);
    return !at_naive_mean_interval(element, (size_t)trial->heads * POPULATION_ELEMENTS, 0.95, &i) && holds(i, 1) ? ANSWER_RIGHT
                                                                                                                 : ANSWER_WRONG;
}

const struct trial trials_of_means[] = {
    {"mean, studentised by heads", POPULATION_CORRELATED, 32, CLAIM_NOMINAL, studentised, .cost = 1},
    {"mean, studentised by heads", POPULATION_CORRELATED, 96, CLAIM_NOMINAL, studentised, .cost = 1},
    {"mean, studentised by heads", POPULATION_LOG_NORMAL, 32, CLAIM_NOMINAL, studentised, .cost = 1},
    {"mean, studentised by heads", POPULATION_LOG_NORMAL, 48, CLAIM_NOMINAL, studentised, .cost = 1},
    {"mean, studentised by heads", POPULATION_LOG_NORMAL, 192, CLAIM_NOMINAL, studentised, .cost = 1},
    {"mean, studentised by heads", POPULATION_PARETO, 32, CLAIM_NOMINAL, studentised, .cost = 1},
    {"mean, studentised by heads", POPULATION_PARETO, 48, CLAIM_NOMINAL, studentised, .cost = 1},
    {"mean, studentised by heads", POPULATION_PARETO, 192, CLAIM_NOMINAL, studentised, .cost = 1},
    {"mean, BCa by heads", POPULATION_CORRELATED, 16, CLAIM_NOMINAL, bootstrap, .cost = 1},
    {"mean, BCa by heads", POPULATION_CORRELATED, 48, CLAIM_NOMINAL, bootstrap, .cost = 1},
    {"mean, BCa by heads", POPULATION_LOG_NORMAL, 32, CLAIM_CONTRAST, bootstrap, .cost = 1},
    {"mean, BCa by heads", POPULATION_LOG_NORMAL, 384, CLAIM_NOMINAL, bootstrap, .cost = 1},
    {"mean, BCa by heads", POPULATION_PARETO, 48, CLAIM_CONTRAST, bootstrap, .cost = 1},
    {"mean of elements, naive", POPULATION_CORRELATED, 32, CLAIM_CONTRAST, naive, .cost = 2},
};
const size_t trials_of_means_count = sizeof trials_of_means / sizeof *trials_of_means;
