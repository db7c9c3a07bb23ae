/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "stats/stats.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/*
 * Like NIST's NumAcc3 and NumAcc4: 1001 values offset + 0.2, then offset + 0.1 and offset + 0.3 in turn; mean offset + 0.2, sd exactly 0.1
 * for decimal numbers. Here the values are doubles: what their rounding does is computed in long double, after subtracting the offset.
 */
static void hard_data(double offset)
{
    enum { COUNT = 1001 };
    double values[COUNT];
    long double sum = 0, square = 0;
    for (int i = 0; i < COUNT; i++) {
        values[i] = offset + (i == 0 ? 0.2 : i % 2 ? 0.1 : 0.3);
        sum += (long double)values[i] - offset;
    }
    long double mean = sum / COUNT;
    for (int i = 0; i < COUNT; i++)
        square += (values[i] - offset - mean) * (values[i] - offset - mean);
    long double sd = sqrtl(square / (COUNT - 1));
    struct at_summary s;
    assert_int_equal(at_stats_summary(values, COUNT, &s), AT_OK);
    /* the mean rounded to double, which shifts every deviation and so the variance by its square; n u for the running variance */
    long double ulp = 0x1p-52L * (fabsl(offset) + 1);
    assert_true(fabsl(s.mean - offset - mean) <= 2 * ulp);
    assert_true(fabsl(s.sd - sd) <= (4 * ulp * ulp / (sd * sd) + COUNT * 0x1p-53L) * sd);
    assert_true(s.min == values[1] && s.max == values[2] && s.median == values[0]);
}

static void large_offsets(void **unused)
{
    (void)unused;
    hard_data(0);
    hard_data(1e6); /* NumAcc3 */
    hard_data(1e7); /* NumAcc4 */
    hard_data(-1e9);
}

static void by_hand(void **unused)
{
    (void)unused;
    struct at_summary s;
    assert_int_equal(at_stats_summary((double[]){4, NAN, 1, INFINITY, 3, -INFINITY, 2}, 7, &s), AT_OK);
    assert_int_equal(s.count, 4);
    assert_int_equal(s.nonfinite, 3);
    assert_true(s.mean == 2.5 && s.median == 2.5 && s.min == 1 && s.max == 4);
    assert_true(fabs(s.sd - sqrt(5.0 / 3)) <= 2 * 0x1p-52);
    assert_int_equal(at_stats_summary((double[]){7}, 1, &s), AT_OK);
    assert_true(s.mean == 7 && s.median == 7 && s.min == 7 && s.max == 7 && isnan(s.sd) && s.nonfinite == 0);
    /* equal values: sd exactly 0 */
    assert_int_equal(at_stats_summary((double[]){0.1, 0.1, 0.1}, 3, &s), AT_OK);
    assert_true(s.sd == 0 && s.mean == 0.1);
}

static void nothing_is_undefined(void **unused)
{
    (void)unused;
    struct at_summary s = {.count = 77};
    double q = 77;
    assert_int_equal(at_stats_summary(NULL, 0, &s), AT_ERR_UNDEFINED);
    assert_int_equal(at_stats_summary((double[]){NAN, INFINITY}, 2, &s), AT_ERR_UNDEFINED);
    assert_int_equal(at_stats_quantile(NULL, 0, 0.5, &q), AT_ERR_UNDEFINED);
    assert_int_equal(at_stats_quantile((double[]){NAN}, 1, 0.5, &q), AT_ERR_UNDEFINED);
    assert_true(s.count == 77 && q == 77);
}

/* Hyndman and Fan's definition 7 on 10 20 30 40, given unsorted. */
static void quantiles(void **unused)
{
    (void)unused;
    const double values[] = {30, 10, NAN, 40, 20}, p[] = {0, 0.25, 0.5, 0.75, 0.1, 1}, expected[] = {10, 17.5, 25, 32.5, 13, 40};
    double q;
    for (int i = 0; i < 6; i++) {
        assert_int_equal(at_stats_quantile(values, 5, p[i], &q), AT_OK);
        assert_true(fabs(q - expected[i]) <= expected[i] * 0x1p-51);
    }
    assert_true(values[0] == 30 && values[1] == 10); /* the caller's order is kept */
    /* between equal neighbours the quantile is that value, whatever the rounding */
    for (int i = 0; i <= 100; i++) {
        assert_int_equal(at_stats_quantile((double[]){0.1, 0.1, 0.1}, 3, i / 100.0, &q), AT_OK);
        assert_true(q == 0.1);
    }
    assert_int_equal(at_stats_quantile((double[]){-3}, 1, 0.3, &q), AT_OK);
    assert_true(q == -3);
    assert_int_equal(at_stats_quantile(values, 5, -0.01, &q), AT_ERR_ARGUMENT);
    assert_int_equal(at_stats_quantile(values, 5, 1.01, &q), AT_ERR_ARGUMENT);
    assert_int_equal(at_stats_quantile(values, 5, NAN, &q), AT_ERR_ARGUMENT);
}

int main(void)
{
    at_stats_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(large_offsets),
        cmocka_unit_test(by_hand),
        cmocka_unit_test(nothing_is_undefined),
        cmocka_unit_test(quantiles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
