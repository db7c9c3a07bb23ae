/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "draw.h"

#include "oracles/mpfr/fast.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

/* The integers stand for exactly the numbers that went in, wherever they claim to. */
static void test_integers_are_the_elements(void **state)
{
    (void)state;
    int cut[AT_PIECES_MAX + 1] = {0};
    for (int kind = 0; kind < DRAW_KIND_COUNT; kind++)
        for (uint64_t seed = 0; seed < 2; seed++) {
            struct draw draw;
            struct at_mpfr_integers in;
            draw_shape(&draw, (enum draw_kind)kind, seed, 64, 1, 50, false, 1);
            assert_int_equal(at_mpfr_integers_init(&in, draw.k, draw.v, 50, 64, 64, NULL), AT_OK);
            cut[in.v_pieces]++;
            for (int64_t j = 0; j < 50; j++)
                for (int64_t c = 0; c < 64; c++) {
                    if (in.k_span[j].high - in.k_span[j].low <= AT_INTEGER_BITS)
                        assert_true(ldexp((double)in.k[j * 64 + c], in.k_span[j].low) == draw.k[j * 64 + c]);
                    double sum = 0;
                    for (int i = 0; i < in.v_pieces; i++) {
                        int64_t piece = in.v[(j * 64 + c) * in.v_pieces + i];
                        assert_true(llabs(piece) < 1LL << AT_PIECE_BITS);
                        sum += ldexp((double)piece, in.v_span[c].low + i * in.v_width);
                    }
                    assert_true(in.v_pieces == 0 || sum == draw.v[j * 64 + c]);
                }
            at_mpfr_integers_done(&in);
            draw_done(&draw);
        }
    assert_true(cut[0] > 0 && cut[1] > 0 && cut[2] > 0); /* every way was taken */
}

static void test_no_keys(void **state)
{
    (void)state;
    struct at_mpfr_integers in;
    assert_int_equal(at_mpfr_integers_init(&in, NULL, NULL, 0, 32, 32, NULL), AT_OK);
    at_mpfr_integers_done(&in);
    at_mpfr_integers_done(&in);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_integers_are_the_elements), cmocka_unit_test(test_no_keys)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
