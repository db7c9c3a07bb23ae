/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "stats/binomial.h"
#include "stats/sequential.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* ln of the martingale, in long double. */
static long double evidence(int64_t k, int64_t n, long double around, long double p)
{
    long double a = 0.5L, b = 0.5L * (1 - around) / around;
    long double mixture = lgammal(a + k) + lgammal(b + n - k) - lgammal(a + b + n) - lgammal(a) - lgammal(b) + lgammal(a + b);
    return mixture - (k ? k * logl(p) : 0) - (n > k ? (n - k) * log1pl(-p) : 0);
}

/* At each end the evidence is ln(1/(1 - level)), from outside; what double log-gammas of n leave is far below 1e-11 n. */
static void ends(void **unused)
{
    (void)unused;
    const int64_t trials[] = {1, 10, 300, 10000, 1000000};
    const double shares[] = {0, 0.003, 0.1, 0.5, 0.97, 1}, around[] = {0.01, 0.5};
    for (int t = 0; t < 5; t++)
        for (int s = 0; s < 6; s++)
            for (int o = 0; o < 2; o++) {
                int64_t n = trials[t], k = (int64_t)((double)n * shares[s]);
                struct at_interval i;
                long double tolerance = 1e-11L * n + 1e-9L, wanted = -logl(0.05L);
                assert_int_equal(at_anytime_proportion(k, n, 0.95, around[o], &i), AT_OK);
                assert_true(i.low <= (double)k / (double)n && (double)k / (double)n <= i.high);
                assert_true(k == 0 ? i.low == 0 : fabsl(evidence(k, n, around[o], i.low) - wanted) <= tolerance);
                tolerance += (n - k) * 0x1p-52L / (1 - i.high + 0x1p-60L); /* a double next to 1 */
                assert_true(k == n ? i.high == 1 : fabsl(evidence(k, n, around[o], i.high) - wanted) <= tolerance);
            }
}

/* Wider than the fixed-sample interval: that is the price of looking; and tightest near `around`. */
static void price_of_looking(void **unused)
{
    (void)unused;
    struct at_interval fixed, near, far;
    assert_int_equal(at_stats_proportion(3, 300, 0.95, &fixed), AT_OK);
    assert_int_equal(at_anytime_proportion(3, 300, 0.95, 0.01, &near), AT_OK);
    assert_int_equal(at_anytime_proportion(3, 300, 0.95, 0.5, &far), AT_OK);
    assert_true(near.low < fixed.low && near.high > fixed.high && far.high > near.high);
    assert_int_equal(at_anytime_proportion(0, 0, 0.95, 0.5, &far), AT_OK);
    assert_true(far.low == 0 && far.high == 1);
}

/* The chance of ever leaving, exactly: paths counted by dynamic programming, for a fair and a rare coin. */
static void never_leaves_too_often(void **unused)
{
    (void)unused;
    enum { LAST = 150 };
    const double shares[] = {0.5, 0.05};
    for (int s = 0; s < 2; s++) {
        static double inside[LAST + 2], next[LAST + 2];
        double p = shares[s], left = 0;
        for (int k = 0; k <= LAST + 1; k++)
            inside[k] = k == 0;
        for (int n = 1; n <= LAST; n++) {
            for (int k = 0; k <= n; k++) {
                struct at_interval i;
                next[k] = inside[k] * (1 - p) + (k ? inside[k - 1] * p : 0);
                assert_int_equal(at_anytime_proportion(k, n, 0.95, 0.5, &i), AT_OK);
                if (i.low > p || i.high < p) {
                    left += next[k];
                    next[k] = 0;
                }
            }
            for (int k = 0; k <= n; k++)
                inside[k] = next[k];
        }
        assert_true(left <= 0.05 && left > 0.005); /* not vacuous */
    }
}

static void decides(void **unused)
{
    (void)unused;
    enum at_decision decision;
    int64_t heads, later;
    assert_int_equal(at_anytime_clean_heads(0, 0, 0.01, 0.95, &heads), AT_OK);
    assert_true(heads > 299 && heads < 2 * 299);
    assert_int_equal(at_anytime_decide(0, heads, 0.01, 0.95, &decision), AT_OK);
    assert_int_equal(decision, AT_DECISION_MET);
    assert_int_equal(at_anytime_decide(0, heads - 1, 0.01, 0.95, &decision), AT_OK);
    assert_int_equal(decision, AT_DECISION_OPEN);
    assert_int_equal(at_anytime_clean_heads(0, heads - 1, 0.01, 0.95, &later), AT_OK);
    assert_int_equal(later, 1);
    assert_int_equal(at_anytime_clean_heads(0, heads, 0.01, 0.95, &later), AT_OK);
    assert_int_equal(later, 0);
    assert_int_equal(at_anytime_clean_heads(1, heads, 0.01, 0.95, &later), AT_OK);
    assert_true(later > 0 && later < heads);
    assert_int_equal(at_anytime_decide(30, 300, 0.01, 0.95, &decision), AT_OK);
    assert_int_equal(decision, AT_DECISION_NOT_MET);
    assert_int_equal(at_anytime_clean_heads(0, 5, 1e-12, 0.95, &later), AT_OK);
    assert_int_equal(later, -1);
    struct at_interval i = {7, 7};
    assert_int_equal(at_anytime_proportion(3, 2, 0.95, 0.5, &i), AT_ERR_ARGUMENT);
    assert_int_equal(at_anytime_proportion(1, 2, 1, 0.5, &i), AT_ERR_ARGUMENT);
    assert_int_equal(at_anytime_proportion(1, 2, 0.95, 0, &i), AT_ERR_ARGUMENT);
    assert_int_equal(at_anytime_decide(1, 2, NAN, 0.95, &decision), AT_ERR_ARGUMENT);
    assert_true(i.low == 7);
}

int main(void)
{
    at_stats_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ends),
        cmocka_unit_test(price_of_looking),
        cmocka_unit_test(never_leaves_too_often),
        cmocka_unit_test(decides),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
