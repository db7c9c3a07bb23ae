/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "stats/paired.h"

#include "core/random.h"
#include "stats/logarithm.h"

#include <math.h>
#include <stdlib.h>

enum { PERMUTATION_STREAM = 0x7065726d }; /* "perm" */

/* How often the exchanged sum is as small, and as large, as the observed one. */
struct tally {
    double observed, slack; /* sums within `slack` are equal: they differ by their order of addition alone */
    int64_t small, large, draws;
};

static void count(struct tally *tally, double sum)
{
    tally->small += sum <= tally->observed + tally->slack;
    tally->large += sum >= tally->observed - tally->slack;
    tally->draws++;
}

static void all_exchanges(const double *d, int64_t heads, struct tally *tally)
{
    for (uint64_t signs = 0; signs < UINT64_C(1) << heads; signs++) {
        double sum = 0;
        for (int64_t i = 0; i < heads; i++)
            sum += signs >> i & 1 ? -d[i] : d[i];
        count(tally, sum);
    }
}

static void random_exchanges(const double *d, int64_t heads, size_t draws, uint64_t seed, struct tally *tally)
{
    struct at_random key = {seed, PERMUTATION_STREAM};
    uint64_t counter = 0, bits = 0;
    for (size_t draw = 0; draw < draws; draw++) {
        double sum = 0;
        for (int64_t i = 0; i < heads; i++) {
            bits = i % 64 ? bits >> 1 : at_random_bits(key, counter++);
            sum += bits & 1 ? -d[i] : d[i];
        }
        count(tally, sum);
    }
    count(tally, tally->observed); /* the observed exchange is one of them: no p value of 0 */
}

enum at_status at_paired_permutation(const double *a, const double *b, size_t heads, size_t draws, uint64_t seed,
                                     struct at_paired_test *ret_test)
{
    double *d, size = 0;
    struct at_paired_test t = {0};
    struct tally tally = {0};
    if (draws == 0)
        return AT_ERR_ARGUMENT;
    enum at_status status = at_log_ratios(a, b, heads, &d);
    if (status)
        return status;
    for (size_t i = 0; i < heads; i++)
        if (d[i] != 0) {
            tally.observed += d[i];
            size += fabs(d[i]);
            d[t.heads++] = d[i];
        }
    t.ties = (int64_t)heads - t.heads;
    t.exact = t.heads <= AT_PERMUTATION_EXACT;
    tally.slack = size * (double)heads * 0x1p-52;
    if (t.heads == 0)
        status = AT_ERR_UNDEFINED;
    else if (t.exact)
        all_exchanges(d, t.heads, &tally);
    else
        random_exchanges(d, t.heads, draws, seed, &tally);
    free(d);
    if (status)
        return status;
    t.a_smaller = (double)tally.small / (double)tally.draws;
    t.b_smaller = (double)tally.large / (double)tally.draws;
    t.two_sided = fmin(1, 2 * fmin(t.a_smaller, t.b_smaller));
    *ret_test = t;
    return AT_OK;
}
