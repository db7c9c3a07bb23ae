/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "metrics/worst.h"

#include "sample.h"

#include <math.h>

static void keeps_the_largest(void **unused)
{
    (void)unused;
    struct at_metric_state a = {0}, b = {0};
    double value;
    at_worst_add(&a, 1, 0.5);
    at_worst_add(&a, 0.25, 0.125);
    at_worst_add(&b, 3, 0.25);
    at_worst_merge(&a, &b);
    assert_int_equal(at_worst_value(&a, &value), AT_OK);
    assert_true(value == 3);
    assert_true(at_worst_radius(&a) == 0.5);
    assert_int_equal(a.n, 3);
}

static void zero_is_a_value_and_nothing_is_none(void **unused)
{
    (void)unused;
    struct at_metric_state state = {0};
    double value = 7;
    assert_int_equal(at_worst_value(&state, &value), AT_ERR_UNDEFINED);
    assert_true(value == 7);
    at_worst_add(&state, 0, 0);
    assert_int_equal(at_worst_value(&state, &value), AT_OK);
    assert_true(value == 0);
}

static void nan_is_the_worst(void **unused)
{
    (void)unused;
    struct at_metric_state state = {0}, other = {0};
    double value;
    at_worst_add(&state, NAN, 0);
    at_worst_add(&state, 1, 0.5);
    at_worst_value(&state, &value);
    assert_true(value == INFINITY);
    assert_true(at_worst_radius(&state) == 0);
    at_worst_add(&other, 1, NAN);
    assert_true(at_worst_radius(&other) == INFINITY);
    at_worst_merge(&other, &state);
    at_worst_value(&other, &value);
    assert_true(value == INFINITY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_the_largest),
        cmocka_unit_test(zero_is_a_value_and_nothing_is_none),
        cmocka_unit_test(nan_is_the_worst),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
