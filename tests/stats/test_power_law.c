/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "stats/power_law.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* y = 3 x^2 exactly. */
static void exact_law(void **unused)
{
    (void)unused;
    const double x[] = {1, 2, 4, 8};
    double y[8];
    struct at_power_law law;
    for (int i = 0; i < 8; i++)
        y[i] = (i < 4 ? 3 : 6) * x[i % 4] * x[i % 4];
    assert_int_equal(at_power_law_points(x, y, 4, 0.95, &law), AT_OK);
    assert_true(fabs(law.exponent - 2) <= 1e-14 && fabs(law.factor - 3) <= 1e-13 && law.interval.high - law.interval.low <= 1e-6);
    assert_int_equal(at_power_law_heads(x, 4, y, 2, 0.95, &law), AT_OK);
    assert_true(fabs(law.exponent - 2) <= 1e-14 && fabs(law.factor - 3 * sqrt(2)) <= 1e-13 &&
                law.interval.high - law.interval.low <= 1e-12);
}

/* Student's quantiles: 12.706204736 with 1 degree of freedom, 4.302652730 with 2. */
static void by_hand(void **unused)
{
    (void)unused;
    struct at_power_law law;
    /* ln x = 0, 1, 2; residuals (1, -2, 1)/6: slope 2, standard error sqrt((6/36)/2) */
    assert_int_equal(
        at_power_law_points((double[]){1, M_E, M_E * M_E}, (double[]){exp(1 / 6.0), exp(2 - 2 / 6.0), exp(4 + 1 / 6.0)}, 3, 0.95, &law),
        AT_OK);
    double half = 12.706204736 * sqrt(1 / 12.0);
    assert_true(fabs(law.exponent - 2) <= 1e-13 && fabs(law.interval.low - (2 - half)) <= 1e-8 &&
                fabs(law.interval.high - (2 + half)) <= 1e-8);
    /* heads with exponents 1, 2, 3: mean 2, sd 1 */
    assert_int_equal(at_power_law_heads((double[]){1, 2}, 2, (double[]){1, 2, 1, 4, 1, 8}, 3, 0.95, &law), AT_OK);
    half = 4.302652730 / sqrt(3);
    assert_true(fabs(law.exponent - 2) <= 1e-14 && fabs(law.interval.low - (2 - half)) <= 1e-9 &&
                fabs(law.interval.high - (2 + half)) <= 1e-9);
}

static void refusals(void **unused)
{
    (void)unused;
    const double x[] = {1, 2, 4}, y[] = {1, 2, 3}, equal[] = {2, 2, 2}, bad[] = {1, 0, 3}, nan[] = {1, NAN, 3};
    struct at_power_law law = {.exponent = 7};
    assert_int_equal(at_power_law_points(x, y, 2, 0.95, &law), AT_ERR_UNDEFINED);
    assert_int_equal(at_power_law_points(equal, y, 3, 0.95, &law), AT_ERR_UNDEFINED);
    assert_int_equal(at_power_law_points(x, bad, 3, 0.95, &law), AT_ERR_UNDEFINED);
    assert_int_equal(at_power_law_points(nan, y, 3, 0.95, &law), AT_ERR_UNDEFINED);
    assert_int_equal(at_power_law_points(x, y, 3, 1, &law), AT_ERR_ARGUMENT);
    assert_int_equal(at_power_law_heads(x, 3, y, 1, 0.95, &law), AT_ERR_UNDEFINED);
    assert_int_equal(at_power_law_heads(equal, 1, y, 3, 0.95, &law), AT_ERR_UNDEFINED);
    assert_int_equal(at_power_law_heads(equal, 3, (double[]){1, 2, 3, 4, 5, 6}, 2, 0.95, &law), AT_ERR_UNDEFINED);
    assert_int_equal(at_power_law_heads(x, 3, (double[]){1, 2, 3, 4, -5, 6}, 2, 0.95, &law), AT_ERR_UNDEFINED);
    assert_true(law.exponent == 7);
}

int main(void)
{
    at_stats_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exact_law),
        cmocka_unit_test(by_hand),
        cmocka_unit_test(refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
