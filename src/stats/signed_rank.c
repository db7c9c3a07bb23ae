/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "stats/paired.h"

#include "stats/logarithm.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdlib.h>

/* Twice the midrank of each |d|, so that all ranks are integers; ranks count from 1, zeros included (Pratt). */
static enum at_status double_ranks(const double *d, size_t count, size_t *ret_twice)
{
    double *magnitude = malloc(count * sizeof *magnitude);
    size_t *order = malloc(count * sizeof *order);
    enum at_status status = magnitude && order ? AT_OK : AT_ERR_MEMORY;
    for (size_t i = 0; !status && i < count; i++)
        magnitude[i] = fabs(d[i]);
    if (!status)
        gsl_sort_index(order, magnitude, 1, count);
    for (size_t first = 0, last; !status && first < count; first = last) {
        for (last = first; last < count && magnitude[order[last]] == magnitude[order[first]]; last++)
            ;
        for (size_t i = first; i < last; i++)
            ret_twice[order[i]] = first + last + 1; /* 2 x the mean of first + 1 .. last */
    }
    free(magnitude);
    free(order);
    return status;
}

/* P(S >= at) for S the sum of the ranks of coins that fall heads, by convolution: each rank is there or not with probability 1/2. */
static enum at_status exact_tail(const size_t *twice, const double *d, size_t count, size_t at, double *ret_p)
{
    size_t total = 0;
    for (size_t i = 0; i < count; i++)
        total += d[i] != 0 ? twice[i] : 0;
    double *p = calloc(total + 1, sizeof *p), tail = 0;
    if (!p)
        return AT_ERR_MEMORY;
    p[0] = 1;
    for (size_t i = 0, reached = 0; i < count; i++) {
        if (d[i] == 0)
            continue;
        reached += twice[i];
        for (size_t s = reached + 1; s-- > 0;)
            p[s] = (p[s] + (s >= twice[i] ? p[s - twice[i]] : 0)) / 2;
    }
    for (size_t s = total + 1; s-- > at;)
        tail += p[s];
    free(p);
    *ret_p = fmin(tail, 1);
    return AT_OK;
}

/* The same for many pairs: mean sum r/2, variance sum r^2/4, and half a step of the statistic (doubled ranks step by 2, ranks by 1). */
static double normal_tail(const size_t *twice, const double *d, size_t count, size_t at)
{
    double mean = 0, variance = 0;
    for (size_t i = 0; i < count; i++) {
        double r = d[i] != 0 ? (double)twice[i] : 0;
        mean += r / 2;
        variance += r * r / 4;
    }
    return gsl_cdf_ugaussian_Q(((double)at - 1 - mean) / sqrt(variance));
}

static enum at_status test(const double *d, size_t count, size_t *twice, struct at_paired_test *ret_test)
{
    struct at_paired_test t = {0};
    size_t larger = 0, smaller = 0; /* doubled rank sums of d > 0 and d < 0 */
    enum at_status status = double_ranks(d, count, twice);
    if (status)
        return status;
    for (size_t i = 0; i < count; i++) {
        t.ties += d[i] == 0;
        larger += d[i] > 0 ? twice[i] : 0;
        smaller += d[i] < 0 ? twice[i] : 0;
    }
    t.heads = (int64_t)count - t.ties;
    if (t.heads == 0)
        return AT_ERR_UNDEFINED;
    t.exact = t.heads <= AT_SIGNED_RANK_EXACT;
    if (t.exact) {
        status = exact_tail(twice, d, count, smaller, &t.a_smaller);
        if (!status)
            status = exact_tail(twice, d, count, larger, &t.b_smaller);
    } else {
        t.a_smaller = normal_tail(twice, d, count, smaller);
        t.b_smaller = normal_tail(twice, d, count, larger);
    }
    t.two_sided = fmin(1, 2 * fmin(t.a_smaller, t.b_smaller));
    if (!status)
        *ret_test = t;
    return status;
}

enum at_status at_paired_signed_rank(const double *a, const double *b, size_t heads, struct at_paired_test *ret_test)
{
    double *d;
    enum at_status status = at_log_ratios(a, b, heads, &d);
    if (status)
        return status;
    size_t *twice = malloc(heads * sizeof *twice);
    status = twice ? test(d, heads, twice, ret_test) : AT_ERR_MEMORY;
    free(twice);
    free(d);
    return status;
}
