/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "stats/stats.h"

#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

/* Fewer than this many values above the threshold say nothing of a tail: the largest alone would decide. */
enum { EXCESSES_LEAST = 4 };

enum at_status at_stats_tail_bound(const double *values, size_t count, double draws, double level, double *ret_bound)
{
    if (!(draws > 0) || !(level > 0 && level < 1))
        return AT_ERR_ARGUMENT;
    size_t excesses = (size_t)sqrt((double)count);
    if (excesses < EXCESSES_LEAST)
        return AT_ERR_UNDEFINED;
    double *largest = malloc((excesses + 1) * sizeof *largest);
    if (!largest)
        return AT_ERR_MEMORY;
    bool numbers = true;
    for (size_t i = 0; i < count; i++)
        numbers &= values[i] >= 0 && isfinite(values[i]);
    int failed = !numbers || gsl_sort_largest(largest, excesses + 1, values, 1, count);
    double threshold = failed ? NAN : largest[excesses], sum = 0;
    for (size_t i = 0; i < excesses && threshold > 0; i++)
        sum += log(largest[i] / threshold);
    free(largest);
    if (!(threshold > 0) || !(sum > 0))
        return AT_ERR_UNDEFINED;
    double k = (double)excesses, rarity = draws * (k + 1) / (((double)count + 1) * level);
    *ret_bound = rarity > 1 ? threshold * exp(sum * expm1(log(rarity) / k)) : threshold;
    return AT_OK;
}
