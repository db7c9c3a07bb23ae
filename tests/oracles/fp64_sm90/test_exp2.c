/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "oracles/fp64_sm90/exp2.h"

#include "core/random.h"

#include <math.h>
#include <mpfr.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static mpfr_t truth, found;

/* |2^t - found| / 2^t, rounded up */
static double error_of(double t)
{
    mpfr_set_d(truth, t, MPFR_RNDN);
    mpfr_exp2(truth, truth, MPFR_RNDN);
    mpfr_set_d(found, at_fp64_exp2(t), MPFR_RNDN);
    mpfr_sub(found, found, truth, MPFR_RNDN);
    mpfr_div(found, found, truth, MPFR_RNDA);
    return fabs(mpfr_get_d(found, MPFR_RNDA));
}

/* On [-1/2, 1/2], where the polynomial works, and over the whole range. */
static void test_error(void **state)
{
    (void)state;
    enum { GRID = 1 << 17, DRAWN = 200000 };
    struct at_random key = {5, 64};
    double worst = 0;
    for (int i = 0; i <= GRID; i++)
        worst = fmax(worst, error_of(ldexp(i - GRID / 2, -17)));
    for (uint64_t i = 0; i < DRAWN; i++)
        worst = fmax(worst, error_of(2000 * at_random_uniform(key, i) - 1000));
    for (uint64_t i = 0; i < DRAWN; i++) /* mantissas that a grid does not have, and small arguments */
        worst = fmax(worst, error_of(ldexp(at_random_uniform(key, DRAWN + i) - 0.5, -(int)(i % 60))));
    assert_true(worst <= 0x1p-52);
    assert_true(worst >= 0x1p-54); /* a double cannot be nearer on all of them */
}

static void test_powers(void **state)
{
    (void)state;
    for (int n = -1000; n <= 1000; n++)
        assert_true(at_fp64_exp2(n) == ldexp(1, n));
    assert_true(error_of(nextafter(-1000, 0)) <= 0x1p-52 && error_of(0x1p-1074) <= 0x1p-52 && at_fp64_exp2(-0.0) == 1);
}

/* From -1000 - 2^-11 on downward all is dropped; between, a weight is right or dropped. */
static void test_dropped(void **state)
{
    (void)state;
    const double below[] = {-1000 - 0x1p-11, -1001, -2000, -0x1p31, -0x1.8p52, -1e300, -INFINITY};
    for (size_t i = 0; i < sizeof below / sizeof below[0]; i++)
        assert_true(at_fp64_exp2(below[i]) == 0 && !signbit(at_fp64_exp2(below[i])));
    for (int i = 1; i < 64; i++)
        assert_true(error_of(-1000 - ldexp(i, -18)) <= 0x1p-52 || at_fp64_exp2(-1000 - ldexp(i, -18)) == 0);
}

static void test_whole(void **state)
{
    (void)state;
    struct at_random key = {6, 64};
    for (uint64_t i = 0; i < 100000; i++) {
        double x = ldexp(at_random_uniform(key, i) - 0.5, (int)(i % 52));
        assert_true(at_fp64_whole(x) == nearbyint(x));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_error), cmocka_unit_test(test_powers), cmocka_unit_test(test_dropped),
                                       cmocka_unit_test(test_whole)};
    mpfr_inits2(128, truth, found, (mpfr_ptr)NULL);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    mpfr_clears(truth, found, (mpfr_ptr)NULL);
    mpfr_free_cache();
    return failed;
}
