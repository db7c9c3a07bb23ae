/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "sample.h"

#include <math.h>

extern const struct at_metric at_metric_cosine_min;
static const struct at_metric *const metric = &at_metric_cosine_min;
static struct samples samples;

/* Sums of n terms to (n + 2) u of their absolute sizes at worst in the reference's neighbourhood: 3 sums, 2 roots, 2 operations. */
static void matches_direct(void **unused)
{
    (void)unused;
    long double smallest = 2;
    samples_make(&samples, 71, 1e-3);
    for (int r = 0; r < SAMPLE_ROWS; r++) {
        long double xy = 0, xx = 0, yy = 0;
        for (int i = 0; i < SAMPLE_DIM; i++) {
            long double x = samples.got[r][i], y = samples.truth[r][i];
            xy += x * y;
            xx += x * x;
            yy += y * y;
        }
        smallest = fminl(smallest, xy / sqrtl(xx * yy));
    }
    samples_check(metric, &samples, smallest, 3 * (2 + 2) * 0x1p-53L);
}

static void by_hand(void **unused)
{
    (void)unused;
    assert_true(row_value(metric, plain_row(2, (float[]){3, 4}, (double[]){3, 4})) == 1);
    assert_true(row_value(metric, plain_row(2, (float[]){-3, -4}, (double[]){3, 4})) == -1);
    assert_true(row_value(metric, plain_row(2, (float[]){1, 1}, (double[]){1, 1})) == 1); /* sqrt(2)^2 is not 2 */
    assert_true(row_value(metric, plain_row(2, (float[]){0, 4}, (double[]){3, 4})) == 0.8);
    assert_true(row_value(metric, plain_row(2, (float[]){-4, 3}, (double[]){3, 4})) == 0);
    /* 0 output: no likeness, never perfect; 0 truth: no direction, the row is left out */
    assert_true(row_value(metric, plain_row(2, (float[]){0, 0}, (double[]){3, 4})) == 0);
    assert_true(isnan(row_value(metric, plain_row(2, (float[]){1, 0}, (double[]){0, 0}))));
    assert_true(rows_value(metric, plain_row(1, (float[]){1}, (double[]){0}), plain_row(1, (float[]){1}, (double[]){1})) == 1);
    /* squares whose product underflows; 3/5 to a few roundings */
    double tiny = row_value(metric, plain_row(2, (float[]){1e-40f, 0}, (double[]){3e-140, 4e-140}));
    assert_true(fabs(tiny - 0.6) <= 8 * 0x1p-53);
    assert_true(isnan(row_value(metric, plain_row(0, NULL, NULL))));
}

static void the_worst_row_counts(void **unused)
{
    (void)unused;
    struct at_row_sample good = plain_row(1, (float[]){1}, (double[]){1}), bad = plain_row(1, (float[]){-1}, (double[]){1});
    assert_true(rows_value(metric, good, bad) == -1);
    assert_true(rows_value(metric, bad, good) == -1);
    struct at_row_sample nan = plain_row(2, (float[]){1, NAN}, (double[]){1, 1});
    assert_true(rows_value(metric, good, nan) == -INFINITY);
    assert_true(rows_value(metric, nan, good) == -INFINITY);
    struct at_row_sample zero_truth = plain_row(1, (float[]){INFINITY}, (double[]){0});
    assert_true(row_value(metric, zero_truth) == -INFINITY);
}

static void radius_holds(void **unused)
{
    (void)unused;
    samples_check_radius(metric, 72, 1000);
    struct at_metric_state state = {0};
    struct at_row_sample row = plain_row(1, (float[]){1}, (double[]){1});
    row.radius = (double[]){2}; /* the truth may point the other way */
    metric->add(&state, &row);
    assert_true(metric->radius(&state) == 2);
}

/* An angle of 90 degrees turned by a known one: the bound is reached. */
static void radius_is_reached(void **unused)
{
    (void)unused;
    struct at_metric_state state = {0};
    struct at_row_sample row = plain_row(2, (float[]){0, 1}, (double[]){1, 0});
    row.radius = (double[]){0, 0.1};
    metric->add(&state, &row);
    double moved = row_value(metric, plain_row(2, (float[]){0, 1}, (double[]){1, 0.1}));
    assert_true(moved > 0.099 && moved <= metric->radius(&state) && metric->radius(&state) <= 1.02 * moved);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matches_direct),
        cmocka_unit_test(by_hand),
        cmocka_unit_test(the_worst_row_counts),
        cmocka_unit_test(radius_holds),
        cmocka_unit_test(radius_is_reached),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
