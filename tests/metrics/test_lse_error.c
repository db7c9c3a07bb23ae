/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "sample.h"

#include <math.h>

extern const struct at_metric at_metric_lse_error;
static const struct at_metric *const metric = &at_metric_lse_error;
static struct samples samples;

/* One subtraction: u. */
static void matches_direct(void **unused)
{
    (void)unused;
    long double largest = 0;
    samples_make(&samples, 91, 1e-3);
    for (int r = 0; r < SAMPLE_ROWS; r++)
        largest = fmaxl(largest, fabsl((long double)samples.row[r].got_lse - samples.row[r].truth_lse));
    samples_check(metric, &samples, largest, 0x1p-53L * largest);
}

static double lse(float got, double truth)
{
    struct at_row_sample row = plain_row(0, NULL, NULL);
    row.got_lse = got;
    row.truth_lse = truth;
    return row_value(metric, row);
}

static void by_hand(void **unused)
{
    (void)unused;
    assert_true(lse(3, 1) == 2);
    assert_true(lse(1, 3) == 2);
    assert_true(lse(-1, 3) == 4);
    assert_true(lse(3, 3) == 0);
    assert_true(isnan(lse(3, NAN)));
    assert_true(lse(NAN, 3) == INFINITY);
    assert_true(lse(INFINITY, 3) == INFINITY);
    /* a row without keys */
    assert_true(lse(-INFINITY, -INFINITY) == 0);
    assert_true(lse(0, -INFINITY) == INFINITY);
    assert_true(lse(INFINITY, -INFINITY) == INFINITY);
    assert_true(lse(NAN, -INFINITY) == INFINITY);
}

static void radius_holds(void **unused)
{
    (void)unused;
    samples_check_radius(metric, 92, 1.001);
    struct at_metric_state state = {0};
    struct at_row_sample row = plain_row(0, NULL, NULL);
    row.lse_radius = NAN;
    metric->add(&state, &row);
    assert_true(metric->radius(&state) == INFINITY);
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
