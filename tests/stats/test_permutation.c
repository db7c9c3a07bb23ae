/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "stats/paired.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* ln ratios 1, 2, 3 and -1 times ln 2: of 16 sums those >= 5 are 5, 5 (signs of the two 1s), 7; the observed one is 5. */
static void by_hand(void **unused)
{
    (void)unused;
    const double a[] = {2, 4, 8, 1, 3}, b[] = {1, 1, 1, 2, 3};
    struct at_paired_test t;
    assert_int_equal(at_paired_permutation(a, b, 5, 1, 1, &t), AT_OK);
    assert_true(t.exact && t.heads == 4 && t.ties == 1);
    assert_true(t.b_smaller == 3 / 16.0 && t.a_smaller == 15 / 16.0 && t.two_sided == 6 / 16.0);
    assert_int_equal(at_paired_permutation(b, a, 5, 1, 1, &t), AT_OK);
    assert_true(t.a_smaller == 3 / 16.0);
}

/* Random exchanges against the exact distribution of the same pairs, padded by one pair of almost no weight. */
static void random_draws(void **unused)
{
    (void)unused;
    enum { DRAWS = 20000 };
    double a[AT_PERMUTATION_EXACT + 1], b[AT_PERMUTATION_EXACT + 1];
    for (int i = 0; i <= AT_PERMUTATION_EXACT; i++) {
        a[i] = exp(i % 3 ? -0.1 * (i + 1) : 0.13 * (i + 1));
        b[i] = 1;
    }
    a[AT_PERMUTATION_EXACT] = 1 + 0x1p-40;
    struct at_paired_test exact, drawn, again;
    assert_int_equal(at_paired_permutation(a, b, AT_PERMUTATION_EXACT, 1, 1, &exact), AT_OK);
    assert_int_equal(at_paired_permutation(a, b, AT_PERMUTATION_EXACT + 1, DRAWS, 1, &drawn), AT_OK);
    assert_int_equal(at_paired_permutation(a, b, AT_PERMUTATION_EXACT + 1, DRAWS, 1, &again), AT_OK);
    assert_true(exact.exact && !drawn.exact && drawn.a_smaller == again.a_smaller);
    double sd = sqrt(exact.a_smaller * (1 - exact.a_smaller) / DRAWS);
    assert_true(exact.a_smaller > 0.01 && exact.a_smaller < 0.5 && fabs(drawn.a_smaller - exact.a_smaller) <= 5 * sd);
    assert_true(drawn.two_sided > 0);
}

static void never_zero(void **unused)
{
    (void)unused;
    double a[40], b[40];
    for (int i = 0; i < 40; i++) {
        a[i] = 1;
        b[i] = 2;
    }
    struct at_paired_test t;
    assert_int_equal(at_paired_permutation(a, b, 40, 99, 3, &t), AT_OK);
    assert_true(t.a_smaller == 0.01 && t.b_smaller == 1);
    assert_int_equal(at_paired_permutation(a, b, 40, 0, 3, &t), AT_ERR_ARGUMENT);
    assert_int_equal(at_paired_permutation(a, a, 40, 9, 3, &t), AT_ERR_UNDEFINED);
    a[3] = -1;
    assert_int_equal(at_paired_permutation(a, b, 40, 9, 3, &t), AT_ERR_UNDEFINED);
}

int main(void)
{
    at_stats_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),
        cmocka_unit_test(random_draws),
        cmocka_unit_test(never_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
