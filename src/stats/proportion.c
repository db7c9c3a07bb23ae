/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "stats/stats.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_roots.h>
#include <math.h>

/*
 * Clopper and Pearson (1934), with X ~ Binomial(n, u): the lower limit solves P(X >= k) = tail, the upper P(X <= k) = tail, tail =
 * (1 - level)/2. gsl_cdf_beta_Pinv gives NaN from n = 1e6 on, so the limits are found by Brent's method on ln u.
 */
struct limit {
    double hits, trials, tail;
    int upper;
};

static double excess(double log_u, void *context)
{
    const struct limit *l = context;
    double u = exp(log_u), k = l->hits, n = l->trials;
    double p = l->upper ? gsl_cdf_beta_Q(u, k + 1, n - k) : gsl_cdf_beta_P(u, k, n - k + 1);
    /* GSL's continued fraction gives up only next to the mean (n above 1e7), where the probability is near 1/2, far above the tail. */
    return (isnan(p) ? 0.5 : p) - l->tail;
}

/* Root of `excess` in [from, to], where it has different signs. */
static enum at_status solve(struct limit *limit, double from, double to, double *ret_u)
{
    gsl_root_fsolver *solver = gsl_root_fsolver_alloc(gsl_root_fsolver_brent);
    gsl_function f = {excess, limit};
    double low = log(from), high = log(to), root = NAN;
    if (!solver)
        return AT_ERR_MEMORY;
    int status = gsl_root_fsolver_set(solver, &f, low, high);
    for (int i = 0; !status && i < 200; i++) {
        status = gsl_root_fsolver_iterate(solver);
        root = gsl_root_fsolver_root(solver);
        if (gsl_root_fsolver_x_upper(solver) - gsl_root_fsolver_x_lower(solver) <= 0x1p-50 * fabs(root) + 0x1p-52)
            break;
    }
    gsl_root_fsolver_free(solver);
    /* A distribution function that is wrong at the root (or a bracket without a root) is no answer. */
    if (status || !(fabs(excess(root, limit)) <= 1e-6 * limit->tail))
        return AT_ERR_UNDEFINED;
    *ret_u = exp(root);
    return AT_OK;
}

/*
 * Brackets, with L = ln(1/tail) and m = n u: P(X <= k) <= exp(-(m - k)^2 / (2 m)) for m > k, P(X >= k) <= exp(-(k - m)^2 / (2 k)) and
 * <= m / k for m < k (Chernoff, Markov); both probabilities are at least 1/2 at m = k, the median.
 */
static enum at_status lower(int64_t hits, int64_t trials, double tail, double *ret_limit)
{
    double k = (double)hits, n = (double)trials, l = -log(tail);
    if (hits == 0 || hits == trials) {
        *ret_limit = hits == 0 ? 0 : exp(-l / n);
        return AT_OK;
    }
    struct limit limit = {k, n, tail, 0};
    return solve(&limit, fmax(k - sqrt(2 * k * l), tail * k) / n * (1 - 0x1p-20), k / n, ret_limit);
}

static enum at_status upper(int64_t hits, int64_t trials, double tail, double *ret_limit)
{
    double k = (double)hits, n = (double)trials, l = -log(tail);
    if (hits == 0 || hits == trials) {
        *ret_limit = hits == 0 ? -expm1(-l / n) : 1;
        return AT_OK;
    }
    struct limit limit = {k, n, tail, 1};
    return solve(&limit, k / n, fmin(1, (k + l + sqrt(l * l + 2 * k * l)) / n * (1 + 0x1p-20)), ret_limit);
}

static enum at_status check(int64_t hits, int64_t trials, double level)
{
    if (hits < 0 || trials < hits || !(level > 0 && level < 1))
        return AT_ERR_ARGUMENT;
    return trials == 0 ? AT_ERR_UNDEFINED : AT_OK;
}

enum at_status at_stats_proportion_lower(int64_t hits, int64_t trials, double confidence, double *ret_limit)
{
    enum at_status status = check(hits, trials, confidence);
    return status ? status : lower(hits, trials, 1 - confidence, ret_limit);
}

enum at_status at_stats_proportion_upper(int64_t hits, int64_t trials, double confidence, double *ret_limit)
{
    enum at_status status = check(hits, trials, confidence);
    return status ? status : upper(hits, trials, 1 - confidence, ret_limit);
}

enum at_status at_stats_proportion(int64_t hits, int64_t trials, double level, struct at_interval *ret_interval)
{
    struct at_interval interval;
    enum at_status status = check(hits, trials, level);
    if (!status)
        status = lower(hits, trials, (1 - level) / 2, &interval.low);
    if (!status)
        status = upper(hits, trials, (1 - level) / 2, &interval.high);
    if (!status)
        *ret_interval = interval;
    return status;
}
