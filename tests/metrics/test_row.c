/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "metrics/row.h"

#include "sample.h"

static void truth_must_be_finite(void **unused)
{
    (void)unused;
    float got[2] = {NAN, INFINITY};
    double truth[2] = {1, 2};
    struct at_row_sample row = plain_row(2, got, truth);
    assert_true(at_row_has_truth(&row));
    truth[1] = NAN;
    assert_false(at_row_has_truth(&row));
    truth[1] = -INFINITY;
    assert_false(at_row_has_truth(&row));
}

static void a_senseless_radius_bounds_nothing(void **unused)
{
    (void)unused;
    float got[3] = {0};
    double truth[3] = {0}, radius[3] = {0.5, NAN, -1};
    struct at_row_sample row = plain_row(3, got, truth);
    row.radius = radius;
    assert_true(at_row_radius(&row, 0) == 0.5);
    assert_true(isinf(at_row_radius(&row, 1)));
    assert_true(isinf(at_row_radius(&row, 2)));
}

static void weights_must_exist(void **unused)
{
    (void)unused;
    double got[2] = {0.5, 0.5}, truth[2] = {0.5, 0.5};
    struct at_row_sample row = weight_row(2, got, truth);
    assert_true(at_row_has_weights(&row));
    row.got_p = NULL;
    assert_false(at_row_has_weights(&row));
    row.got_p = got;
    row.truth_p = NULL;
    assert_false(at_row_has_weights(&row));
    row = weight_row(0, got, truth);
    assert_false(at_row_has_weights(&row));
    row = weight_row(2, got, truth);
    truth[1] = NAN;
    assert_false(at_row_has_weights(&row));
    truth[0] = truth[1] = 0;
    assert_false(at_row_has_weights(&row));
}

static void weights_must_be_weights(void **unused)
{
    (void)unused;
    double got[2] = {0, 0.5}, truth[2] = {0.5, 0.5};
    struct at_row_sample row = weight_row(2, got, truth);
    const double bad[] = {NAN, INFINITY, -INFINITY, -1e-300};
    assert_true(at_row_weights_valid(&row));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        got[1] = bad[i];
        assert_false(at_row_weights_valid(&row));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(truth_must_be_finite),
        cmocka_unit_test(a_senseless_radius_bounds_nothing),
        cmocka_unit_test(weights_must_exist),
        cmocka_unit_test(weights_must_be_weights),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
