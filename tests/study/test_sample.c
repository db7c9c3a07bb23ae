/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/sample.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

enum { DIM = 32, KEYS = 8, ROWS = 4 };

/* Row 3 of the case is the second of a part that begins at row 2; its truth may be a row of another one. */
static void a_row_of_a_part(void **state)
{
    (void)state;
    static int64_t index[ROWS] = {1, 4, 5, 7};
    static float o[2 * DIM], lse[2] = {10, 20};
    static double p[2 * KEYS], to[ROWS * DIM], low[ROWS * DIM], radii[ROWS * DIM], sums[ROWS * DIM], tp[ROWS * KEYS];
    static double tlse[ROWS] = {1, 2, 3, 4}, tlse_radius[ROWS] = {0.5, 0.25, 0.125, 0.0625};
    const struct at_case c = {.problem = {1, 1, 1, KEYS, KEYS, DIM, true, 0}, .rows = {ROWS, index}};
    const struct at_attention out = {.o = o, .lse = lse, .p = p};
    const struct at_attended part = {.b = 0, .h = 0, .first = 2, .count = 2, .out = &out};
    const struct at_oracle_truth truth = {to, low, radii, sums, tlse, tlse_radius, tp, 0, 0};
    float shift[KEYS] = {0, 0, 0, 0, 0, 0, 0, 100};
    struct at_beside beside = {&c, &part, &truth, NULL};
    double radius[DIM];
    low[3 * DIM + 5] = -0x1p-60;
    radii[3 * DIM + 5] = 0x1p-60;
    struct at_row_sample sample = at_sample_row(&beside, 3, &truth, 3, radius);
    assert_true(sample.dim == DIM && sample.keys == 8 && sample.got == o + DIM && sample.got_p == p + KEYS);
    assert_true(sample.truth == to + 3 * DIM && sample.truth_p == tp + 3 * KEYS && sample.sum_abs == sums + 3 * DIM);
    assert_true(sample.got_lse == 20 && sample.truth_lse == 4 && sample.lse_radius == 0.0625);
    assert_true(radius[5] >= 0x1p-59 && radius[4] == 0); /* about the leading double */
    beside.lse_shift = shift;
    sample = at_sample_row(&beside, 3, &truth, 1, radius);
    assert_true(sample.truth_lse == 102 && sample.lse_radius > 0.25 && sample.lse_radius < 0.26);
    assert_true(sample.truth == to + DIM && sample.got == o + DIM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_row_of_a_part)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
