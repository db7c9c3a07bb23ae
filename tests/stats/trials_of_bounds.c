/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "trial.h"

#include "stats/exceedance.h"
#include "stats/order.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <math.h>

/* parameter: the coverage (quantile); rank 1 unless said. */

static enum answer upper_of_rank(const struct trial *trial, uint64_t seed, int64_t rank)
{
    double value[TRIAL_MOST_HEADS];
    struct at_order_bound b;
    trial_heads(trial, seed, value);
    return !at_order_bound(value, (size_t)trial->heads, AT_SIDE_UPPER, 0.95, trial->parameter, rank, &b, NULL) &&
                   b.bound.high >= population_quantile(trial->population, trial->parameter)
               ? ANSWER_RIGHT
               : ANSWER_WRONG;
}

static enum answer upper(const struct trial *trial, uint64_t seed)
{
    return upper_of_rank(trial, seed, 1);
}

static enum answer upper_second(const struct trial *trial, uint64_t seed)
{
    return upper_of_rank(trial, seed, 2);
}

static enum answer lower(const struct trial *trial, uint64_t seed)
{
    double value[TRIAL_MOST_HEADS];
    struct at_order_bound b;
    trial_heads(trial, seed, value);
    return !at_order_bound(value, (size_t)trial->heads, AT_SIDE_LOWER, 0.95, trial->parameter, 1, &b, NULL) &&
                   b.bound.low <= population_quantile(trial->population, 1 - trial->parameter)
               ? ANSWER_RIGHT
               : ANSWER_WRONG;
}

/* The share between the bounds, by the known distribution of the log-normal heads. */
static enum answer both(const struct trial *trial, uint64_t seed)
{
    double value[TRIAL_MOST_HEADS];
    struct at_order_bound b;
    trial_heads(trial, seed, value);
    return !at_order_bound(value, (size_t)trial->heads, AT_SIDE_BOTH, 0.95, trial->parameter, 1, &b, NULL) &&
                   gsl_cdf_ugaussian_P(log(b.bound.high)) - gsl_cdf_ugaussian_P(log(b.bound.low)) >= trial->parameter
               ? ANSWER_RIGHT
               : ANSWER_WRONG;
}

static enum answer quantile(const struct trial *trial, uint64_t seed)
{
    double value[TRIAL_MOST_HEADS], attained, truth = population_quantile(trial->population, trial->parameter);
    struct at_interval i;
    trial_heads(trial, seed, value);
    return !at_order_quantile(value, (size_t)trial->heads, trial->parameter, 0.95, &i, &attained, NULL) && i.low <= truth && truth <= i.high
               ? ANSWER_RIGHT
               : ANSWER_WRONG;
}

/* The elements taken for heads, with the largest rank: what the bound says about the share of elements. */
static enum answer naive(const struct trial *trial, uint64_t seed)
{
    static double element[TRIAL_MOST_HEADS * POPULATION_ELEMENTS];
    struct at_random key = {seed, 8};
    struct at_order_bound b;
    for (int h = 0; h < trial->heads; h++)
        population_elements(key, (uint64_t)h, element + h * POPULATION_ELEMENTS);
    return !at_order_bound(element, (size_t)trial->heads * POPULATION_ELEMENTS, AT_SIDE_UPPER, 0.95, trial->parameter, 0, &b, NULL) &&
                   b.bound.high >= population_element_quantile(trial->parameter)
               ? ANSWER_RIGHT
               : ANSWER_WRONG;
}

/* Sums of GSL's binomial probabilities, not the room's own tails: P(at least `hits` of n beyond the quantile). */
static double at_least(int hits, int n, double share)
{
    double below = 0;
    for (int k = 0; k < hits; k++)
        below += gsl_ran_binomial_pdf((unsigned)k, share, (unsigned)n);
    return 1 - below;
}

static double first_attains(const struct trial *trial)
{
    return at_least(1, trial->heads, 1 - trial->parameter);
}

static double second_attains(const struct trial *trial)
{
    return at_least(2, trial->heads, 1 - trial->parameter);
}

/* The largest ranks whose ends each fail with at most 2.5 %. */
static double quantile_attains(const struct trial *trial)
{
    double wrong = 0, shares[] = {trial->parameter, 1 - trial->parameter};
    for (int end = 0; end < 2; end++) {
        double fails = 0, next;
        for (int k = 0; fails + (next = gsl_ran_binomial_pdf((unsigned)k, shares[end], (unsigned)trial->heads)) <= 0.025; k++)
            fails += next;
        wrong += fails;
    }
    return 1 - wrong;
}

/* Heads above the quantile; parameter: its coverage. */
static int exceeding(const struct trial *trial, uint64_t seed)
{
    double value[TRIAL_MOST_HEADS], threshold = population_quantile(trial->population, trial->parameter);
    int count = 0;
    trial_heads(trial, seed, value);
    for (int h = 0; h < trial->heads; h++)
        count += value[h] > threshold;
    return count;
}

