/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "stats/paired.h"

#include "stats/heads.h"
#include "stats/logarithm.h"

#include <math.h>
#include <stdlib.h>

static double sum(const double *values, size_t count)
{
    double total = 0;
    for (size_t i = 0; i < count; i++)
        total += values[i];
    return total;
}

enum at_status at_paired_geometric(const double *a, const double *b, size_t heads, double level, size_t resamples, uint64_t seed,
                                   struct at_ratio *ret_ratio, struct at_error *error)
{
    double *d;
    enum at_status status = at_log_ratios(a, b, heads, &d);
    if (status)
        return at_fail(error, status, "the ratio of two errors by heads: a head has an error that is 0, negative or not finite");
    struct at_interval log_interval;
    status = at_heads_interval(d, NULL, heads, level, resamples, seed, &log_interval, error);
    if (!status)
        *ret_ratio = (struct at_ratio){exp(sum(d, heads) / (double)heads), {exp(log_interval.low), exp(log_interval.high)}};
    free(d);
    return status;
}

enum at_status at_paired_means(const double *a, const double *b, size_t heads, double level, size_t resamples, uint64_t seed,
                               struct at_ratio *ret_ratio, struct at_error *error)
{
    for (size_t i = 0; i < heads; i++)
        if (!(a[i] >= 0 && isfinite(a[i]) && b[i] >= 0 && isfinite(b[i])))
            return at_fail(error, AT_ERR_UNDEFINED, "the ratio of mean errors: head %zu has an error that is negative or not finite", i);
    struct at_interval made;
    enum at_status status = at_heads_interval(a, b, heads, level, resamples, seed, &made, error);
    if (!status)
        *ret_ratio = (struct at_ratio){sum(a, heads) / sum(b, heads), made};
    return status;
}
