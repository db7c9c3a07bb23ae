/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "stats/order.h"

#include "stats/binomial.h"

#include <gsl/gsl_sort_double.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

static bool shares_are_valid(double confidence, double coverage)
{
    return confidence >= 0.5 && confidence < 1 && coverage > 0 && coverage < 1;
}

/* Values beyond the bound that the statement needs: a two-sided one spends `rank` at each end. */
static int64_t beyond(enum at_side side, int64_t rank)
{
    return side == AT_SIDE_BOTH ? 2 * rank : rank;
}

enum at_status at_order_confidence(enum at_side side, int64_t heads, int64_t rank, double coverage, double *ret_confidence)
{
    if (!shares_are_valid(0.5, coverage) || heads < 0 || heads > AT_TRIALS_MAX || rank < 1 || rank > AT_TRIALS_MAX)
        return AT_ERR_ARGUMENT;
    *ret_confidence = at_binomial_at_least(beyond(side, rank), heads, 1 - coverage);
    return AT_OK;
}

enum at_status at_order_fewest(enum at_side side, double confidence, double coverage, int64_t rank, int64_t *ret_heads)
{
    if (!shares_are_valid(confidence, coverage) || rank < 1 || rank > AT_TRIALS_MAX)
        return AT_ERR_ARGUMENT;
    int64_t heads = at_binomial_fewest(beyond(side, rank), 1 - coverage, confidence);
    if (heads < 0)
        return AT_ERR_UNSUPPORTED;
    *ret_heads = heads;
    return AT_OK;
}

enum at_status at_order_largest_rank(enum at_side side, int64_t heads, double confidence, double coverage, int64_t *ret_rank)
{
    if (!shares_are_valid(confidence, coverage) || heads < 0 || heads > AT_TRIALS_MAX)
        return AT_ERR_ARGUMENT;
    int64_t usable = 0, too_large = heads + 1;
    while (too_large - usable > 1) {
        int64_t middle = usable + (too_large - usable) / 2;
        if (at_binomial_at_least(beyond(side, middle), heads, 1 - coverage) >= confidence)
            usable = middle;
        else
            too_large = middle;
    }
    *ret_rank = usable;
    return AT_OK;
}

/* Sorted copy with `unknown` for NaN; the caller frees. NULL without memory. */
static double *sorted_copy(const double *values, size_t heads, double unknown)
{
    double *sorted = malloc((heads ? heads : 1) * sizeof *sorted);
    for (size_t i = 0; sorted && i < heads; i++)
        sorted[i] = isnan(values[i]) ? unknown : values[i];
    if (sorted)
        gsl_sort(sorted, 1, heads);
    return sorted;
}

/* The rank-th smallest (largest) with NaN taken as the worst at that end. */
static enum at_status ranked(const double *values, size_t heads, int64_t rank, bool largest, double *ret_value)
{
    double *sorted = sorted_copy(values, heads, largest ? INFINITY : -INFINITY);
    if (!sorted)
        return AT_ERR_MEMORY;
    *ret_value = sorted[largest ? heads - (size_t)rank : (size_t)rank - 1];
    free(sorted);
    return AT_OK;
}

static enum at_status too_few(size_t heads, enum at_side side, double confidence, double coverage, int64_t rank, struct at_error *error)
{
    int64_t needed;
    if (at_order_fewest(side, confidence, coverage, rank, &needed))
        return at_fail(error, AT_ERR_UNDEFINED, "%zu heads: a statement on %.10g %% of heads with confidence %.10g %% needs more than 10^9",
                       heads, 100 * coverage, 100 * confidence);
    return at_fail(error, AT_ERR_UNDEFINED,
                   "%zu heads: a statement on %.10g %% of heads with confidence %.10g %% needs %" PRId64
                   "; measure more heads, or ask for less",
                   heads, 100 * coverage, 100 * confidence, needed);
}

enum at_status at_order_bound(const double *values, size_t heads, enum at_side side, double confidence, double coverage, int64_t rank,
                              struct at_order_bound *ret_bound, struct at_error *error)
{
    if (!shares_are_valid(confidence, coverage) || rank < 0 || rank > AT_TRIALS_MAX || heads > AT_TRIALS_MAX)
        return at_fail(error, AT_ERR_ARGUMENT,
                       "confidence %g, coverage %g, rank %" PRId64
                       ": give a confidence from 0.5 to below 1, a coverage between 0 and 1, a rank from 0",
                       confidence, coverage, rank);
    int64_t largest = 0;
    enum at_status status = at_order_largest_rank(side, (int64_t)heads, confidence, coverage, &largest);
    if (status)
        return status;
    if (largest < (rank ? rank : 1))
        return too_few(heads, side, confidence, coverage, rank ? rank : 1, error);
    struct at_order_bound b = {side, (int64_t)heads, rank ? rank : largest, confidence, coverage, 0, {-INFINITY, INFINITY}};
    status = at_order_confidence(side, b.heads, b.rank, coverage, &b.attained);
    if (!status && side != AT_SIDE_UPPER)
        status = ranked(values, heads, b.rank, false, &b.bound.low);
    if (!status && side != AT_SIDE_LOWER)
        status = ranked(values, heads, b.rank, true, &b.bound.high);
    if (!status)
        *ret_bound = b;
    return status;
}

/*
 * X_(a) <= q_p iff at least a values are <= q_p, so the largest usable a is the largest rank for coverage 1 - p; X_(n-b+1) >= q_p alike
 * with coverage p.
 */
enum at_status at_order_quantile(const double *values, size_t heads, double p, double level, struct at_interval *ret_interval,
                                 double *ret_attained, struct at_error *error)
{
    double each = (1 + level) / 2;
    if (!(p > 0 && p < 1) || !(level > 0 && level < 1) || heads > AT_TRIALS_MAX)
        return at_fail(error, AT_ERR_ARGUMENT, "quantile %g at level %g: give both between 0 and 1", p, level);
    int64_t below, above;
    enum at_status status = at_order_largest_rank(AT_SIDE_LOWER, (int64_t)heads, each, 1 - p, &below);
    if (!status)
        status = at_order_largest_rank(AT_SIDE_UPPER, (int64_t)heads, each, p, &above);
    if (status)
        return status;
    if (!below || !above)
        return too_few(heads, AT_SIDE_UPPER, each, fmax(p, 1 - p), 1, error);
    struct at_interval interval;
    status = ranked(values, heads, below, false, &interval.low);
    if (!status)
        status = ranked(values, heads, above, true, &interval.high);
    if (status)
        return status;
    *ret_interval = interval;
    *ret_attained = at_binomial_at_least(below, (int64_t)heads, p) + at_binomial_at_least(above, (int64_t)heads, 1 - p) - 1;
    return AT_OK;
}
