/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "stats/paired.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* 8 of 10 smaller, no ties: P(X >= 8) = 56/1024. */
static void by_hand(void **unused)
{
    (void)unused;
    const double a[] = {1, 1, 1, 1, 1, 1, 1, 1, 3, 3, 2}, b[] = {2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2};
    struct at_paired_test t;
    assert_int_equal(at_paired_sign(a, b, 11, &t), AT_OK);
    assert_true(t.heads == 10 && t.ties == 1 && t.exact);
    assert_true(fabs(t.a_smaller - 56 / 1024.0) <= 1e-12);
    assert_true(fabs(t.b_smaller - 1013 / 1024.0) <= 1e-12);
    assert_true(fabs(t.two_sided - 112 / 1024.0) <= 1e-12);
    struct at_paired_test swapped;
    assert_int_equal(at_paired_sign(b, a, 11, &swapped), AT_OK);
    assert_true(swapped.a_smaller == t.b_smaller && swapped.b_smaller == t.a_smaller && swapped.two_sided == t.two_sided);
}

/* A NaN is larger than everything, and equal to an infinity: nothing is known of either. */
static void unknown_values(void **unused)
{
    (void)unused;
    const double a[] = {NAN, 1, NAN, NAN}, b[] = {1, NAN, NAN, INFINITY};
    struct at_paired_test t = {.heads = 7};
    assert_int_equal(at_paired_sign(a, b, 4, &t), AT_OK);
    assert_true(t.heads == 2 && t.ties == 2 && t.a_smaller == 0.75 && t.two_sided == 1);
    t.heads = 7;
    assert_int_equal(at_paired_sign(a + 2, b + 2, 2, &t), AT_ERR_UNDEFINED);
    assert_int_equal(at_paired_sign(a, b, 0, &t), AT_ERR_UNDEFINED);
    assert_int_equal(t.heads, 7);
}

int main(void)
{
    at_stats_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),
        cmocka_unit_test(unknown_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
