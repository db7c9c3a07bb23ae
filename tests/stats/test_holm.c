/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "stats/paired.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void by_hand(void **unused)
{
    (void)unused;
    const double p[] = {0.01, 0.04, 0.03, 0.005}, expected[] = {0.03, 0.06, 0.06, 0.02};
    double adjusted[4];
    assert_int_equal(at_holm(p, 4, adjusted), AT_OK);
    for (int i = 0; i < 4; i++)
        assert_true(fabs(adjusted[i] - expected[i]) <= 1e-15);
    assert_int_equal(at_holm((double[]){0.7, 0.9, 0.2}, 3, adjusted), AT_OK);
    assert_true(adjusted[0] == 1 && adjusted[1] == 1 && fabs(adjusted[2] - 0.6) <= 1e-15); /* never above 1 */
    assert_int_equal(at_holm((double[]){0.2}, 1, adjusted), AT_OK);
    assert_true(adjusted[0] == 0.2);
}

/* Order of the p values is kept, none gets smaller, and equal ones stay equal. */
static void monotone(void **unused)
{
    (void)unused;
    double p[50], adjusted[50];
    for (int i = 0; i < 50; i++)
        p[i] = (i * 7 % 25) / 400.0;
    assert_int_equal(at_holm(p, 50, adjusted), AT_OK);
    for (int i = 0; i < 50; i++) {
        assert_true(adjusted[i] >= p[i] && adjusted[i] <= 1);
        for (int j = 0; j < 50; j++)
            assert_true(p[i] < p[j] ? adjusted[i] <= adjusted[j] : p[i] > p[j] || adjusted[i] == adjusted[j]);
    }
}

static void refusals(void **unused)
{
    (void)unused;
    double adjusted[2] = {7, 7};
    assert_int_equal(at_holm((double[]){0.1, NAN}, 2, adjusted), AT_ERR_UNDEFINED);
    assert_int_equal(at_holm((double[]){0.1, 1.1}, 2, adjusted), AT_ERR_ARGUMENT);
    assert_int_equal(at_holm((double[]){0.1, -0.1}, 2, adjusted), AT_ERR_ARGUMENT);
    assert_int_equal(at_holm(NULL, 0, adjusted), AT_ERR_UNDEFINED);
    assert_true(adjusted[0] == 7 && adjusted[1] == 7);
}

int main(void)
{
    at_stats_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),
        cmocka_unit_test(monotone),
        cmocka_unit_test(refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
