/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "trial.h"

#include <math.h>
#include <stdio.h>

void trial_heads(const struct trial *trial, uint64_t seed, double *ret_values)
{
    struct at_random key = {seed, (uint64_t)trial->population + 1};
    for (int h = 0; h < trial->heads; h++)
        ret_values[h] = population_head(trial->population, key, (uint64_t)h);
}

struct tally {
    double right, wrong, refused; /* shares of all */
    size_t repetitions;
};

static double covered(const struct tally *t)
{
    return t->right / (t->right + t->wrong);
}

/* The binomial deviation of a measured share p. */
static double deviation(double p, double repetitions)
{
    return sqrt(p * (1 - p) / repetitions);
}

/* An empirical quantile is off by its deviation in p, which moves the confidence by n p^(n-1) of it, about n/20 where p^n is about 1/20. */
static double slack(const struct trial *trial)
{
    bool empirical = trial->population == POPULATION_CORRELATED;
    return empirical ? trial->heads * 0.05 * deviation(trial->parameter, (double)population_sample) : 0;
}

static bool holds(const struct trial *trial, double nominal, double attained, const struct tally *tally, bool full)
{
    double answers = (double)tally->repetitions * (1 - tally->refused), measured = covered(tally);
    double edge = full ? 0 : 4 * deviation(0.95, answers);
    switch (trial->claim) {
    case CLAIM_NOMINAL: return measured >= nominal - 0.02 - edge && measured <= nominal + 0.02 + edge;
    case CLAIM_ATTAINED: return fabs(measured - attained) <= 4 * deviation(attained, answers) + 2 * slack(trial);
    case CLAIM_AT_LEAST: return measured >= nominal - 4 * deviation(nominal, answers);
    default: return measured < 0.93 + edge;
    }
}

static struct tally repeat(const struct trial *trial, size_t repetitions, uint64_t seed)
{
    size_t count[3] = {0};
    for (size_t r = 0; r < repetitions; r++)
        count[trial->once(trial, seed + r)]++;
    double n = (double)repetitions;
    return (struct tally){(double)count[ANSWER_RIGHT] / n, (double)count[ANSWER_WRONG] / n, (double)count[ANSWER_REFUSED] / n, repetitions};
}

int trial_run(const struct trial *trials, size_t count, size_t repetitions, bool full)
{
    static const char *const claims[] = {"93 to 97", "as attained", "at least", "contrast"};
    int failed = 0;
    for (size_t i = 0; i < count; i++) {
        const struct trial *trial = &trials[i];
        double nominal = trial->nominal > 0 ? trial->nominal : 0.95, cost = trial->cost > 0 ? trial->cost : 1;
        size_t most = (size_t)((double)repetitions / cost), least = full ? 1000 : 20;
        struct tally tally = repeat(trial, most > least ? most : least, 1000003 * (i + 1));
        double attained = trial->attained ? trial->attained(trial) : nominal;
        double answers = (double)tally.repetitions * (1 - tally.refused);
        bool good = holds(trial, nominal, attained, &tally, full);
        printf("| %s | %s | %d | %.2f | %s | %.2f | %.2f | %.1f | %.2f | %zu |%s\n", trial->method, population_name(trial->population),
               trial->heads, 100 * attained, claims[trial->claim], 100 * covered(&tally), 100 * deviation(covered(&tally), answers),
               100 * tally.refused, 100 * tally.wrong, tally.repetitions, good ? "" : " REFUTED");
        fflush(stdout);
        failed += !good;
    }
    return failed;
}
