/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "agree.h"

#include "oracles/mpfr/integer.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

/* The claimed errors hold against four thousand bits more, at the precision it chooses and at poor ones. */
static void test_claim(void **state)
{
    (void)state;
    for (int kind = 0; kind < DRAW_KIND_COUNT; kind++)
        for (uint64_t seed = 60; seed < 63; seed++) {
            struct draw draw;
            struct at_mpfr_sums rough, fine;
            draw_init(&draw, (enum draw_kind)kind, seed);
            struct at_mpfr_view view = view_of(&draw, 2);
            assert_int_equal(at_mpfr_sums_init(&rough, view.dim, NULL), AT_OK);
            assert_int_equal(at_mpfr_sums_init(&fine, view.dim, NULL), AT_OK);
            assert_int_equal(at_mpfr_plain(&view, 4608, &fine, NULL, NULL), AT_OK);
            for (mpfr_prec_t precision = 0; precision <= 128; precision += 64) {
                assert_int_equal(at_mpfr_plain(&view, precision, &rough, NULL, NULL), AT_OK);
                if (precision == 0)
                    assert_true(at_mpfr_radius_factor(rough.error, rough.precision) <= at_mpfr_radius_goal());
                if (rough.error < 0x1p-8)
                    assert_true(sums_agree(&rough, &fine));
            }
            at_mpfr_sums_done(&rough);
            at_mpfr_sums_done(&fine);
            draw_done(&draw);
        }
}

/* 128 bits for ordinary scores; more as the scores grow, and no more than they need. */
static void test_precision_follows_the_scores(void **state)
{
    (void)state;
    struct draw draw;
    struct at_mpfr_sums sums;
    draw_shape(&draw, DRAW_FP16, 1, 128, 1, 64, false, 1);
    assert_int_equal(at_mpfr_sums_init(&sums, 128, NULL), AT_OK);
    struct at_mpfr_view view = view_of(&draw, 0);
    assert_int_equal(at_mpfr_plain(&view, 0, &sums, NULL, NULL), AT_OK);
    assert_int_equal(sums.precision, 128);
    for (int power = 64; power <= 512; power += 64) {
        view.scale = ldexp(1, power);
        assert_int_equal(at_mpfr_plain(&view, 0, &sums, NULL, NULL), AT_OK);
        assert_int_equal(sums.precision, 128 + power);
    }
    at_mpfr_sums_done(&sums);
    draw_done(&draw);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_claim), cmocka_unit_test(test_precision_follows_the_scores)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
