/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "distance_cases.h"

#include <math.h>

static const struct distance_metric *tested;
static struct samples samples;

/* Each row's distance as tests/metrics/test_divergence.c has it. */
static void is_that_of_the_rows(void **unused)
{
    (void)unused;
    long double sum = 0, largest = 0;
    samples_make(&samples, tested->seed, 1e-3);
    for (int r = 0; r < SAMPLE_ROWS; r++) {
        struct at_distance distance;
        assert_true(tested->distance(&samples.row[r], &distance));
        sum += distance.value;
        largest = fmaxl(largest, distance.value);
    }
    if (tested->largest)
        samples_check(tested->metric, &samples, largest, 0);
    else
        samples_check(tested->metric, &samples, sum / SAMPLE_ROWS, 4 * 0x1p-53L * sum / SAMPLE_ROWS);
}

static void by_hand(void **unused)
{
    (void)unused;
    const struct at_metric *metric = tested->metric;
    struct at_row_sample equal = weight_row(2, (double[]){0.5, 0.5}, (double[]){0.5, 0.5});
    struct at_row_sample lost = weight_row(2, (double[]){0.75, 0}, (double[]){0.75, 0.25});
    struct at_row_sample none = weight_row(2, NULL, (double[]){0.75, 0.25});
    struct at_row_sample bad = weight_row(2, (double[]){NAN, 0}, (double[]){0.75, 0.25});
    double of_both = tested->largest ? tested->lost : tested->lost / 2;
    assert_true(row_value(metric, equal) == 0);
    assert_true(row_value(metric, lost) == tested->lost);
    assert_true(rows_value(metric, lost, equal) == of_both);
    assert_true(rows_value(metric, equal, lost) == of_both);
    assert_true(isnan(row_value(metric, none)));
    assert_true(rows_value(metric, lost, none) == tested->lost);
    assert_true(rows_value(metric, equal, bad) == INFINITY);
    assert_true(rows_value(metric, bad, equal) == INFINITY);
}

/* The radii of the rows: the larger, or their mean. */
static void radius_is_that_of_the_rows(void **unused)
{
    (void)unused;
    const struct at_metric *metric = tested->metric;
    struct at_row_sample heavy = weight_row(1, (double[]){1}, (double[]){1}), light = weight_row(1, (double[]){0.5}, (double[]){0.5});
    struct at_distance a, b;
    struct at_metric_state state = {0};
    assert_true(tested->distance(&heavy, &a));
    assert_true(tested->distance(&light, &b));
    metric->add(&state, &heavy);
    metric->add(&state, &light);
    double expected = tested->largest ? a.radius : (a.radius + b.radius) / 2;
    assert_true(a.radius > b.radius && b.radius > 0);
    assert_true(metric->radius(&state) >= expected && metric->radius(&state) <= expected * (1 + 0x1p-48));
}

int distance_cases_run(const struct distance_metric *metric)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_that_of_the_rows),
        cmocka_unit_test(by_hand),
        cmocka_unit_test(radius_is_that_of_the_rows),
    };
    tested = metric;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
