/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "sample.h"

#include <math.h>

extern const struct at_metric at_metric_rmse;
static const struct at_metric *const metric = &at_metric_rmse;
static struct samples samples;

/* Sum of squares to 6 u, halved by the root, and the root's and the quotient's own: 5 u. */
static void matches_direct(void **unused)
{
    (void)unused;
    long double sum = 0;
    samples_make(&samples, 11, 1e-3);
    for (int r = 0; r < SAMPLE_ROWS; r++)
        for (int i = 0; i < SAMPLE_DIM; i++) {
            long double error = (long double)samples.got[r][i] - samples.truth[r][i];
            sum += error * error;
        }
    long double expected = sqrtl(sum / (SAMPLE_ROWS * SAMPLE_DIM));
    samples_check(metric, &samples, expected, 5 * 0x1p-53L * expected);
}

static void by_hand(void **unused)
{
    (void)unused;
    assert_true(row_value(metric, plain_row(2, (float[]){4, 1}, (double[]){1, 5})) == sqrt(12.5));
    assert_true(row_value(metric, plain_row(1, (float[]){-3}, (double[]){-1})) == 2);
    assert_true(row_value(metric, plain_row(2, (float[]){0, 0}, (double[]){0, 0})) == 0);
    assert_true(isnan(row_value(metric, plain_row(0, NULL, NULL))));
    assert_true(isnan(row_value(metric, plain_row(1, (float[]){1}, (double[]){NAN}))));
}

static void a_bad_output_is_infinite(void **unused)
{
    (void)unused;
    assert_true(row_value(metric, plain_row(2, (float[]){1, NAN}, (double[]){1, 5})) == INFINITY);
    assert_true(row_value(metric, plain_row(2, (float[]){1, -INFINITY}, (double[]){1, 5})) == INFINITY);
    struct at_metric_state state = {0};
    struct at_row_sample row = plain_row(1, (float[]){NAN}, (double[]){1});
    metric->add(&state, &row);
    assert_true(metric->radius(&state) == 0);
}

static void radius_holds(void **unused)
{
    (void)unused;
    samples_check_radius(metric, 12, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matches_direct),
        cmocka_unit_test(by_hand),
        cmocka_unit_test(a_bad_output_is_infinite),
        cmocka_unit_test(radius_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
