/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "trial.h"

#include "stats/heads.h"
#include "stats/paired.h"

#include <math.h>

enum { RESAMPLES = 1000, DRAWS = 999, VARIANTS = 10 };

/*
 * Both variants see the same heads, whose values are their common size; b differs from a by exp(0.3 e) of its own, e with the log-gamma's
 * skewness. parameter: the true ratio a/b, geometric and of means alike.
 */
static void pairs(const struct trial *trial, uint64_t seed, double *ret_a, double *ret_b)
{
    struct at_random key = {seed, 21};
    trial_heads(trial, seed, ret_a);
    for (int h = 0; h < trial->heads; h++) {
        double own = 0.3 * (log(-log(at_random_uniform(key, (uint64_t)h))) - log(-log(at_random_uniform(key, (uint64_t)h + 1000000))));
        ret_b[h] = ret_a[h];
        ret_a[h] *= trial->parameter * exp(own / 2);
        ret_b[h] *= exp(-own / 2);
    }
}

static bool holds(const struct at_ratio *ratio, double truth)
{
    return ratio->interval.low <= truth && truth <= ratio->interval.high;
}

static enum answer geometric(const struct trial *trial, uint64_t seed)
{
    double a[TRIAL_MOST_HEADS], b[TRIAL_MOST_HEADS];
    struct at_ratio ratio;
    pairs(trial, seed, a, b);
    if (at_paired_geometric(a, b, (size_t)trial->heads, 0.95, RESAMPLES, seed, &ratio, NULL))
        return ANSWER_REFUSED;
    return holds(&ratio, trial->parameter) ? ANSWER_RIGHT : ANSWER_WRONG;
}

static enum answer means(const struct trial *trial, uint64_t seed)
{
    double a[TRIAL_MOST_HEADS], b[TRIAL_MOST_HEADS];
    struct at_ratio ratio;
    pairs(trial, seed, a, b);
    if (at_paired_means(a, b, (size_t)trial->heads, 0.95, RESAMPLES, seed, &ratio, NULL))
        return ANSWER_REFUSED;
    return holds(&ratio, trial->parameter) ? ANSWER_RIGHT : ANSWER_WRONG;
}

/* Equal variants are not told apart. */
static enum answer sign(const struct trial *trial, uint64_t seed)
{
    double a[TRIAL_MOST_HEADS], b[TRIAL_MOST_HEADS];
    struct at_paired_test t;
    pairs(trial, seed, a, b);
    return !at_paired_sign(a, b, (size_t)trial->heads, &t) && t.two_sided > 0.05 ? ANSWER_RIGHT : ANSWER_WRONG;
}

static enum answer signed_rank(const struct trial *trial, uint64_t seed)
{
    double a[TRIAL_MOST_HEADS], b[TRIAL_MOST_HEADS];
    struct at_paired_test t;
    pairs(trial, seed, a, b);
    return !at_paired_signed_rank(a, b, (size_t)trial->heads, &t) && t.two_sided > 0.05 ? ANSWER_RIGHT : ANSWER_WRONG;
}

static enum answer permutation(const struct trial *trial, uint64_t seed)
{
    double a[TRIAL_MOST_HEADS], b[TRIAL_MOST_HEADS];
    struct at_paired_test t;
    pairs(trial, seed, a, b);
    return !at_paired_permutation(a, b, (size_t)trial->heads, DRAWS, seed, &t) && t.two_sided > 0.05 ? ANSWER_RIGHT : ANSWER_WRONG;
}

/* Ten variants against one baseline, all equal: no false difference in the family. parameter: 0 adjusted by Holm, 1 not. */
static enum answer family(const struct trial *trial, uint64_t seed)
{
    double base[TRIAL_MOST_HEADS], own[TRIAL_MOST_HEADS], p[VARIANTS], adjusted[VARIANTS], least = 1;
    struct at_paired_test t;
    trial_heads(trial, seed, base);
    for (int v = 0; v < VARIANTS; v++) {
        struct at_random key = {seed, 31 + (uint64_t)v};
        for (int h = 0; h < trial->heads; h++)
            own[h] =
                base[h] * exp(0.3 * at_random_normal(key, (uint64_t)h) - 0.3 * at_random_normal((struct at_random){seed, 30}, (uint64_t)h));
        if (at_paired_signed_rank(own, base, (size_t)trial->heads, &t))
            return ANSWER_WRONG;
        p[v] = t.two_sided;
    }
    if (at_holm(p, VARIANTS, adjusted))
        return ANSWER_WRONG;
    for (int v = 0; v < VARIANTS; v++)
        least = fmin(least, trial->parameter > 0 ? p[v] : adjusted[v]);
    return least > 0.05 ? ANSWER_RIGHT : ANSWER_WRONG;
}

const struct trial trials_of_pairs[] = {
    {"geometric mean of ratios", POPULATION_CORRELATED, 32, CLAIM_NOMINAL, geometric, 0.8, 0, 0, 2},
    {"geometric mean of ratios", POPULATION_PARETO, 64, CLAIM_NOMINAL, geometric, 0.8, 0, 0, 2},
    {"ratio of means", POPULATION_CORRELATED, 48, CLAIM_NOMINAL, means, 0.8, 0, 0, 2},
    {"ratio of means", POPULATION_LOG_NORMAL, 32, CLAIM_NOMINAL, means, 0.8, 0, 0, 2},
    {"ratio of means", POPULATION_LOG_NORMAL, 96, CLAIM_NOMINAL, means, 0.8, 0, 0, 2},
    {"sign test, equal variants", POPULATION_LOG_NORMAL, 24, CLAIM_AT_LEAST, sign, 1, 0, 0, 0},
    {"signed rank test, equal variants", POPULATION_PARETO, 12, CLAIM_AT_LEAST, signed_rank, 1, 0, 0, 0},
    {"signed rank test, equal variants", POPULATION_LOG_NORMAL, 24, CLAIM_NOMINAL, signed_rank, 1, 0, 0, 0},
    {"signed rank test, equal variants", POPULATION_LOG_NORMAL, 300, CLAIM_NOMINAL, signed_rank, 1, 0, 0, 2},
    {"permutation test, equal variants", POPULATION_LOG_NORMAL, 10, CLAIM_AT_LEAST, permutation, 1, 0, 0, 0},
    {"permutation test, equal variants", POPULATION_PARETO, 32, CLAIM_NOMINAL, permutation, 1, 0, 0, 0},
    {"10 variants, Holm", POPULATION_LOG_NORMAL, 24, CLAIM_AT_LEAST, family, 0, 0, 0, 4},
    {"10 variants, not adjusted", POPULATION_LOG_NORMAL, 24, CLAIM_CONTRAST, family, 1, 0, 0, 4},
};
const size_t trials_of_pairs_count = sizeof trials_of_pairs / sizeof *trials_of_pairs;
