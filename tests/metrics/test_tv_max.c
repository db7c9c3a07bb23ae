/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "metrics/divergence.h"

#include "sample.h"

#include <math.h>

extern const struct at_metric at_metric_tv_max;
static const struct at_metric *const metric = &at_metric_tv_max;
static struct samples samples;

/* The largest of the rows, each as tests/metrics/test_divergence.c has it. */
static void is_the_largest_of_rows(void **unused)
{
    (void)unused;
    long double largest = 0;
    samples_make(&samples, 132, 1e-3);
    for (int r = 0; r < SAMPLE_ROWS; r++) {
        struct at_distance distance;
        assert_true(at_distance_tv(&samples.row[r], &distance));
        largest = fmaxl(largest, distance.value);
    }
    samples_check(metric, &samples, largest, 0);
}

static void by_hand(void **unused)
{
    (void)unused;
    struct at_row_sample equal = weight_row(2, (double[]){0.5, 0.5}, (double[]){0.5, 0.5});
    struct at_row_sample lost = weight_row(2, (double[]){0.75, 0}, (double[]){0.75, 0.25});
    struct at_row_sample none = weight_row(2, NULL, (double[]){0.75, 0.25});
    struct at_row_sample bad = weight_row(2, (double[]){NAN, 0}, (double[]){0.75, 0.25});
    assert_true(row_value(metric, equal) == 0);
    assert_true(row_value(metric, lost) == 0.125);
    assert_true(rows_value(metric, lost, equal) == 0.125);
    assert_true(rows_value(metric, equal, lost) == 0.125);
    assert_true(isnan(row_value(metric, none)));
    assert_true(rows_value(metric, lost, none) == 0.125);
    assert_true(rows_value(metric, equal, bad) == INFINITY);
    assert_true(rows_value(metric, bad, equal) == INFINITY);
}

/* The radii of the rows, the larger. */
static void radius_is_that_of_the_rows(void **unused)
{
    (void)unused;
    struct at_row_sample heavy = weight_row(1, (double[]){1}, (double[]){1}), light = weight_row(1, (double[]){0.5}, (double[]){0.5});
    struct at_distance a, b;
    struct at_metric_state state = {0};
    at_distance_tv(&heavy, &a);
    at_distance_tv(&light, &b);
    metric->add(&state, &heavy);
    metric->add(&state, &light);
    double expected = a.radius;
    assert_true(a.radius > b.radius && b.radius > 0);
    assert_true(metric->radius(&state) >= expected && metric->radius(&state) <= expected * (1 + 0x1p-48));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_the_largest_of_rows),
        cmocka_unit_test(by_hand),
        cmocka_unit_test(radius_is_that_of_the_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
