/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "stats/power_law.h"


#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort_double.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

/* The slopes of all pairs with different x, ascending; the caller frees. */
static enum at_status pair_slopes(const double *x, const double *y, size_t count, double **ret_slopes, size_t *ret_pairs)
{
    double *slopes = count > 1 ? malloc(count * (count - 1) / 2 * sizeof *slopes) : NULL;
    size_t pairs = 0;
    if (!slopes)
        return count > 1 ? AT_ERR_MEMORY : AT_ERR_UNDEFINED;
    for (size_t i = 0; i < count; i++)
        for (size_t j = i + 1; j < count; j++)
            if (x[i] != x[j])
                slopes[pairs++] = (y[j] - y[i]) / (x[j] - x[i]);
    if (pairs == 0) {
        free(slopes);
        return AT_ERR_UNDEFINED;
    }
    gsl_sort(slopes, 1, pairs);
    *ret_slopes = slopes;
    *ret_pairs = pairs;
    return AT_OK;
}

/*
 * The largest j with P(D <= j - 1) <= tail, D the discordant pairs (inversions) of `count` points in random order: point i brings 0 to i
 * - 1 of them, each with the same probability. Then the j-th smallest slope is above the true one with probability at most `tail`.
 */
static enum at_status exact_rank(size_t count, double tail, size_t *ret_rank)
{
    size_t most = count * (count - 1) / 2, reached = 0, rank = 0;
    double *p = calloc(2 * (most + 1), sizeof *p), *next = p + most + 1, below = 0;
    if (!p)
        return AT_ERR_MEMORY;
    p[0] = 1;
    for (size_t i = 2; i <= count; i++) {
        double window = 0;
        reached += i - 1;
        for (size_t d = 0; d <= reached; d++) {
            window += p[d] - (d >= i ? p[d - i] : 0);
            next[d] = window / (double)i;
        }
        for (size_t d = 0; d <= reached; d++)
            p[d] = next[d];
    }
    while (rank <= most && below + p[rank] <= tail)
        below += p[rank++];
    free(p);
    *ret_rank = rank;
    return AT_OK;
}

/* The same from the normal distribution, with half a step: Var D = (n (n-1) (2n+5) - sum u (u-1) (2u+5))/72, u points at an equal x. */
static enum at_status normal_rank(const double *x, size_t count, size_t pairs, double tail, size_t *ret_rank)
{
    double *sorted = malloc(count * sizeof *sorted), n = (double)count, variance = n * (n - 1) * (2 * n + 5) / 72;
    if (!sorted)
        return AT_ERR_MEMORY;
    for (size_t i = 0; i < count; i++)
        sorted[i] = x[i];
    gsl_sort(sorted, 1, count);
    for (size_t first = 0, last; first < count; first = last) {
        for (last = first; last < count && sorted[last] == sorted[first]; last++)
            ;
        double u = (double)(last - first);
        variance -= u * (u - 1) * (2 * u + 5) / 72;
    }
    free(sorted);
    double rank = floor((double)pairs / 2 + 0.5 - gsl_cdf_ugaussian_Qinv(tail) * sqrt(variance));
    *ret_rank = rank > 0 ? (size_t)rank : 0;
    return AT_OK;
}

/* exp of the median of y - slope x. */
static enum at_status factor(const double *x, const double *y, size_t count, double slope, double *ret_factor)
{
    double *rest = malloc(count * sizeof *rest);
    if (!rest)
        return AT_ERR_MEMORY;
    for (size_t i = 0; i < count; i++)
        rest[i] = y[i] - slope * x[i];
    gsl_sort(rest, 1, count);
    *ret_factor = exp(gsl_stats_median_from_sorted_data(rest, 1, count));
    free(rest);
    return AT_OK;
}

static enum at_status fit(const double *x, const double *y, size_t count, double level, struct at_power_law *ret_law)
{
    double *slopes = NULL;
    size_t pairs, rank = 0;
    struct at_power_law law = {0};
    enum at_status status = pair_slopes(x, y, count, &slopes, &pairs);
    if (status)
        return status;
    bool exact = count <= AT_THEIL_SEN_EXACT && pairs == count * (count - 1) / 2;
    status = exact ? exact_rank(count, (1 - level) / 2, &rank) : normal_rank(x, count, pairs, (1 - level) / 2, &rank);
    if (!status && (rank == 0 || rank > pairs - rank + 1))
        status = AT_ERR_UNDEFINED;
    if (!status) {
        law.exponent = gsl_stats_median_from_sorted_data(slopes, 1, pairs);
        law.interval = (struct at_interval){slopes[rank - 1], slopes[pairs - rank]};
        status = factor(x, y, count, law.exponent, &law.factor);
    }
    free(slopes);
    if (!status)
        *ret_law = law;
    return status;
}

enum at_status at_power_law_theil_sen(const double *x, const double *y, size_t count, double level, struct at_power_law *ret_law)
{
    return at_power_law_in_logarithms(fit, x, y, count, level, ret_law);
}
