/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "coverage.h"

#include "core/random.h"
#include "stats/stats.h"

#include <math.h>

enum { MOST = 64 };

static double mean_of(void *context, const size_t *pick, size_t count)
{
    const double *mean = context;
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += mean[pick[i]];
    return sum / (double)count;
}

/*
 * Element = exp(0.3 g) + 0.3 z: g normal for each cluster (skewness 0.95 of exp(0.3 g)), z normal for each element. The true mean is
 * exp(0.045); about half of the variance is the cluster's.
 */
struct coverage coverage_simulate(size_t clusters, size_t elements, size_t repetitions, size_t resamples, uint64_t seed)
{
    const double truth = exp(0.045);
    struct coverage c = {0};
    for (size_t r = 0; r < repetitions; r++) {
        struct at_random key = {seed, r};
        double mean[MOST], sum = 0, square = 0, n = (double)(clusters * elements);
        for (size_t h = 0; h < clusters; h++) {
            double level = exp(0.3 * at_random_normal(key, h * (elements + 1)));
            mean[h] = 0;
            for (size_t e = 0; e < elements; e++) {
                double x = level + 0.3 * at_random_normal(key, h * (elements + 1) + e + 1);
                mean[h] += x / (double)elements;
                sum += x;
                square += x * x;
            }
        }
        struct at_interval i;
        if (at_stats_bootstrap(mean_of, mean, clusters, 0.95, resamples, seed + r, &i))
            continue; /* counts as a miss */
        c.below += i.high < truth;
        c.above += i.low > truth;
        c.bootstrap += i.low <= truth && truth <= i.high;
        double half = 1.96 * sqrt((square - sum * sum / n) / (n - 1) / n);
        c.naive += fabs(sum / n - truth) <= half;
    }
    double all = (double)repetitions;
    return (struct coverage){c.bootstrap / all, c.below / all, c.above / all, c.naive / all};
}
