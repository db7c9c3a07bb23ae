/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "sample.h"

#include <math.h>

extern const struct at_metric at_metric_bias;
static const struct at_metric *const metric = &at_metric_bias;
static struct samples samples;

/* Errors to u, two compensated sums to 3 u of the sum of sizes, a quotient. */
static void matches_direct(void **unused)
{
    (void)unused;
    long double sum = 0, size = 0, sizes = 0;
    samples_make(&samples, 81, 1e-3);
    for (int r = 0; r < SAMPLE_ROWS; r++)
        for (int i = 0; i < SAMPLE_DIM; i++) {
            long double truth = samples.truth[r][i], error = samples.got[r][i] - truth;
            sum += truth > 0 ? error : -error;
            sizes += fabsl(error);
            size += fabsl(truth);
        }
    assert_true(sum / size < -0.005); /* made with got = 0.99 truth + noise */
    samples_check(metric, &samples, sum / size, (4 * sizes + 4 * fabsl(sum)) / size * 0x1p-53L);
}

/* Truncation toward zero is below 0 for either sign of the truth; rounding up in size is above. */
static void toward_zero_is_negative(void **unused)
{
    (void)unused;
    assert_true(row_value(metric, plain_row(2, (float[]){0.75f, -0.75f}, (double[]){1, -1})) == -0.25);
    assert_true(row_value(metric, plain_row(2, (float[]){1.5f, -1.5f}, (double[]){1, -1})) == 0.5);
    assert_true(row_value(metric, plain_row(2, (float[]){0, 0}, (double[]){1, -3})) == -1);
    assert_true(row_value(metric, plain_row(2, (float[]){1.5f, -0.5f}, (double[]){1, -1})) == 0);
    assert_true(row_value(metric, plain_row(2, (float[]){5, 2}, (double[]){0, 2})) == 0); /* a truth of 0 has no sign */
}

/* The accumulator that drops every bit below 2^-13 of the sum: its bias is seen beside unbiased rounding of the same size. */
static void truncation_is_seen(void **unused)
{
    (void)unused;
    double cut_value, near_value;
    struct at_metric_state cut = {0}, near = {0};
    samples_make(&samples, 83, 1e-3);
    for (int r = 0; r < SAMPLE_ROWS; r++) {
        float down[SAMPLE_DIM], nearest[SAMPLE_DIM];
        for (int i = 0; i < SAMPLE_DIM; i++) {
            double unit = ldexp(1, ilogb(samples.truth[r][i]) - 7);
            down[i] = (float)(trunc(samples.truth[r][i] / unit) * unit);
            nearest[i] = (float)(rint(samples.truth[r][i] / unit) * unit);
        }
        struct at_row_sample low = plain_row(SAMPLE_DIM, down, samples.truth[r]), even = plain_row(SAMPLE_DIM, nearest, samples.truth[r]);
        metric->add(&cut, &low);
        metric->add(&near, &even);
    }
    assert_int_equal(metric->value(&cut, &cut_value), AT_OK);
    assert_int_equal(metric->value(&near, &near_value), AT_OK);
    assert_true(cut_value < -0x1p-9 && cut_value > -0x1p-7); /* half a unit of 2^-7 relative to 1..2 */
    assert_true(fabs(near_value) * 8 < fabs(cut_value));
}

/* Undefined, so that neither an upper nor a lower bound is met. */
static void a_bad_output_is_undefined(void **unused)
{
    (void)unused;
    assert_true(isnan(row_value(metric, plain_row(2, (float[]){1, NAN}, (double[]){1, 5}))));
    assert_true(isnan(row_value(metric, plain_row(2, (float[]){1, INFINITY}, (double[]){1, 5}))));
    assert_true(isnan(row_value(metric, plain_row(2, (float[]){1, 0}, (double[]){0, 0}))));
    assert_true(isnan(row_value(metric, plain_row(0, NULL, NULL))));
}

static void radius_holds(void **unused)
{
    (void)unused;
    samples_check_radius(metric, 82, 4);
    /* a truth of uncertain sign: got 5, truth 0.1 +- 0.2, beside a sure 100 */
    struct at_row_sample row = plain_row(2, (float[]){5, 100}, (double[]){0.1, 100});
    struct at_metric_state state = {0};
    row.radius = (double[]){0.2, 0};
    metric->add(&state, &row);
    double flipped = row_value(metric, plain_row(2, (float[]){5, 100}, (double[]){-0.1, 100}));
    assert_true(fabs(flipped - row_value(metric, row)) > 0.09);
    assert_true(fabs(flipped - row_value(metric, row)) <= metric->radius(&state));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matches_direct),
        cmocka_unit_test(toward_zero_is_negative),
        cmocka_unit_test(truncation_is_seen),
        cmocka_unit_test(a_bad_output_is_undefined),
        cmocka_unit_test(radius_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
