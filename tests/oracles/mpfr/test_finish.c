/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "oracles/mpfr/row.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

enum { DIM = 32 };

struct bench {
    struct at_mpfr_sums sums;
    struct at_mpfr_view view;
    struct at_oracle_truth truth;
    bool zero_column[DIM];
};

/* Two keys, L = 3, every column 2 - 1. */
static void set_up(struct bench *b)
{
    static const struct at_problem problem = {1, 1, 1, 1, 4, DIM, false, 0};
    *b = (struct bench){.view = {NULL, NULL, NULL, 2, DIM, DIM, 0}};
    assert_int_equal(at_mpfr_sums_init(&b->sums, DIM, NULL), AT_OK);
    assert_int_equal(at_oracle_truth_init(&b->truth, &problem, 1, 1, NULL), AT_OK);
    at_mpfr_sums_start(&b->sums, 128, 0);
    mpfr_set_ui(b->sums.weight, 3, MPFR_RNDN);
    for (int c = 0; c < DIM; c++) {
        mpfr_set_ui(b->sums.positive[c], 2, MPFR_RNDN);
        mpfr_set_ui(b->sums.negative[c], 1, MPFR_RNDN);
    }
    b->sums.error = 0x1p-110;
    b->sums.score_error = 0;
    b->truth.p[0] = 2;
    b->truth.p[1] = 1;
    b->truth.p[2] = b->truth.p[3] = 77;
}

static void tear_down(struct bench *b)
{
    at_mpfr_sums_done(&b->sums);
    at_oracle_truth_done(&b->truth);
}

static void test_value_and_radius(void **state)
{
    (void)state;
    struct bench b;
    set_up(&b);
    b.zero_column[1] = true;
    at_mpfr_finish(&b.sums, &b.view, b.zero_column, 0, 4, &b.truth);
    assert_true(b.truth.o[0] == 1.0 / 3 && b.truth.o_low[0] == 0x1.5555555555555p-56 && b.truth.sum_abs[0] == 1);
    double kappa = at_mpfr_radius_factor(0x1p-110, 128), rest = 0x1.5555555555555p-110; /* 1/3 beyond two doubles */
    assert_true(b.truth.radius[0] >= kappa + rest && b.truth.radius[0] <= (kappa + rest) * (1 + 0x1p-16));
    assert_true(b.truth.o[1] == 0 && b.truth.radius[1] == 0 && b.truth.sum_abs[1] == 0);
    assert_true(b.truth.p[0] == 2.0 / 3 && b.truth.p[1] == 1.0 / 3 && b.truth.p[2] == 0 && b.truth.p[3] == 0);
    assert_true(b.truth.lse[0] == log(3.0) && b.truth.lse_radius[0] <= 0x1p-53 && b.truth.lse_radius[0] > 0x1p-60);
    tear_down(&b);
}

/* What is left out widens the radius, even where nothing else would. */
static void test_clipped(void **state)
{
    (void)state;
    struct bench b;
    set_up(&b);
    mpfr_set_zero(b.sums.positive[0], 1);
    mpfr_set_zero(b.sums.negative[0], 1);
    b.sums.clipped = true;
    at_mpfr_finish(&b.sums, &b.view, b.zero_column, 0, 4, &b.truth);
    assert_true(b.truth.o[0] == 0 && b.truth.radius[0] == 0x1p-1074);
    tear_down(&b);
}

/* Subnormal results: the rest that no double holds is in the radius. */
static void test_subnormal(void **state)
{
    (void)state;
    struct bench b;
    set_up(&b);
    mpfr_mul_2si(b.sums.positive[0], b.sums.positive[0], -1073, MPFR_RNDN);
    mpfr_mul_2si(b.sums.negative[0], b.sums.negative[0], -1073, MPFR_RNDN); /* 2/3 * 2^-1074 */
    at_mpfr_finish(&b.sums, &b.view, b.zero_column, 0, 4, &b.truth);
    assert_true(b.truth.o[0] + b.truth.o_low[0] == 0x1p-1074 && b.truth.radius[0] == 0x1p-1074);
    tear_down(&b);
}

static void test_lse(void **state)
{
    (void)state;
    struct bench b;
    set_up(&b);
    b.sums.score_error = 0.25;
    mpfr_set_d(b.sums.scale, 0.5, MPFR_RNDN);
    mpfr_set_d(b.sums.score, -8, MPFR_RNDN);
    at_mpfr_finish(&b.sums, &b.view, b.zero_column, 0, 4, &b.truth);
    assert_true(fabs(b.truth.lse[0] - (log(3.0) - 4)) <= 0x1p-51 && b.truth.lse_radius[0] >= 0.25 && b.truth.lse_radius[0] < 0.2500001);
    mpfr_set_ui_2exp(b.sums.score, 1, 2000, MPFR_RNDN);
    at_mpfr_finish(&b.sums, &b.view, b.zero_column, 0, 4, &b.truth);
    assert_true(b.truth.lse[0] == DBL_MAX && isinf(b.truth.lse_radius[0]));
    tear_down(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_value_and_radius), cmocka_unit_test(test_clipped),
                                       cmocka_unit_test(test_subnormal), cmocka_unit_test(test_lse)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
