/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "sample.h"

#include <math.h>

extern const struct at_metric at_metric_calc_diff;
static const struct at_metric *const metric = &at_metric_calc_diff;
static struct samples samples;

/* The published form, in long double: its cancellation costs 2^-64 absolute, the sums 6 u each. */
static void matches_direct(void **unused)
{
    (void)unused;
    long double xy = 0, xx = 0, yy = 0;
    samples_make(&samples, 31, 1e-3);
    for (int r = 0; r < SAMPLE_ROWS; r++)
        for (int i = 0; i < SAMPLE_DIM; i++) {
            long double x = samples.got[r][i], y = samples.truth[r][i];
            xy += x * y;
            xx += x * x;
            yy += y * y;
        }
    long double expected = 1 - 2 * xy / (xx + yy);
    samples_check(metric, &samples, expected, 14 * 0x1p-53L * expected + SAMPLE_ROWS * SAMPLE_DIM * 0x1p-62L);
}

static void by_hand(void **unused)
{
    (void)unused;
    assert_true(row_value(metric, plain_row(2, (float[]){3, 4}, (double[]){3, 4})) == 0);
    assert_true(row_value(metric, plain_row(2, (float[]){0, 0}, (double[]){3, 4})) == 1);
    assert_true(row_value(metric, plain_row(2, (float[]){3, 4}, (double[]){0, 0})) == 1);
    assert_true(row_value(metric, plain_row(2, (float[]){-3, -4}, (double[]){3, 4})) == 2);
    assert_true(row_value(metric, plain_row(1, (float[]){1}, (double[]){3})) == 0.4);
    assert_true(isnan(row_value(metric, plain_row(2, (float[]){0, 0}, (double[]){0, 0}))));
    assert_true(isnan(row_value(metric, plain_row(0, NULL, NULL))));
}

/* The published form gives 0 for a relative error of 2^-30 in double: 2^-61 is below its rounding. */
static void small_differences_are_kept(void **unused)
{
    (void)unused;
    double value = row_value(metric, plain_row(1, (float[]){1}, (double[]){1 + 0x1p-30}));
    assert_true(fabs(value - 0x1p-61) <= 0x1p-61 * 0x1p-28);
}

static void a_bad_output_is_infinite(void **unused)
{
    (void)unused;
    assert_true(row_value(metric, plain_row(2, (float[]){1, NAN}, (double[]){1, 5})) == INFINITY);
    assert_true(row_value(metric, plain_row(1, (float[]){INFINITY}, (double[]){1})) == INFINITY);
}

static void radius_holds(void **unused)
{
    (void)unused;
    samples_check_radius(metric, 32, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matches_direct),
        cmocka_unit_test(by_hand),
        cmocka_unit_test(small_differences_are_kept),
        cmocka_unit_test(a_bad_output_is_infinite),
        cmocka_unit_test(radius_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
