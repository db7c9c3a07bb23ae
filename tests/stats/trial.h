/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_TESTS_STATS_TRIAL_H
#define AT_TESTS_STATS_TRIAL_H

#include "population.h"

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What one simulated answer is. */
enum answer { ANSWER_WRONG, ANSWER_RIGHT, ANSWER_REFUSED };

/* What the share of right ones among the answers must be. */
enum claim {
    CLAIM_NOMINAL,  /* 93 to 97 % for a nominal 95 % */
    CLAIM_ATTAINED, /* the exactly attained confidence, to 4 binomial deviations */
    CLAIM_AT_LEAST, /* no less than nominal, to 4 binomial deviations */
    CLAIM_CONTRAST, /* a wrong method, there to be seen failing: below 93 % */
};

struct trial {
    const char *method;
    enum population population;
    int heads;
    enum claim claim;
    enum answer (*once)(const struct trial *trial, uint64_t seed);
    double parameter;                              /* of the method; its file says what */
    double nominal;                                /* 0: 0.95 */
    double (*attained)(const struct trial *trial); /* of CLAIM_ATTAINED */
    double cost;                                   /* relative; repetitions are divided by it, never below 1000 in full; 0: 1 */
};

enum { TRIAL_MOST_HEADS = 1024 };

/* The values of the trial's heads. */
void trial_heads(const struct trial *trial, uint64_t seed, double *ret_values);

/*
 * Runs and prints each; returns how many claims failed. full: at least 1000 repetitions each, and the claims as stated; else only what
 * refutes a claim counts.
 */
int trial_run(const struct trial *trials, size_t count, size_t repetitions, bool full);

extern const struct trial trials_of_means[], trials_of_bounds[], trials_of_looks[], trials_of_pairs[], trials_of_fits[], trials_of_tails[];
extern const size_t trials_of_means_count, trials_of_bounds_count, trials_of_looks_count, trials_of_pairs_count, trials_of_fits_count,
    trials_of_tails_count;

#ifdef __cplusplus
}
#endif

#endif