static enum answer share_upper(const struct trial *trial, uint64_t seed)
{
    double limit;
    return !at_stats_proportion_upper(exceeding(trial, seed), trial->heads, 0.95, &limit) && limit >= 1 - trial->parameter ? ANSWER_RIGHT
                                                                                                                           : ANSWER_WRONG;
}

static enum answer share_both(const struct trial *trial, uint64_t seed)
{
    struct at_interval i;
    return !at_stats_proportion(exceeding(trial, seed), trial->heads, 0.95, &i) && i.low <= 1 - trial->parameter &&
                   1 - trial->parameter <= i.high
               ? ANSWER_RIGHT
               : ANSWER_WRONG;
}

/* The upper limit fails for k with P(X <= k) < tail, the lower one for P(X >= k) < tail. */
static double share_attains(const struct trial *trial, double tail, bool two)
{
    double wrong = 0, below = 0;
    for (int k = 0; k <= trial->heads; k++) {
        double p = gsl_ran_binomial_pdf((unsigned)k, 1 - trial->parameter, (unsigned)trial->heads);
        if (below + p < tail || (two && 1 - below < tail))
            wrong += p;
        below += p;
    }
    return 1 - wrong;
}

static double share_upper_attains(const struct trial *trial)
{
    return share_attains(trial, 0.05, false);
}

static double share_both_attains(const struct trial *trial)
{
    return share_attains(trial, 0.025, true);
}

/* Not said to be met where just a little more than allowed exceeds: allowed = 0.999 of the true share. */
static enum answer decided(const struct trial *trial, uint64_t seed)
{
    struct at_exceedance e;
    return !at_exceedance_decide(exceeding(trial, seed), trial->heads, 0.999 * (1 - trial->parameter), 0.95, &e, NULL) &&
                   e.decision != AT_DECISION_MET
               ? ANSWER_RIGHT
               : ANSWER_WRONG;
}

/* The share of elements above their quantile, each element a trial. */
static enum answer share_naive(const struct trial *trial, uint64_t seed)
{
    double element[POPULATION_ELEMENTS], threshold = population_element_quantile(trial->parameter), limit;
    struct at_random key = {seed, 9};
    int count = 0;
    for (int h = 0; h < trial->heads; h++) {
        population_elements(key, (uint64_t)h, element);
        for (int e = 0; e < POPULATION_ELEMENTS; e++)
            count += element[e] > threshold;
    }
    return !at_stats_proportion_upper(count, (int64_t)trial->heads * POPULATION_ELEMENTS, 0.95, &limit) && limit >= 1 - trial->parameter
               ? ANSWER_RIGHT
               : ANSWER_WRONG;
}

const struct trial trials_of_bounds[] = {
    {"upper bound of 90 % of heads, r = 1", POPULATION_CORRELATED, 29, CLAIM_ATTAINED, upper, 0.9, 0, first_attains, 4},
    {"upper bound of 95 % of heads, r = 1", POPULATION_LOG_NORMAL, 59, CLAIM_ATTAINED, upper, 0.95, 0, first_attains, 0},
    {"upper bound of 99 % of heads, r = 1", POPULATION_LOG_NORMAL, 299, CLAIM_ATTAINED, upper, 0.99, 0, first_attains, 0},
    {"upper bound of 99 % of heads, r = 2", POPULATION_PARETO, 473, CLAIM_ATTAINED, upper_second, 0.99, 0, second_attains, 0},
    {"lower bound of 95 % of heads, r = 1", POPULATION_PARETO, 59, CLAIM_ATTAINED, lower, 0.95, 0, first_attains, 0},
    {"bounds around 95 % of heads, r = 1", POPULATION_LOG_NORMAL, 93, CLAIM_ATTAINED, both, 0.95, 0, second_attains, 0},
    {"interval of the median", POPULATION_PARETO, 49, CLAIM_ATTAINED, quantile, 0.5, 0, quantile_attains, 0},
    {"interval of the 90 % quantile", POPULATION_LOG_NORMAL, 200, CLAIM_ATTAINED, quantile, 0.9, 0, quantile_attains, 0},
    {"upper bound of 99 % of elements, naive", POPULATION_CORRELATED, 24, CLAIM_CONTRAST, naive, 0.99, 0, 0, 10},
    {"Clopper-Pearson, upper limit", POPULATION_LOG_NORMAL, 299, CLAIM_ATTAINED, share_upper, 0.99, 0, share_upper_attains, 0},
    {"Clopper-Pearson, upper limit", POPULATION_CORRELATED, 46, CLAIM_ATTAINED, share_upper, 0.9, 0, share_upper_attains, 5},
    {"Clopper-Pearson, two-sided", POPULATION_PARETO, 299, CLAIM_ATTAINED, share_both, 0.9, 0, share_both_attains, 0},
    {"requirement never wrongly met", POPULATION_LOG_NORMAL, 299, CLAIM_AT_LEAST, decided, 0.99, 0, 0, 0},
    {"Clopper-Pearson of elements, naive", POPULATION_CORRELATED, 24, CLAIM_CONTRAST, share_naive, 0.99, 0, 0, 10},
};
const size_t trials_of_bounds_count = sizeof trials_of_bounds / sizeof *trials_of_bounds;
