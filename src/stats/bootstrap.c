/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "stats/stats.h"

#include "core/random.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

enum { BOOTSTRAP_STREAM = 0x626f6f74 }; /* "boot" */

/* The statistic of the whole and its resamples; `pick` has room for all clusters. */
struct boot {
    at_cluster_statistic *statistic;
    void *context;
    size_t clusters, resamples;
    size_t *pick;
    double whole;
    double *value; /* [resamples] */
};

static enum at_status resample(struct boot *boot, uint64_t seed)
{
    struct at_random key = {seed, BOOTSTRAP_STREAM};
    uint64_t counter = 0;
    for (size_t i = 0; i < boot->clusters; i++)
        boot->pick[i] = i;
    boot->whole = boot->statistic(boot->context, boot->pick, boot->clusters);
    if (!isfinite(boot->whole))
        return AT_ERR_UNDEFINED;
    for (size_t b = 0; b < boot->resamples; b++) {
        for (size_t i = 0; i < boot->clusters; i++)
            boot->pick[i] = at_random_bits(key, counter++) % boot->clusters;
        boot->value[b] = boot->statistic(boot->context, boot->pick, boot->clusters);
        if (!isfinite(boot->value[b]))
            return AT_ERR_UNDEFINED;
    }
    return AT_OK;
}

/* a = sum d^3 / (6 (sum d^2)^(3/2)), d_i = mean of the leave-one-out values - value without cluster i (Efron, Tibshirani 1993, 14.15). */
static enum at_status acceleration(struct boot *boot, double *ret_acceleration)
{
    size_t n = boot->clusters;
    double *left = malloc(n * sizeof *left), mean = 0, square = 0, cube = 0;
    if (!left)
        return AT_ERR_MEMORY;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0, to = 0; j < n; j++)
            if (j != i)
                boot->pick[to++] = j;
        left[i] = boot->statistic(boot->context, boot->pick, n - 1);
        mean += left[i] / (double)n;
    }
    double scale = 0; /* keeps the powers in range */
    for (size_t i = 0; i < n; i++)
        scale = fmax(scale, fabs(mean - left[i]));
    for (size_t i = 0; i < n && scale > 0; i++) {
        double d = (mean - left[i]) / scale;
        square += d * d;
        cube += d * d * d;
    }
    free(left);
    if (!isfinite(mean))
        return AT_ERR_UNDEFINED;
    *ret_acceleration = scale > 0 ? cube / (6 * square * sqrt(square)) : 0;
    return AT_OK;
}

/* The share of resamples below the value of the whole, ties counted half, as a normal deviate. */
static enum at_status bias_correction(const struct boot *boot, double *ret_deviate)
{
    double below = 0;
    for (size_t b = 0; b < boot->resamples; b++)
        below += boot->value[b] < boot->whole ? 1 : boot->value[b] == boot->whole ? 0.5 : 0;
    if (below == 0 || below == (double)boot->resamples)
        return AT_ERR_UNDEFINED; /* the whole lies outside its own bootstrap distribution */
    *ret_deviate = gsl_cdf_ugaussian_Pinv(below / (double)boot->resamples);
    return AT_OK;
}

/* The share of the bootstrap distribution below the limit whose nominal normal deviate is z; Phi(...) -> 0 or 1 at the pole. */
static double adjusted(double deviate, double acceleration, double z)
{
    double w = deviate + z, room = 1 - acceleration * w;
    if (!(room > 0))
        return w > 0 ? 1 : 0;
    return gsl_cdf_ugaussian_P(deviate + w / room);
}

static enum at_status limits(struct boot *boot, double level, uint64_t seed, struct at_interval *ret_interval)
{
    double deviate, a, low, high, n = (double)boot->clusters;
    enum at_status status = resample(boot, seed);
    if (!status)
        status = bias_correction(boot, &deviate);
    if (!status)
        status = acceleration(boot, &a);
    if (status)
        return status;
    /* Few clusters: Student's quantile, and sd with n - 1, for the normal's (Hesterberg 2015, "expanded percentile"). */
    double z = sqrt(n / (n - 1)) * gsl_cdf_tdist_Pinv((1 - level) / 2, n - 1);
    status = at_stats_quantile(boot->value, boot->resamples, adjusted(deviate, a, z), &low);
    if (!status)
        status = at_stats_quantile(boot->value, boot->resamples, adjusted(deviate, a, -z), &high);
    if (!status)
        *ret_interval = (struct at_interval){low, high};
    return status;
}

enum at_status at_stats_bootstrap(at_cluster_statistic *statistic, void *context, size_t clusters, double level, size_t resamples,
                                  uint64_t seed, struct at_interval *ret_interval)
{
    if (!(level > 0 && level < 1) || !((double)resamples * (1 - level) >= 2))
        return AT_ERR_ARGUMENT;
    if (clusters < 3)
        return AT_ERR_UNDEFINED;
    struct boot boot = {
        statistic, context, clusters, resamples, malloc(clusters * sizeof *boot.pick), 0, malloc(resamples * sizeof *boot.value)};
    enum at_status status = boot.pick && boot.value ? limits(&boot, level, seed, ret_interval) : AT_ERR_MEMORY;
    free(boot.pick);
    free(boot.value);
    return status;
}
