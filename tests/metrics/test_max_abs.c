/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "sample.h"

#include <math.h>

extern const struct at_metric at_metric_max_abs;
static const struct at_metric *const metric = &at_metric_max_abs;
static struct samples samples;

/* One subtraction: u. */
static void matches_direct(void **unused)
{
    (void)unused;
    long double largest = 0;
    samples_make(&samples, 51, 1e-3);
    for (int r = 0; r < SAMPLE_ROWS; r++)
        for (int i = 0; i < SAMPLE_DIM; i++)
            largest = fmaxl(largest, fabsl((long double)samples.got[r][i] - samples.truth[r][i]));
    samples_check(metric, &samples, largest, 0x1p-53L * largest);
}

static void by_hand(void **unused)
{
    (void)unused;
    assert_true(row_value(metric, plain_row(3, (float[]){1, -7, 2}, (double[]){1, -4, 4})) == 3);
    assert_true(row_value(metric, plain_row(3, (float[]){1, -1, 2}, (double[]){1, -4, 4})) == 3);
    assert_true(row_value(metric, plain_row(1, (float[]){0}, (double[]){0})) == 0);
    assert_true(rows_value(metric, plain_row(1, (float[]){0}, (double[]){5}), plain_row(1, (float[]){0}, (double[]){1})) == 5);
    assert_true(isnan(row_value(metric, plain_row(0, NULL, NULL))));
    assert_true(row_value(metric, plain_row(2, (float[]){NAN, 0}, (double[]){0, 0})) == INFINITY);
    assert_true(row_value(metric, plain_row(2, (float[]){0, -INFINITY}, (double[]){0, 0})) == INFINITY);
    assert_true(isnan(row_value(metric, plain_row(2, (float[]){9, 9}, (double[]){0, NAN}))));
}

static void radius_holds(void **unused)
{
    (void)unused;
    samples_check_radius(metric, 52, 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matches_direct),
        cmocka_unit_test(by_hand),
        cmocka_unit_test(radius_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
