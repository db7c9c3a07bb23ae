/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "oracles/mpfr/row.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

/* c is 1/sqrt(dim) to the last bit, or the given double exactly. */
static void test_scale(void **state)
{
    (void)state;
    for (int64_t dim = 32; dim <= 256; dim *= 2)
        for (mpfr_prec_t precision = 64; precision <= 320; precision += 64) {
            struct at_mpfr_sums sums;
            assert_int_equal(at_mpfr_sums_init(&sums, dim, NULL), AT_OK);
            at_mpfr_sums_start(&sums, precision, 0);
            mpfr_t square, u;
            mpfr_init2(square, 1024);
            mpfr_init2(u, 64);
            mpfr_sqr(square, sums.scale, MPFR_RNDN);
            mpfr_mul_si(square, square, (long)dim, MPFR_RNDN); /* exactly (1 + d)^2 */
            mpfr_sub_ui(square, square, 1, MPFR_RNDN);
            mpfr_set_ui_2exp(u, 5, -precision - 1, MPFR_RNDN); /* 2.5 u > 2 u + u^2 */
            assert_true(mpfr_cmpabs(square, u) <= 0);
            at_mpfr_sums_start(&sums, precision, 0x1.23456789abcdep-3);
            assert_int_equal(mpfr_cmp_d(sums.scale, 0x1.23456789abcdep-3), 0);
            assert_true(isinf(sums.error) && isinf(sums.score_error)); /* no claim before the sums are there */
            mpfr_clears(square, u, (mpfr_ptr)NULL);
            at_mpfr_sums_done(&sums);
            at_mpfr_sums_done(&sums);
        }
}

static void test_starting_again_zeroes(void **state)
{
    (void)state;
    struct at_mpfr_sums sums;
    assert_int_equal(at_mpfr_sums_init(&sums, 32, NULL), AT_OK);
    at_mpfr_sums_start(&sums, 128, 0);
    mpfr_set_ui(sums.weight, 1, MPFR_RNDN);
    mpfr_set_ui(sums.negative[31], 1, MPFR_RNDN);
    sums.clipped = true;
    at_mpfr_sums_start(&sums, 256, 0);
    assert_true(mpfr_zero_p(sums.weight) && mpfr_zero_p(sums.negative[31]) && !sums.clipped);
    assert_int_equal(mpfr_get_prec(sums.negative[31]), 256);
    at_mpfr_sums_done(&sums);
}

/* kappa covers 2.08 epsilon + 2.2 u of eq. 7 at every precision, and is never 0. */
static void test_radius_factor(void **state)
{
    (void)state;
    assert_true(at_mpfr_radius_factor(0x1p-110, 128) >= 2.08 * 0x1p-110 + 2.2 * 0x1p-128);
    assert_true(at_mpfr_radius_factor(0, 64) >= 2.2 * 0x1p-64);
    assert_true(at_mpfr_radius_factor(0, 100000) > 0);
    assert_false(at_mpfr_radius_factor(INFINITY, 128) <= at_mpfr_radius_goal());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scale), cmocka_unit_test(test_starting_again_zeroes), cmocka_unit_test(test_radius_factor)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
