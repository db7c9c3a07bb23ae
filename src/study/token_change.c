/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/token_change.h"

#include "core/elementary.h"
#include "metrics/sum.h"

#include <math.h>
#include <stdbool.h>

/* Rounding of sums and products of numbers >= 0 that make a bound: far above 2^-53 times the few steps there are. */
static const double slack = 1 + 0x1p-20;

/* e^x by IEEE operations alone: relative error below 2^-50 + 2^-51 |x|. */
static double exponential(double x)
{
    const double log2_e = 0x1.71547652b82fep+0; /* 1.4426950408889634 */
    return at_exp2(x * log2_e);
}

/* Not below e^x - 1 for x >= 0, and of its order. */
static double growth(double x)
{
    return x > 0 ? x * exponential(x) * slack : 0;
}

/*
 * phi(x) = e^x - 1 - x >= 0. Near 0 its series, x^2 (1/2 + x/6 + x^2/24 + ...) to x^15: the rest is below 2^-54 of it.
 */
static double phi_near_zero(double x)
{
    double sum = 1;
    for (int k = 16; k >= 3; k--)
        sum = 1 + x / k * sum;
    return x * x * 0.5 * sum;
}

/* ln(1 + x) for x >= 0: relative error below 2^-47 (Higham, Accuracy and Stability of Numerical Algorithms, section 1.14.1, his trick). */
static double log_one_plus(double x)
{
    double one_plus = 1 + x;
    return one_plus == 1 ? x : isinf(one_plus) ? INFINITY : at_log(one_plus) * (x / (one_plus - 1));
}

/* What of a row enters all sums. */
struct row {
    const double *z, *change;
    int64_t tokens;
    double highest, range; /* of z */
    double log_sum;        /* ln sum e^(z - highest) */
    double mean;           /* of change under t */
    double largest;        /* |change - mean| */
};

static struct row begin(const double *z, const double *change, int64_t tokens)
{
    struct row row = {.z = z, .change = change, .tokens = tokens, .highest = z[0]};
    double lowest = z[0], sum[2] = {0}, mean[2] = {0};
    for (int64_t v = 1; v < tokens; v++) {
        row.highest = fmax(row.highest, z[v]);
        lowest = fmin(lowest, z[v]);
    }
    row.range = row.highest - lowest;
    for (int64_t v = 0; v < tokens; v++)
        at_sum_add(sum, exponential(z[v] - row.highest));
    row.log_sum = at_log(at_sum_value(sum));
    for (int64_t v = 0; v < tokens; v++)
        at_sum_add(mean, exponential(z[v] - row.highest - row.log_sum) * change[v]);
    row.mean = at_sum_value(mean);
    for (int64_t v = 0; v < tokens; v++)
        row.largest = fmax(row.largest, fabs(change[v] - row.mean));
    return row;
}

/* Expectations under t; x is change - mean. */
struct sums {
    double phi;      /* E phi(x): e^KL - 1 */
    double distance; /* E |x|; with phi it is not below E |e^x - 1| */
};

static struct sums expect(const struct row *row)
{
    double phi[2] = {0}, distance[2] = {0};
    for (int64_t v = 0; v < row->tokens; v++) {
        double log_t = row->z[v] - row->highest - row->log_sum, t = exponential(log_t), x = row->change[v] - row->mean;
        double term = fabs(x) <= 0.5 ? t * phi_near_zero(x) : exponential(log_t + x) - t - t * x;
        at_sum_add(phi, fmax(term, 0));
        at_sum_add(distance, t * fabs(x));
    }
    return (struct sums){at_sum_value(phi), at_sum_value(distance)};
}

/* ln E e^x where a term of the expectation is beyond the range of doubles, or not far from that: KL is above 100 then. */
static double far_divergence(const struct row *row, double largest_log)
{
    double sum[2] = {0};
    for (int64_t v = 0; v < row->tokens; v++)
        at_sum_add(sum, exponential(row->z[v] - row->highest - row->log_sum + row->change[v] - row->mean - largest_log));
    return largest_log + at_log(at_sum_value(sum));
}

