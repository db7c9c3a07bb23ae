/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "stats/binomial.h"
#include "stats/stats.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static long double pmf(int64_t k, int64_t n, long double q)
{
    return expl(lgammal(n + 1.0L) - lgammal(k + 1.0L) - lgammal(n - k + 1.0L) + k * logl(q) + (n - k) * log1pl(-q));
}

/* P(X >= k) from the side of k that holds less, term by term. */
static long double at_least(int64_t k, int64_t n, long double q)
{
    long double sum = 0, term;
    if (k > n * q) {
        term = pmf(k, n, q);
        for (int64_t i = k; i <= n && term > 1e-25L * sum; i++) {
            sum += term;
            term *= (n - i) / (i + 1.0L) * q / (1 - q);
        }
        return sum;
    }
    term = pmf(k - 1, n, q);
    for (int64_t i = k - 1; i >= 0 && term > 1e-25L * sum; i--) {
        sum += term;
        term *= i / (n - i + 1.0L) * (1 - q) / q;
    }
    return 1 - sum;
}

/* The smaller of both tails, to 1e-7 as the header says. */
static void check(int64_t k, int64_t n, double q)
{
    double p = at_binomial_at_least(k, n, q);
    long double truth = at_least(k, n, q), least = fminl(truth, 1 - truth);
    if (!(fabsl(p - truth) <= 1e-7L * least + 0x1p-52L))
        fail_msg("P(X >= %lld) of %lld, %g: %.12g, not %.12Lg", (long long)k, (long long)n, q, p, truth);
}

static void agrees_with_sums(void **unused)
{
    (void)unused;
    const int64_t trials[] = {1, 2, 7, 59, 1000, 99999, 100001, 1000000};
    const double shares[] = {1e-6, 1e-4, 0.01, 0.3, 0.5, 0.99};
    for (int t = 0; t < 8; t++)
        for (int s = 0; s < 6; s++)
            for (int d = -12; d <= 12; d++) {
                double mean = (double)trials[t] * shares[s], sd = sqrt(mean * (1 - shares[s]));
                int64_t k = (int64_t)(mean + d * 0.4 * sd);
                if (k >= 1 && k <= trials[t])
                    check(k, trials[t], shares[s]);
                if (d > 0 && d <= trials[t])
                    check(d, trials[t], shares[s]);
            }
}

static void ends(void **unused)
{
    (void)unused;
    assert_true(at_binomial_at_least(0, 5, 0.3) == 1 && at_binomial_at_least(6, 5, 0.3) == 0 && at_binomial_at_least(1, 0, 0.3) == 0);
    assert_true(at_binomial_at_least(3, 5, 0) == 0 && at_binomial_at_least(3, 5, 1) == 1);
    assert_true(at_binomial_at_least(1, 5, 0) == 0 && at_binomial_at_least(1, 5, 1) == 1);
    /* next to the mean of a billion trials GSL gives NaN; never out of [0, 1] */
    for (int64_t k = 499990000; k <= 500010000; k += 1000) {
        double p = at_binomial_at_least(k, AT_TRIALS_MAX, 0.5);
        assert_true(p >= 0 && p <= 1);
    }
}

static void fewest(void **unused)
{
    (void)unused;
    for (int64_t k = 1; k < 20; k += 3) {
        int64_t n = at_binomial_fewest(k, 0.02, 0.9);
        assert_true(at_binomial_at_least(k, n, 0.02) >= 0.9 && at_binomial_at_least(k, n - 1, 0.02) < 0.9);
    }
    assert_int_equal(at_binomial_fewest(1, 1e-12, 0.95), -1);
    assert_int_equal(at_binomial_fewest(3, 1 - 1e-12, 0.95), 3);
}

int main(void)
{
    at_stats_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_sums),
        cmocka_unit_test(ends),
        cmocka_unit_test(fewest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
