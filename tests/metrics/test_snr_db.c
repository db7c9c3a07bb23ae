/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "sample.h"

#include <math.h>

extern const struct at_metric at_metric_snr_db;
static const struct at_metric *const metric = &at_metric_snr_db;
static struct samples samples;

/* Sums to 6 u each; two logarithms below 4 in size and their difference: 4 u each way; times 10. */
static void matches_direct(void **unused)
{
    (void)unused;
    long double sum = 0, size = 0;
    samples_make(&samples, 41, 1e-3);
    for (int r = 0; r < SAMPLE_ROWS; r++)
        for (int i = 0; i < SAMPLE_DIM; i++) {
            long double truth = samples.truth[r][i], error = samples.got[r][i] - truth;
            sum += error * error;
            size += truth * truth;
        }
    long double scale = 10 * (12 / logl(10) + 8 * (fabsl(log10l(sum)) + fabsl(log10l(size))));
    samples_check(metric, &samples, 10 * log10l(size / sum), 0x1p-53L * scale);
}

static void by_hand(void **unused)
{
    (void)unused;
    assert_true(row_value(metric, plain_row(1, (float[]){11}, (double[]){10})) == 20);
    assert_true(row_value(metric, plain_row(1, (float[]){0}, (double[]){10})) == 0);
    assert_true(row_value(metric, plain_row(2, (float[]){3, 4}, (double[]){3, 4})) == INFINITY);
    assert_true(isnan(row_value(metric, plain_row(2, (float[]){0, 0}, (double[]){0, 0}))));
    assert_true(isnan(row_value(metric, plain_row(2, (float[]){1, 0}, (double[]){0, 0}))));
    assert_true(isnan(row_value(metric, plain_row(0, NULL, NULL))));
}

static void a_bad_output_is_minus_infinite(void **unused)
{
    (void)unused;
    assert_true(row_value(metric, plain_row(2, (float[]){1, NAN}, (double[]){1, 5})) == -INFINITY);
    assert_true(row_value(metric, plain_row(1, (float[]){INFINITY}, (double[]){1})) == -INFINITY);
}

static void radius_holds(void **unused)
{
    (void)unused;
    samples_check_radius(metric, 42, 4);
    /* equal to a truth that may differ: infinitely good is not certain */
    struct at_metric_state state = {0};
    struct at_row_sample row = plain_row(1, (float[]){1}, (double[]){1});
    row.radius = (double[]){1e-20};
    metric->add(&state, &row);
    assert_true(metric->radius(&state) == INFINITY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matches_direct),
        cmocka_unit_test(by_hand),
        cmocka_unit_test(a_bad_output_is_minus_infinite),
        cmocka_unit_test(radius_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