/* How far KL may move when z moves by alpha and change by beta, eqs. 3 to 5; `phi` infinite where KL is far. */
static double sensitivity(struct sums s, double alpha, double beta)
{
    double tilt = exponential(2 * alpha), shift = beta + growth(2 * alpha) * s.distance;
    double phi = exponential(shift) * tilt * (s.phi + beta * (s.phi + s.distance + (1 + s.phi) * growth(beta))) * slack;
    double of_change = fmin(2, sqrt(2 * phi)), of_truth = fmin(2 * phi, 2 + 2 * tilt * s.distance + 2 * beta);
    double all = (beta * of_change + alpha * of_truth) * slack;
    return isnan(all) ? INFINITY : all;
}

/* KL and its radius, eqs. 2 to 5. */
static void diverge(const struct row *row, const struct at_logit_radius *radius, struct at_token_change *ret_change)
{
    double largest_log = -INFINITY, largest_change = 0;
    for (int64_t v = 0; v < row->tokens; v++) {
        largest_log = fmax(largest_log, row->z[v] - row->highest - row->log_sum + row->change[v] - row->mean);
        largest_change = fmax(largest_change, fabs(row->change[v]));
    }
    bool far = largest_log > 100;
    struct sums s = far ? (struct sums){INFINITY, row->largest} : expect(row);
    double kl = far ? far_divergence(row, largest_log) : log_one_plus(s.phi);
    double exponent = (row->range + row->largest + row->log_sum + 4) * 0x1p-48; /* of t and g, logarithmically */
    double alpha = radius->truth + exponent, beta = radius->change + row->largest * 0x1p-53;
    double shift = largest_change * (4 * exponent + 0x1p-51); /* of the mean, which phi takes to be 0 */
    double own = kl * (0x1p-42 + 32 * exponent) + shift * fmin(1, s.phi + shift);
    double all = (own + sensitivity(s, alpha, beta)) * slack;
    ret_change->kl = kl;
    ret_change->kl_radius = isnan(all) ? INFINITY : all;
}

/* Whether the same token leads: the truth's leads by more than twice its radius, and the kernel's by more than twice its own, eq. 6. */
static int compare_tops(const double *z, const double *change, int64_t tokens, const struct at_logit_radius *radius)
{
    int64_t top = 0;
    double second = -INFINITY, rival = -INFINITY;
    for (int64_t v = 1; v < tokens; v++)
        if (z[v] > z[top])
            top = v;
    for (int64_t v = 0; v < tokens; v++)
        if (v != top) {
            second = fmax(second, z[v]);
            rival = fmax(rival, z[v] + change[v]);
        }
    double lead = z[top] - second, kernel_lead = z[top] + change[top] - rival;
    if (!(lead * (1 - 0x1p-50) > 2 * radius->truth))
        return -1;
    if (kernel_lead * (1 - 0x1p-50) > 2 * radius->kernel)
        return 1;
    return -kernel_lead * (1 - 0x1p-50) > 2 * radius->kernel ? 0 : -1;
}

struct at_token_change at_token_change_of(const double *z, const double *change, int64_t tokens, const struct at_logit_radius *radius)
{
    struct at_token_change made = {.top_unchanged = compare_tops(z, change, tokens, radius), .logit_radius = radius->change};
    struct row row = begin(z, change, tokens);
    diverge(&row, radius, &made);
    for (int64_t v = 0; v < tokens; v++)
        made.max_logit = fmax(made.max_logit, fabs(change[v]));
    return made;
}

struct at_token_change at_token_change_undefined(void)
{
    return (struct at_token_change){NAN, 0, -1, NAN, 0};
}

struct at_token_change at_token_change_broken(void)
{
    return (struct at_token_change){INFINITY, 0, 0, INFINITY, 0};
}
