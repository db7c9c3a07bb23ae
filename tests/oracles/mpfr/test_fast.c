/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "agree.h"

#include "oracles/mpfr/fast.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

/* Where the fast path fits, its sums are within the error it claims of 512-bit ones; and it fits where it is meant to. */
static void test_claim(void **state)
{
    (void)state;
    int fitted[DRAW_KIND_COUNT] = {0};
    for (int kind = 0; kind < DRAW_KIND_COUNT; kind++)
        for (uint64_t seed = 40; seed < 44; seed++) {
            struct draw draw;
            draw_init(&draw, (enum draw_kind)kind, seed);
            int64_t keys = draw.problem.seq_k, dim = draw.problem.dim;
            struct at_mpfr_integers integers;
            struct at_mpfr_fast fast;
            struct at_mpfr_sums sums, fine;
            assert_int_equal(at_mpfr_integers_init(&integers, draw.k, draw.v, keys, dim, dim, NULL), AT_OK);
            assert_int_equal(at_mpfr_fast_init(&fast, keys, dim, dim, NULL), AT_OK);
            assert_int_equal(at_mpfr_sums_init(&sums, dim, NULL), AT_OK);
            assert_int_equal(at_mpfr_sums_init(&fine, dim, NULL), AT_OK);
            struct at_mpfr_view view = view_of(&draw, 2); /* the last row sees every key */
            if (at_mpfr_fast_fits(&integers, &view)) {
                at_mpfr_fast_row(&fast, &integers, &view, &sums, NULL);
                assert_int_equal(at_mpfr_plain(&view, 512 + 4096 * (kind == DRAW_HUGE), &fine, NULL, NULL), AT_OK);
                assert_true(sums_agree(&sums, &fine));
                assert_true(at_mpfr_radius_factor(sums.error, sums.precision) <= at_mpfr_radius_goal());
                assert_true(sums.score_error == 0);
                fitted[kind]++;
            }
            at_mpfr_integers_done(&integers);
            at_mpfr_fast_done(&fast);
            at_mpfr_sums_done(&sums);
            at_mpfr_sums_done(&fine);
            draw_done(&draw);
        }
    assert_true(fitted[DRAW_FP16] == 4 && fitted[DRAW_E4M3] == 4 && fitted[DRAW_LARGE] == 4 && fitted[DRAW_PEAKED] == 4);
    assert_true(fitted[DRAW_ZERO] == 4 && fitted[DRAW_CANCEL] == 4 && fitted[DRAW_WIDE] == 0);
}

/* The most keys for which the claim still meets the goal. */
static void test_longest_row_meets_the_goal(void **state)
{
    (void)state;
    double u = 0x1p-128, error = 1.02 * (0x1.03p14 * u + 2 * u + 0x1p-112 + AT_PIECES_MAX * 0x1p20 * u);
    assert_true(at_mpfr_radius_factor(error, 128) <= at_mpfr_radius_goal());
}

/* Spans at the edge of 127 bits are taken, one bit more is not. */
static void test_edge(void **state)
{
    (void)state;
    double q[32] = {0}, k[32] = {0}, v[32] = {1};
    struct at_mpfr_view view = {q, k, v, 1, 32, 32, 0};
    for (int bits = 60; bits <= 63; bits++) { /* 62 + bits + 5 > 127 from 61 on */
        struct at_mpfr_integers integers;
        q[0] = 0x1p61;
        q[1] = 1;
        k[0] = 1;
        k[1] = 0x1p-1 * (double)(1ULL << bits);
        assert_int_equal(at_mpfr_integers_init(&integers, k, v, 1, 32, 32, NULL), AT_OK);
        assert_true(at_mpfr_fast_fits(&integers, &view) == (bits <= 60));
        at_mpfr_integers_done(&integers);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_claim), cmocka_unit_test(test_longest_row_meets_the_goal), cmocka_unit_test(test_edge)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
