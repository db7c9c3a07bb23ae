/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "reports/interval.h"

#include <math.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { HEADS = 6 };

static const double error_of[HEADS] = {0.5, 1, 1.5, 0.75, 2, 1.25}, truth_of[HEADS] = {4, 8, 5, 6, 7, 3};

/* Relative errors of the heads, and of all of them together. */
static double pool(const double *rmse, double *rel_rmse)
{
    double error2 = 0, truth2 = 0;
    for (int h = 0; h < HEADS; h++) {
        rel_rmse[h] = rmse[h] / truth_of[h];
        error2 += rmse[h] * rmse[h];
        truth2 += truth_of[h] * truth_of[h];
    }
    return sqrt(error2 / truth2);
}

static void it_holds_the_value_and_lies_among_the_heads(void **state)
{
    (void)state;
    struct at_interval got;
    double rel[HEADS], value = pool(error_of, rel), low = INFINITY, high = 0;
    assert_int_equal(at_interval_rel_rmse(error_of, rel, HEADS, value, &got), AT_OK);
    for (int h = 0; h < HEADS; h++) {
        low = fmin(low, rel[h]);
        high = fmax(high, rel[h]);
    }
    assert_true(low <= got.low && got.low < value && value < got.high && got.high <= high);
}

static void it_scales_with_the_error(void **state)
{
    (void)state;
    struct at_interval one, eight;
    double larger[HEADS], rel[HEADS];
    for (int h = 0; h < HEADS; h++)
        larger[h] = 8 * error_of[h];
    double value = pool(error_of, rel);
    assert_int_equal(at_interval_rel_rmse(error_of, rel, HEADS, value, &one), AT_OK);
    value = pool(larger, rel);
    assert_int_equal(at_interval_rel_rmse(larger, rel, HEADS, value, &eight), AT_OK);
    assert_true(eight.low == 8 * one.low && eight.high == 8 * one.high); /* a power of two: bit for bit */
}

static void it_is_refused_where_it_would_mean_nothing(void **state)
{
    (void)state;
    struct at_interval got;
    double rel[HEADS], value = pool(error_of, rel), spoilt[HEADS];
    assert_int_equal(at_interval_rel_rmse(error_of, rel, 2, value, &got), AT_ERR_UNDEFINED);
    assert_int_equal(at_interval_rel_rmse(error_of, rel, HEADS, value * 1.001, &got), AT_ERR_UNDEFINED); /* not these heads' case */
    assert_int_equal(at_interval_rel_rmse(error_of, rel, HEADS, NAN, &got), AT_ERR_UNDEFINED);
    for (int kind = 0; kind < 3; kind++) {
        for (int h = 0; h < HEADS; h++)
            spoilt[h] = rel[h];
        spoilt[3] = kind == 0 ? NAN : kind == 1 ? INFINITY : 0;
        assert_int_equal(at_interval_rel_rmse(error_of, spoilt, HEADS, value, &got), AT_ERR_UNDEFINED);
    }
}

int main(void)
{
    at_stats_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_holds_the_value_and_lies_among_the_heads),
        cmocka_unit_test(it_scales_with_the_error),
        cmocka_unit_test(it_is_refused_where_it_would_mean_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
