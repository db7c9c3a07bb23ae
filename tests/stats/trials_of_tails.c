/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "trial.h"

#include "stats/tail.h"

#include <math.h>

/* parameter: the period in numbers of heads. */

static enum answer shape(const struct trial *trial, uint64_t seed)
{
    double value[TRIAL_MOST_HEADS], truth = population_shape(trial->population);
    struct at_tail tail;
    trial_heads(trial, seed, value);
    return !at_tail_fit(value, (size_t)trial->heads, 0.95, 0, seed, &tail, NULL) && tail.shape.low <= truth && truth <= tail.shape.high
               ? ANSWER_RIGHT
               : ANSWER_WRONG;
}

static enum answer level(const struct trial *trial, uint64_t seed)
{
    double value[TRIAL_MOST_HEADS], period = trial->parameter * trial->heads,
                                    truth = population_quantile(trial->population, 1 - 1 / period);
    struct at_return_level r;
    trial_heads(trial, seed, value);
    return !at_tail_level(value, (size_t)trial->heads, period, 0.95, &r, NULL) && r.interval.low <= truth && truth <= r.interval.high
               ? ANSWER_RIGHT
               : ANSWER_WRONG;
}

static enum answer fits(const struct trial *trial, uint64_t seed)
{
    double value[TRIAL_MOST_HEADS];
    struct at_tail tail;
    trial_heads(trial, seed, value);
    return !at_tail_fit(value, (size_t)trial->heads, 0.95, 59, seed, &tail, NULL) && tail.p_value > 0.05 ? ANSWER_RIGHT : ANSWER_WRONG;
}

const struct trial trials_of_tails[] = {
    {"tail: shape", POPULATION_BOUNDED, 50, CLAIM_NOMINAL, shape, 0, 0, 0, 10},
    {"tail: shape", POPULATION_GUMBEL, 50, CLAIM_NOMINAL, shape, 0, 0, 0, 10},
    {"tail: shape", POPULATION_FRECHET, 50, CLAIM_NOMINAL, shape, 0, 0, 0, 10},
    {"tail: shape", POPULATION_BOUNDED, 100, CLAIM_NOMINAL, shape, 0, 0, 0, 10},
    {"tail: shape", POPULATION_FRECHET, 100, CLAIM_NOMINAL, shape, 0, 0, 0, 10},
    {"tail: level of 1 in n", POPULATION_GUMBEL, 50, CLAIM_NOMINAL, level, 1, 0, 0, 10},
    {"tail: level of 1 in 10 n", POPULATION_BOUNDED, 50, CLAIM_NOMINAL, level, 10, 0, 0, 10},
    {"tail: level of 1 in 10 n", POPULATION_FRECHET, 50, CLAIM_NOMINAL, level, 10, 0, 0, 10},
    {"tail: level of 1 in 10 n", POPULATION_BOUNDED, 100, CLAIM_NOMINAL, level, 10, 0, 0, 10},
    {"tail: level of 1 in 10 n", POPULATION_FRECHET, 100, CLAIM_NOMINAL, level, 10, 0, 0, 10},
    {"tail: its model not rejected", POPULATION_GUMBEL, 100, CLAIM_NOMINAL, fits, 0, 0, 0, 20},
};
const size_t trials_of_tails_count = sizeof trials_of_tails / sizeof *trials_of_tails;
