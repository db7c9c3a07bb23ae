/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "stats/stats.h"

#include <gsl/gsl_sort_double.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>

/* The finite ones of `values`, ascending; the caller frees. NULL without memory; an empty result is not NULL. */
static double *finite_sorted(const double *values, size_t count, size_t *ret_count)
{
    double *kept = malloc((count ? count : 1) * sizeof *kept);
    size_t n = 0;
    if (!kept)
        return NULL;
    for (size_t i = 0; i < count; i++)
        if (isfinite(values[i]))
            kept[n++] = values[i];
    gsl_sort(kept, 1, n);
    *ret_count = n;
    return kept;
}

/* Type 7 of Hyndman and Fan (1996): position (n - 1) p. Written so that it stays between its neighbours, exactly so for equal ones. */
static double quantile_of_sorted(const double *sorted, size_t n, double p)
{
    double position = (double)(n - 1) * p;
    size_t i = (size_t)position;
    if (i >= n - 1)
        return sorted[n - 1];
    double part = position - (double)i, value = (1 - part) * sorted[i] + part * sorted[i + 1];
    return fmin(fmax(value, sorted[i]), sorted[i + 1]);
}

enum at_status at_stats_summary(const double *values, size_t count, struct at_summary *ret_summary)
{
    size_t n;
    double *sorted = finite_sorted(values, count, &n);
    if (!sorted)
        return AT_ERR_MEMORY;
    if (n) {
        double mean = gsl_stats_mean(sorted, 1, n); /* running mean in long double */
        *ret_summary = (struct at_summary){
            .count = (int64_t)n,
            .nonfinite = (int64_t)(count - n),
            .mean = mean,
            .sd = n > 1 ? gsl_stats_sd_m(sorted, 1, n, mean) : NAN,
            .min = sorted[0],
            .median = quantile_of_sorted(sorted, n, 0.5),
            .max = sorted[n - 1],
        };
    }
    free(sorted);
    return n ? AT_OK : AT_ERR_UNDEFINED;
}

enum at_status at_stats_quantile(const double *values, size_t count, double p, double *ret_quantile)
{
    size_t n;
    if (!(p >= 0 && p <= 1))
        return AT_ERR_ARGUMENT;
    double *sorted = finite_sorted(values, count, &n);
    if (!sorted)
        return AT_ERR_MEMORY;
    if (n)
        *ret_quantile = quantile_of_sorted(sorted, n, p);
    free(sorted);
    return n ? AT_OK : AT_ERR_UNDEFINED;
}
