/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "sample.h"

#include <math.h>

extern const struct at_metric at_metric_max_rel_sum_abs;
static const struct at_metric *const metric = &at_metric_max_rel_sum_abs;
static struct samples samples;

/* A subtraction and a division: 2 u. */
static void matches_direct(void **unused)
{
    (void)unused;
    long double largest = 0;
    samples_make(&samples, 61, 1e-3);
    for (int r = 0; r < SAMPLE_ROWS; r++)
        for (int i = 0; i < SAMPLE_DIM; i++)
            largest = fmaxl(largest, fabsl((long double)samples.got[r][i] - samples.truth[r][i]) / samples.sum_abs[r][i]);
    samples_check(metric, &samples, largest, 3 * 0x1p-53L * largest);
}

static double with_units(int64_t dim, const float *got, const double *truth, const double *units)
{
    struct at_row_sample row = plain_row(dim, got, truth);
    row.sum_abs = units;
    return row_value(metric, row);
}

static void by_hand(void **unused)
{
    (void)unused;
    /* a cancelling row: the truth is 0, the error is judged by what was summed */
    assert_true(with_units(2, (float[]){0.5f, 1}, (double[]){0, 0}, (double[]){4, 2}) == 0.5);
    /* where nothing was summed 0 says nothing and anything else is infinitely wrong */
    assert_true(isnan(with_units(2, (float[]){0, 0}, (double[]){0, 0}, (double[]){0, 0})));
    assert_true(with_units(2, (float[]){0, 1}, (double[]){0, 2}, (double[]){0, 4}) == 0.25);
    assert_true(with_units(2, (float[]){1e-30f, 1}, (double[]){0, 2}, (double[]){0, 4}) == INFINITY);
    assert_true(with_units(1, (float[]){1}, (double[]){1}, (double[]){4}) == 0);
    assert_true(isnan(with_units(0, NULL, NULL, NULL)));
}

static void nan_is_infinite(void **unused)
{
    (void)unused;
    assert_true(with_units(1, (float[]){NAN}, (double[]){1}, (double[]){4}) == INFINITY);
    assert_true(with_units(1, (float[]){NAN}, (double[]){0}, (double[]){0}) == INFINITY);
    assert_true(with_units(1, (float[]){1}, (double[]){2}, (double[]){NAN}) == INFINITY);
    assert_true(with_units(1, (float[]){1}, (double[]){2}, (double[]){-1}) == INFINITY);
    assert_true(isnan(with_units(1, (float[]){1}, (double[]){NAN}, (double[]){1})));
}

static void radius_holds(void **unused)
{
    (void)unused;
    samples_check_radius(metric, 62, 32);
    /* without a radius of the truth there is still that of the unit */
    struct at_metric_state state = {0};
    struct at_row_sample row = plain_row(1, (float[]){1}, (double[]){2});
    metric->add(&state, &row);
    assert_true(metric->radius(&state) >= 1 / (1 - 1e-15) - 1 - 0x1p-53);
    assert_true(metric->radius(&state) <= 2e-15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matches_direct),
        cmocka_unit_test(by_hand),
        cmocka_unit_test(nan_is_infinite),
        cmocka_unit_test(radius_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
