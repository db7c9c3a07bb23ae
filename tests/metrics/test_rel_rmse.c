/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "sample.h"

#include <math.h>

extern const struct at_metric at_metric_rel_rmse;
static const struct at_metric *const metric = &at_metric_rel_rmse;
static struct samples samples;

/* Two sums to 6 u each, halved by the root; quotient and root 2 u. */
static void matches_direct(void **unused)
{
    (void)unused;
    long double sum = 0, size = 0;
    samples_make(&samples, 21, 1e-3);
    for (int r = 0; r < SAMPLE_ROWS; r++)
        for (int i = 0; i < SAMPLE_DIM; i++) {
            long double truth = samples.truth[r][i], error = samples.got[r][i] - truth;
            sum += error * error;
            size += truth * truth;
        }
    samples_check(metric, &samples, sqrtl(sum / size), 8 * 0x1p-53L * sqrtl(sum / size));
}

static void by_hand(void **unused)
{
    (void)unused;
    assert_true(row_value(metric, plain_row(2, (float[]){3, 4}, (double[]){3, 4})) == 0);
    assert_true(row_value(metric, plain_row(2, (float[]){0, 0}, (double[]){3, 4})) == 1);
    assert_true(row_value(metric, plain_row(2, (float[]){3, 0}, (double[]){3, 4})) == 0.8);
    /* pooled over rows: sqrt((0 + 16) / (9 + 16)), not a mean of rows */
    assert_true(rows_value(metric, plain_row(1, (float[]){3}, (double[]){3}), plain_row(1, (float[]){0}, (double[]){4})) == 0.8);
}

static void zero_truth_is_undefined(void **unused)
{
    (void)unused;
    assert_true(isnan(row_value(metric, plain_row(2, (float[]){0, 0}, (double[]){0, 0}))));
    assert_true(isnan(row_value(metric, plain_row(2, (float[]){1, 0}, (double[]){0, 0}))));
    assert_true(isnan(row_value(metric, plain_row(0, NULL, NULL))));
}

static void a_bad_output_is_infinite(void **unused)
{
    (void)unused;
    assert_true(row_value(metric, plain_row(2, (float[]){1, NAN}, (double[]){1, 5})) == INFINITY);
    assert_true(row_value(metric, plain_row(2, (float[]){NAN, NAN}, (double[]){1, 5})) == INFINITY);
    assert_true(row_value(metric, plain_row(1, (float[]){INFINITY}, (double[]){0})) == INFINITY);
}

static void radius_holds(void **unused)
{
    (void)unused;
    samples_check_radius(metric, 22, 4);
    struct at_metric_state state = {0};
    struct at_row_sample row = plain_row(1, (float[]){1}, (double[]){1});
    row.radius = (double[]){1}; /* the truth may be 0 */
    metric->add(&state, &row);
    assert_true(metric->radius(&state) == INFINITY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matches_direct),
        cmocka_unit_test(by_hand),
        cmocka_unit_test(zero_truth_is_undefined),
        cmocka_unit_test(a_bad_output_is_infinite),
        cmocka_unit_test(radius_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
