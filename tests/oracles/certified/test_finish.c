/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "oracles/certified/finish.h"

#include "oracles/certified/pair.h"
#include "oracles/certified/path.h"

#include <math.h>
#include <mpfr.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

enum { DIM = 32 };

/* The factor grows with keys and range, and leaves room below 2^-80 up to 2^24 keys. */
static void test_factor(void **state)
{
    (void)state;
    double least = at_certified_radius_factor(1, 0, 0, false);
    assert_true(least > 35800 * 0x1p-106 && least < 37000 * 0x1p-106);
    assert_true(at_certified_radius_factor(4096, 751, 0, false) > at_certified_radius_factor(4096, 1, 0, false));
    assert_true(at_certified_radius_factor(0x1p24, 751, 0, false) < 0x1p-80);
    assert_true(at_certified_radius_factor(0x1p30, 1, 0, false) > 0x1p-80);
    assert_true(at_certified_radius_factor(1, 0, 0x1p-82, false) > least + 0x1p-81);
    assert_true(at_certified_radius_factor(1, 0, 0, true) < least * 0x1p-6);
}

static void test_quotient(void **state)
{
    (void)state;
    mpfr_t x, y;
    mpfr_inits2(400, x, y, (mpfr_ptr)NULL);
    for (int i = 1; i < 2000; i++) {
        struct at_pair a = {sqrt(i), sqrt(i) * 0x1p-54 * sin(i)}, b = {exp(i % 37), exp(i % 37) * 0x1p-54 * cos(i)};
        struct at_pair q = at_pair_quotient(a, b);
        mpfr_set_d(x, a.high, MPFR_RNDN);
        mpfr_add_d(x, x, a.low, MPFR_RNDN);
        mpfr_set_d(y, b.high, MPFR_RNDN);
        mpfr_add_d(y, y, b.low, MPFR_RNDN);
        mpfr_div(x, x, y, MPFR_RNDN);
        mpfr_sub_d(y, x, q.high, MPFR_RNDN);
        mpfr_sub_d(y, y, q.low, MPFR_RNDN);
        mpfr_div(y, y, x, MPFR_RNDN);
        assert_true(fabs(mpfr_get_d(y, MPFR_RNDN)) <= 12 * 0x1p-106);
    }
    mpfr_clears(x, y, (mpfr_ptr)NULL);
}

/* One key of weight 1 and value 1, except for column 3; whether the row is kept. */
static bool finished(double size, double least, double largest_value, double *ret_radius)
{
    struct at_problem problem = {1, 1, 1, 1, 2, DIM, false, 1};
    struct at_oracle_head in = {.problem = &problem, .row_count = 1};
    int64_t first_nonzero[DIM] = {0};
    struct at_certified_head head = {.in = &in, .dim = DIM, .first_nonzero = first_nonzero, .v_factor = 1, .largest_value = largest_value};
    double sums[2][DIM], zeros[DIM] = {0}, weight[2] = {0x1p512, 0};
    for (int c = 0; c < DIM; c++)
        sums[0][c] = sums[1][c] = 0x1p512 * (c == 3 ? size : 1);
    first_nonzero[5] = 2;
    struct at_certified_row row = {.keys = 2, .scale = {1, 0}, .least = least, .total = {0x1p512, 0}, .weight = weight,
                                   .sums = {sums[0], zeros, sums[1], zeros}};
    struct at_oracle_truth truth;
    assert_int_equal(at_oracle_truth_init(&truth, &problem, 1, 1, NULL), AT_OK);
    bool kept = at_certified_finish(&head, at_certified_lanes_of(AT_SIMD_SCALAR), &row, 0, &truth);
    if (kept) {
        assert_true(truth.o[0] == 1 && truth.o_low[0] == 0 && truth.sum_abs[3] == size && truth.p[0] == 1 && truth.p[1] == 0);
        assert_true(truth.o[5] == 0 && truth.radius[5] == 0);
        assert_true(truth.lse[0] == 0 && truth.lse_radius[0] > 0 && truth.lse_radius[0] < 0x1p-80);
    }
    *ret_radius = truth.radius[3];
    at_oracle_truth_done(&truth);
    return kept;
}

/* A row is kept only where every radius is at most 2^-80 of sum p|v|. */
static void test_declines(void **state)
{
    (void)state;
    double radius, cut;
    assert_true(finished(1, -1, 1, &radius));
    assert_true(radius == at_certified_radius_factor(2, 1.0001, 0, false) + 0x1p-1074);
    assert_true(finished(0x1p-700, -1, 1, &radius));
    assert_false(finished(0x1p-801, -1, 1, &radius));
    assert_false(finished(0, -1, 1, &radius));
    assert_false(finished(NAN, -1, 1, &radius));
    assert_true(finished(0x1p-700, -751, 0x1p200, &cut)); /* 4.2 2^(200 - 1081) is left out: 2^-879 */
    assert_true(cut > radius && cut >= 0x1p-879);
    assert_false(finished(0x1p-799, -751, 0x1p200, &cut)); /* and that is more than 2^-80 of this */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_factor), cmocka_unit_test(test_quotient), cmocka_unit_test(test_declines)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
