/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "stats/stats.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void by_hand(void **unused)
{
    (void)unused;
    struct at_line line;
    /* y = 1 + 2 x + residuals (1, -2, 1) / 6, orthogonal to 1 and x: fit unchanged; s^2 = (6/36)/1, se = sqrt(s^2 / sum (x - mean)^2) */
    assert_int_equal(at_stats_line((double[]){0, 1, 2}, (double[]){1 + 1.0 / 6, 3 - 2.0 / 6, 5 + 1.0 / 6}, 3, &line), AT_OK);
    assert_true(fabs(line.slope - 2) <= 8 * 0x1p-52);
    assert_true(fabs(line.intercept - 1) <= 8 * 0x1p-52);
    assert_true(fabs(line.slope_se - sqrt(1.0 / 12)) <= 16 * 0x1p-52);
    /* exact line, falling */
    assert_int_equal(at_stats_line((double[]){1, 2, 3, 4}, (double[]){-1, -3, -5, -7}, 4, &line), AT_OK);
    assert_true(line.slope == -2 && line.intercept == 1 && line.slope_se == 0);
}

/* x with an offset of 2^20 times its spread: naive sums of squares would lose 40 of 53 bits. */
static void far_from_the_origin(void **unused)
{
    (void)unused;
    double x[64], y[64];
    for (int i = 0; i < 64; i++) {
        x[i] = 0x1p26 + i;
        y[i] = 3.0 * i + (i % 2 ? 0.5 : -0.5);
    }
    struct at_line line;
    assert_int_equal(at_stats_line(x, y, 64, &line), AT_OK);
    /* sum (i - 31.5)^2 = 21840, sum (i - 31.5) (+-0.5) = 16 */
    assert_true(fabs(line.slope - (3 + 16.0 / 21840)) <= 64 * 64 * 0x1p-52);
    double rest = 64 * 0.25 - 16.0 * 16 / 21840;
    assert_true(fabs(line.slope_se - sqrt(rest / 62 / 21840)) <= 64 * 64 * 0x1p-52);
}

static void undefined(void **unused)
{
    (void)unused;
    struct at_line line = {7, 7, 7};
    assert_int_equal(at_stats_line((double[]){1, 2}, (double[]){1, 2}, 2, &line), AT_ERR_UNDEFINED);
    assert_int_equal(at_stats_line(NULL, NULL, 0, &line), AT_ERR_UNDEFINED);
    assert_int_equal(at_stats_line((double[]){2, 2, 2}, (double[]){1, 2, 3}, 3, &line), AT_ERR_UNDEFINED);
    assert_int_equal(at_stats_line((double[]){1, 2, 3}, (double[]){1, NAN, 3}, 3, &line), AT_ERR_UNDEFINED);
    assert_int_equal(at_stats_line((double[]){1, INFINITY, 3}, (double[]){1, 2, 3}, 3, &line), AT_ERR_UNDEFINED);
    assert_true(line.slope == 7 && line.intercept == 7 && line.slope_se == 7);
}

int main(void)
{
    at_stats_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),
        cmocka_unit_test(far_from_the_origin),
        cmocka_unit_test(undefined),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
