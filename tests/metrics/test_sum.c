/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "metrics/sum.h"

#include "sample.h"

/* 1 + 10^6 terms of 2^-60 each: a plain sum stays 1. */
static void small_terms_are_kept(void **unused)
{
    (void)unused;
    double sum[2] = {0};
    at_sum_add(sum, 1);
    for (int i = 0; i < 1000000; i++)
        at_sum_add(sum, 0x1p-60);
    assert_true(at_sum_value(sum) == 1 + 1e6 * 0x1p-60);
}

/* The smaller operand may be the old sum: 1 + 1e100 + 1 - 1e100 = 2 (Kahan's sum gives 0). */
static void large_terms_cancel(void **unused)
{
    (void)unused;
    double sum[2] = {0};
    const double terms[] = {1, 1e100, 1, -1e100};
    for (int i = 0; i < 4; i++)
        at_sum_add(sum, terms[i]);
    assert_true(at_sum_value(sum) == 2);
}

/* 10^7 times 0.1: the exact sum is known; a plain sum is off by 1e-4 relative to its last place. */
static void many_terms(void **unused)
{
    (void)unused;
    enum { COUNT = 10000000 };
    double sum[2] = {0}, parts[10][2] = {{0}}, merged[2] = {0};
    for (int i = 0; i < COUNT; i++) {
        at_sum_add(sum, 0.1);
        at_sum_add(parts[i % 10], 0.1);
    }
    for (int i = 0; i < 10; i++)
        at_sum_merge(merged, parts[i]);
    long double exact = (long double)COUNT * 0.1;
    long double bound = exact * (2 * 0x1p-53L + (long double)COUNT * COUNT * 0x1p-106L);
    assert_true(fabsl(at_sum_value(sum) - exact) <= bound);
    assert_true(fabsl(at_sum_value(merged) - exact) <= bound);
}

static void merging_nothing_changes_nothing(void **unused)
{
    (void)unused;
    double sum[2] = {0}, none[2] = {0}, before[2];
    at_sum_add(sum, 0.1);
    at_sum_add(sum, 1e-20);
    before[0] = sum[0];
    before[1] = sum[1];
    at_sum_merge(sum, none);
    at_sum_merge(none, before);
    assert_memory_equal(sum, before, sizeof sum);
    assert_true(at_sum_value(none) == at_sum_value(before));
}

static void bounds_are_not_below(void **unused)
{
    (void)unused;
    double plain = 0;
    for (int i = 0; i < 1000000; i++)
        plain += 0.1;
    assert_true(at_sum_upper(plain, 1000000) >= (long double)1000000 * 0.1);
    assert_true(at_sum_upper(1, 0) > 1);
    assert_true(at_square_upper(1e-200) > 0);
    assert_true(at_square_upper(0) == 0);
    assert_true(at_square_upper(3) == 9);
    assert_true(isinf(at_square_upper(INFINITY)));
}

static void quotient_radius_is_the_largest_change(void **unused)
{
    (void)unused;
    double a = 3, b = 2, da = 0.25, db = 0.5;
    assert_true(at_quotient_radius(a / b, da, b, db) >= (a + da) / (b - db) - a / b);
    assert_true(at_quotient_radius(a / b, da, b, db) <= ((a + da) / (b - db) - a / b) * (1 + 0x1p-50));
    assert_true(at_quotient_radius(-a / b, da, b, db) == at_quotient_radius(a / b, da, b, db));
    assert_true(isinf(at_quotient_radius(a / b, da, b, b)));
    assert_true(isinf(at_quotient_radius(a / b, da, b, NAN)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_terms_are_kept),
        cmocka_unit_test(large_terms_cancel),
        cmocka_unit_test(many_terms),
        cmocka_unit_test(merging_nothing_changes_nothing),
        cmocka_unit_test(bounds_are_not_below),
        cmocka_unit_test(quotient_radius_is_the_largest_change),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
