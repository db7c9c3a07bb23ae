/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "stats/paired.h"

#include "stats/heads.h"
#include "stats/logarithm.h"

#include <math.h>
#include <stdlib.h>

struct pairs {
    const double *a, *b;
};

static double mean_of(void *context, const size_t *pick, size_t count)
{
    const double *value = context;
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += value[pick[i]];
    return sum / (double)count;
}

static double log_ratio_of_sums(void *context, const size_t *pick, size_t count)
{
    const struct pairs *pairs = context;
    double a = 0, b = 0;
    for (size_t i = 0; i < count; i++) {
        a += pairs->a[pick[i]];
        b += pairs->b[pick[i]];
    }
    return log(a) - log(b);
}

static size_t all(size_t heads, size_t *pick)
{
    for (size_t i = 0; i < heads; i++)
        pick[i] = i;
    return heads;
}

static enum at_status interval(at_cluster_statistic *statistic, void *context, size_t heads, double level, size_t resamples, uint64_t seed,
                               struct at_ratio *ret_ratio, struct at_error *error)
{
    struct at_interval log_interval;
    enum at_status status = at_heads_interval(statistic, context, heads, level, resamples, seed, &log_interval, error);
    size_t *pick = status ? NULL : malloc(heads * sizeof *pick);
    if (status)
        return status;
    if (!pick)
        return at_fail(error, AT_ERR_MEMORY, "no memory for %zu heads", heads);
    double ratio = exp(statistic(context, pick, all(heads, pick)));
    free(pick);
    *ret_ratio = (struct at_ratio){ratio, {exp(log_interval.low), exp(log_interval.high)}};
    return AT_OK;
}

enum at_status at_paired_geometric(const double *a, const double *b, size_t heads, double level, size_t resamples, uint64_t seed,
                                   struct at_ratio *ret_ratio, struct at_error *error)
{
    double *d;
    enum at_status status = at_log_ratios(a, b, heads, &d);
    if (status)
        return at_fail(error, status, "the ratio of two errors by heads: a head has an error that is 0, negative or not finite");
    status = interval(mean_of, d, heads, level, resamples, seed, ret_ratio, error);
    free(d);
    return status;
}

enum at_status at_paired_means(const double *a, const double *b, size_t heads, double level, size_t resamples, uint64_t seed,
                               struct at_ratio *ret_ratio, struct at_error *error)
{
    struct pairs pairs = {a, b};
    for (size_t i = 0; i < heads; i++)
        if (!(a[i] >= 0 && isfinite(a[i]) && b[i] >= 0 && isfinite(b[i])))
            return at_fail(error, AT_ERR_UNDEFINED, "the ratio of mean errors: head %zu has an error that is negative or not finite", i);
    return interval(log_ratio_of_sums, &pairs, heads, level, resamples, seed, ret_ratio, error);
}
