/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "metrics/mean.h"

#include "sample.h"

#include <math.h>

static void is_the_mean(void **unused)
{
    (void)unused;
    struct at_metric_state a = {0}, b = {0};
    double value;
    at_mean_add(&a, 1, 0.5);
    at_mean_add(&b, 2, 0.25);
    at_mean_add(&b, 6, 0);
    at_mean_merge(&a, &b);
    assert_int_equal(at_mean_value(&a, &value), AT_OK);
    assert_true(value == 3);
    assert_true(at_mean_radius(&a) >= 0.25 && at_mean_radius(&a) <= 0.25 * (1 + 8 * 0x1p-52));
}

/* Compensated: one large row does not swallow the others. */
static void small_rows_are_kept(void **unused)
{
    (void)unused;
    struct at_metric_state state = {0};
    double value;
    at_mean_add(&state, 1, 0);
    for (int i = 1; i < 1024; i++)
        at_mean_add(&state, 0x1p-54, 0);
    at_mean_value(&state, &value);
    assert_true(value * 1024 == 1 + 1023 * 0x1p-54);
}

static void one_bad_row_is_not_averaged_away(void **unused)
{
    (void)unused;
    struct at_metric_state state = {0}, other = {0};
    double value;
    assert_int_equal(at_mean_value(&state, &value), AT_ERR_UNDEFINED);
    for (int i = 0; i < 1000; i++)
        at_mean_add(&state, 0, 0);
    at_mean_add(&other, NAN, 0);
    at_mean_merge(&state, &other);
    at_mean_value(&state, &value);
    assert_true(value == INFINITY);
    assert_true(at_mean_radius(&state) == 0);
    other = (struct at_metric_state){0};
    at_mean_add(&other, INFINITY, 0);
    at_mean_value(&other, &value);
    assert_true(value == INFINITY);
    other = (struct at_metric_state){0};
    at_mean_add(&other, 1, NAN);
    assert_true(at_mean_radius(&other) == INFINITY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_the_mean),
        cmocka_unit_test(small_rows_are_kept),
        cmocka_unit_test(one_bad_row_is_not_averaged_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
