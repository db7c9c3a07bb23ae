/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "trial.h"

#include "stats/sequential.h"

/* parameter: the true share. heads: the last look. */

static bool exceeds(const struct trial *trial, uint64_t seed, int head)
{
    struct at_random key = {seed, 11};
    double threshold = population_quantile(trial->population, 1 - trial->parameter);
    return population_head(trial->population, key, (uint64_t)head) > threshold;
}

/* Right at every look after 1, 2, ..., heads. */
static enum answer at_all_times(const struct trial *trial, uint64_t seed)
{
    int64_t hits = 0;
    struct at_interval i;
    for (int n = 1; n <= trial->heads; n++) {
        hits += exceeds(trial, seed, n - 1);
        if (at_anytime_proportion(hits, n, 0.95, 0.1, &i) || i.low > trial->parameter || i.high < trial->parameter)
            return ANSWER_WRONG;
    }
    return ANSWER_RIGHT;
}

/* A fixed-sample limit, looked at after every head: the wrong way. */
static enum answer peeked(const struct trial *trial, uint64_t seed)
{
    int64_t hits = 0;
    struct at_interval i;
    for (int n = 1; n <= trial->heads; n++) {
        bool hit = exceeds(trial, seed, n - 1);
        hits += hit;
        if ((n % 20 == 0 || hit) && (at_stats_proportion(hits, n, 0.95, &i) || i.low > trial->parameter || i.high < trial->parameter))
            return ANSWER_WRONG;
    }
    return ANSWER_RIGHT;
}

/* Never decides wrongly that at most 0.999 of the true share exceeds. */
static enum answer never_met(const struct trial *trial, uint64_t seed)
{
    int64_t hits = 0;
    enum at_decision decision;
    for (int n = 1; n <= trial->heads; n++) {
        hits += exceeds(trial, seed, n - 1);
        if (at_anytime_decide(hits, n, 0.999 * trial->parameter, 0.95, &decision) || decision == AT_DECISION_MET)
            return ANSWER_WRONG;
    }
    return ANSWER_RIGHT;
}

static enum at_decision decide(const struct trial *trial, uint64_t seed)
{
    struct at_sprt sprt;
    if (at_sprt_start(0.01, 0.05, 0.05, 0.05, &sprt))
        return AT_DECISION_OPEN;
    for (int n = 0; sprt.decision == AT_DECISION_OPEN && n < 100000; n++)
        at_sprt_add(&sprt, exceeds(trial, seed, n));
    return sprt.decision;
}

static enum answer accepts(const struct trial *trial, uint64_t seed)
{
    return decide(trial, seed) == AT_DECISION_MET ? ANSWER_RIGHT : ANSWER_WRONG;
}

static enum answer rejects(const struct trial *trial, uint64_t seed)
{
    return decide(trial, seed) == AT_DECISION_NOT_MET ? ANSWER_RIGHT : ANSWER_WRONG;
}

#define GUARANTEED (1 - 0.05 / 0.95) /* Wald's bound on either error */

const struct trial trials_of_looks[] = {
    {"confidence sequence, all looks", POPULATION_LOG_NORMAL, 2000, CLAIM_AT_LEAST, at_all_times, 0.01, 0, 0, 8},
    {"confidence sequence, all looks", POPULATION_PARETO, 2000, CLAIM_AT_LEAST, at_all_times, 0.1, 0, 0, 8},
    {"confidence sequence, all looks", POPULATION_LOG_NORMAL, 2000, CLAIM_AT_LEAST, at_all_times, 0.5, 0, 0, 8},
    {"its decision, all looks", POPULATION_LOG_NORMAL, 2000, CLAIM_AT_LEAST, never_met, 0.01, 0, 0, 8},
    {"Clopper-Pearson, peeked at", POPULATION_LOG_NORMAL, 2000, CLAIM_CONTRAST, peeked, 0.1, 0, 0, 10},
    {"sequential ratio test, good share", POPULATION_LOG_NORMAL, 0, CLAIM_AT_LEAST, accepts, 0.01, GUARANTEED, 0, 0},
    {"sequential ratio test, bad share", POPULATION_PARETO, 0, CLAIM_AT_LEAST, rejects, 0.05, GUARANTEED, 0, 0},
};
const size_t trials_of_looks_count = sizeof trials_of_looks / sizeof *trials_of_looks;
