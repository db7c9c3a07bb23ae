/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "stats/stats.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* P(X <= k) for X ~ Binomial(n, u), summed term by term. */
static long double below(int64_t k, int64_t n, long double u)
{
    long double log_term = (long double)n * log1pl(-u), sum = 0;
    for (int64_t i = 0; i <= k; i++) {
        sum += expl(log_term);
        log_term += logl((long double)(n - i) / (long double)(i + 1)) + logl(u) - log1pl(-u);
    }
    return sum;
}

/*
 * The limits put (1 - level)/2 into each tail. Relative tolerance: what the solver accepts (1e-6), and GSL's switch to the gamma
 * distribution for n > 1e5, off by k^2/n.
 */
static void check(int64_t hits, int64_t trials, double level)
{
    struct at_interval i;
    double tail = (1 - level) / 2, tolerance = 2e-6 + 2.0 * (double)(hits * hits + 1) / (double)trials * (trials > 100000);
    assert_int_equal(at_stats_proportion(hits, trials, level, &i), AT_OK);
    assert_true(i.low <= (double)hits / (double)trials && (double)hits / (double)trials <= i.high);
    if (hits > 0) {
        double p = (double)(1 - below(hits - 1, trials, i.low));
        if (!(fabs(p / tail - 1) <= tolerance))
            fail_msg("%lld of %lld, lower %.17g: tail %.9g, wanted %.9g", (long long)hits, (long long)trials, i.low, p, tail);
    } else {
        assert_true(i.low == 0);
    }
    if (hits < trials) {
        double p = (double)below(hits, trials, i.high);
        if (!(fabs(p / tail - 1) <= tolerance))
            fail_msg("%lld of %lld, upper %.17g: tail %.9g, wanted %.9g", (long long)hits, (long long)trials, i.high, p, tail);
    } else {
        assert_true(i.high == 1);
    }
}

static void limits_have_their_tails(void **unused)
{
    (void)unused;
    for (int64_t n = 1; n <= 40; n++)
        for (int64_t k = 0; k <= n; k++)
            check(k, n, 0.95);
    const double levels[] = {0.5, 0.9, 0.99, 0.9999};
    for (int i = 0; i < 4; i++) {
        check(0, 59, levels[i]);
        check(3, 1000, levels[i]);
        check(500, 1000, levels[i]);
        check(997, 1000, levels[i]);
        check(10, 1000000, levels[i]);
    }
}

/* Where gsl_cdf_beta_Pinv gives NaN. */
static void rare_hits_among_many(void **unused)
{
    (void)unused;
    check(0, 10000000, 0.95);
    check(3, 10000000, 0.95);
    check(10, 10000000, 0.95);
    check(100, 10000000, 0.95);
    check(1000, 100000000, 0.95);
    struct at_interval rare, common;
    assert_int_equal(at_stats_proportion(1, 10000000, 0.95, &rare), AT_OK);
    assert_int_equal(at_stats_proportion(9999999, 10000000, 0.95, &common), AT_OK);
    assert_true(fabs(1 - common.low - rare.high) <= 1e-5 * rare.high && fabs(1 - common.high - rare.low) <= 1e-5 * rare.low);
}

/* Published: 0 of 10: 0.3085; 1 of 10: 0.0025 to 0.4450; 5 of 10: 0.1871 to 0.8129 (Clopper and Pearson; any table). */
static void tables(void **unused)
{
    (void)unused;
    const struct {
        int64_t hits;
        double low, high;
    } row[] = {{0, 0, 0.3085}, {1, 0.0025, 0.4450}, {5, 0.1871, 0.8129}, {10, 0.6915, 1}};
    for (int r = 0; r < 4; r++) {
        struct at_interval i;
        assert_int_equal(at_stats_proportion(row[r].hits, 10, 0.95, &i), AT_OK);
        assert_true(fabs(i.low - row[r].low) <= 0.00005 && fabs(i.high - row[r].high) <= 0.00005);
    }
}

/* Millions of hits: close to the normal approximation k/n +- z sqrt(k (n - k) / n^3), the next term being of relative size 1/sqrt(k). */
static void many_hits(void **unused)
{
    (void)unused;
    const int64_t trials[] = {10000000, 100000000, 1000000000};
    const int64_t parts[] = {2, 10, 1000};
    for (int t = 0; t < 3; t++)
        for (int p = 0; p < 3; p++) {
            struct at_interval i;
            double n = (double)trials[t], k = n / (double)parts[p], half = 1.959963984540054 * sqrt(k * (n - k) / n) / n;
            assert_int_equal(at_stats_proportion((int64_t)k, trials[t], 0.95, &i), AT_OK);
            assert_true(fabs(i.low - (k / n - half)) <= half * 4 / sqrt(k));
            assert_true(fabs(i.high - (k / n + half)) <= half * 4 / sqrt(k));
        }
}

static void refusals(void **unused)
{
    (void)unused;
    struct at_interval i = {7, 7};
    assert_int_equal(at_stats_proportion(0, 0, 0.95, &i), AT_ERR_UNDEFINED);
    assert_int_equal(at_stats_proportion(-1, 5, 0.95, &i), AT_ERR_ARGUMENT);
    assert_int_equal(at_stats_proportion(6, 5, 0.95, &i), AT_ERR_ARGUMENT);
    assert_int_equal(at_stats_proportion(1, 5, 1, &i), AT_ERR_ARGUMENT);
    assert_int_equal(at_stats_proportion(1, 5, 0, &i), AT_ERR_ARGUMENT);
    assert_int_equal(at_stats_proportion(1, 5, NAN, &i), AT_ERR_ARGUMENT);
    assert_true(i.low == 7 && i.high == 7);
}

int main(void)
{
    at_stats_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limits_have_their_tails),
        cmocka_unit_test(rare_hits_among_many),
        cmocka_unit_test(tables),
        cmocka_unit_test(many_hits),
        cmocka_unit_test(refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
