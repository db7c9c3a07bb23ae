/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "oracles/fp64_sm90/rest.h"

#include "draw.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Rows that are not done become the certified oracle's, bit for bit; the others keep what they have. */
static void test_rows(void **state)
{
    (void)state;
    enum { ROWS = 8, DIM = 64, KEYS = 30 };
    const bool done[ROWS] = {true, false, false, true, false, true, true, false};
    const struct at_oracle *certified;
    struct draw draw;
    struct at_oracle_truth truth, all;
    int bits = 0;
    draw_shape(&draw, DRAW_E4M3, 8, DIM, 40, KEYS, true, ROWS);
    assert_int_equal(at_oracle_find("certified", &certified, NULL), AT_OK);
    assert_int_equal(at_oracle_truth_init(&truth, &draw.problem, ROWS, 1, NULL), AT_OK);
    assert_int_equal(at_oracle_truth_init(&all, &draw.problem, ROWS, 1, NULL), AT_OK);
    assert_int_equal(certified->solve(&draw.head, &all, NULL), AT_OK);
    double *const arrays[] = {truth.o, truth.o_low, truth.radius, truth.sum_abs, truth.lse, truth.lse_radius, truth.p};
    double *const wanted[] = {all.o, all.o_low, all.radius, all.sum_abs, all.lse, all.lse_radius, all.p};
    const int64_t widths[] = {DIM, DIM, DIM, DIM, 1, 1, KEYS};
    for (int a = 0; a < 7; a++)
        for (int64_t i = 0; i < ROWS * widths[a]; i++)
            arrays[a][i] = -7;
    assert_int_equal(at_fp64_rest(&draw.head, done, 4, &truth, &bits, NULL), AT_OK);
    for (int a = 0; a < 7; a++)
        for (int64_t i = 0; i < ROWS * widths[a]; i++)
            assert_true(arrays[a][i] == (done[i / widths[a]] ? -7 : wanted[a][i]));
    assert_int_equal(bits, all.precision_bits);
    at_oracle_truth_done(&truth);
    at_oracle_truth_done(&all);
    draw_done(&draw);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
