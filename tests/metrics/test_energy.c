/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "metrics/energy.h"

#include "sample.h"

#include <math.h>

static struct samples samples;

/* Each term e^2 has 3 roundings, the sum 2: 5 u with u = 2^-53; first order. */
static void sums_match_direct_ones(void **unused)
{
    (void)unused;
    long double error2 = 0, truth2 = 0, got2 = 0, radius2 = 0;
    struct at_metric_state state = {0};
    samples_make(&samples, 1, 1e-3);
    for (int r = 0; r < SAMPLE_ROWS; r++) {
        at_energy_add(&state, &samples.row[r]);
        for (int i = 0; i < SAMPLE_DIM; i++) {
            long double got = samples.got[r][i], truth = samples.truth[r][i], radius = samples.radius[r][i];
            error2 += (got - truth) * (got - truth);
            truth2 += truth * truth;
            got2 += got * got;
            radius2 += radius * radius;
        }
    }
    assert_int_equal(state.n, SAMPLE_ROWS * SAMPLE_DIM);
    assert_true(fabsl(at_energy_sum(&state, AT_ENERGY_ERROR) - error2) <= 6 * 0x1p-53L * error2);
    assert_true(fabsl(at_energy_sum(&state, AT_ENERGY_TRUTH) - truth2) <= 6 * 0x1p-53L * truth2);
    assert_true(fabsl(at_energy_sum(&state, AT_ENERGY_GOT) - got2) <= 6 * 0x1p-53L * got2);
    assert_true(at_energy_radius(&state) >= sqrtl(radius2));
    assert_true(at_energy_radius(&state) <= sqrtl(radius2) * (1 + 2 * (long double)state.n * 0x1p-52L));
}

static void bad_outputs_are_counted_and_left_out(void **unused)
{
    (void)unused;
    float got[4] = {NAN, INFINITY, -INFINITY, 2};
    double truth[4] = {1, 1, 1, 1};
    struct at_row_sample row = plain_row(4, got, truth);
    struct at_metric_state state = {0}, other = {0};
    at_energy_add(&state, &row);
    at_energy_add(&other, &row);
    at_energy_merge(&state, &other);
    assert_int_equal(state.n, 8);
    assert_true(state.v[AT_ENERGY_BAD] == 6);
    assert_true(at_energy_sum(&state, AT_ENERGY_ERROR) == 2);
    assert_true(at_energy_sum(&state, AT_ENERGY_TRUTH) == 2);
    assert_true(at_energy_sum(&state, AT_ENERGY_GOT) == 8);
    assert_true(at_energy_radius(&state) == 0);
}

static void squares_out_of_range_are_bad(void **unused)
{
    (void)unused;
    float got[1] = {1};
    double truth[1] = {1e200};
    struct at_row_sample row = plain_row(1, got, truth);
    struct at_metric_state state = {0};
    at_energy_add(&state, &row);
    assert_true(state.v[AT_ENERGY_BAD] == 1);
}

static void rows_without_truth_are_skipped(void **unused)
{
    (void)unused;
    float got[2] = {NAN, 1};
    double truth[2] = {1, NAN};
    struct at_row_sample row = plain_row(2, got, truth);
    struct at_metric_state state = {0};
    at_energy_add(&state, &row);
    assert_int_equal(state.n, 0);
    assert_true(state.v[AT_ENERGY_BAD] == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_match_direct_ones),
        cmocka_unit_test(bad_outputs_are_counted_and_left_out),
        cmocka_unit_test(squares_out_of_range_are_bad),
        cmocka_unit_test(rows_without_truth_are_skipped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
