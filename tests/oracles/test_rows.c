/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "oracles/rows.h"

#include "draw.h"

#include <math.h>
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
    assert_int_equal(at_oracle_solve_rest(&draw.head, done, 4, "another", certified, &truth, &bits, NULL), AT_OK);
    for (int a = 0; a < 7; a++)
        for (int64_t i = 0; i < ROWS * widths[a]; i++)
            assert_true(arrays[a][i] == (done[i / widths[a]] ? -7 : wanted[a][i]));
    assert_int_equal(bits, all.precision_bits);
    at_oracle_truth_done(&truth);
    at_oracle_truth_done(&all);
    draw_done(&draw);
}

static void test_largest_ratio(void **state)
{
    (void)state;
    double radius[] = {0x1p-50, 0x1p-40, 0, INFINITY, 0x1p-3}, sum_abs[] = {1, 0x1p20, 1, 1, 0};
    const struct at_oracle_truth truth = {.radius = radius, .sum_abs = sum_abs};
    assert_true(at_oracle_largest_ratio(&truth, 5) == -50); /* neither the infinite one nor that of a sum of 0 */
    assert_true(at_oracle_largest_ratio(&truth, 0) == -INFINITY);
    sum_abs[0] = 0x1p13;
    assert_true(at_oracle_largest_ratio(&truth, 5) == -60);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows), cmocka_unit_test(test_largest_ratio)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
