/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "stats/heads.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Mean 2.5, sd sqrt(5/3), z = 1.959963984540054. */
static void by_hand(void **unused)
{
    (void)unused;
    struct at_interval i;
    assert_int_equal(at_naive_mean_interval((double[]){4, 1, 3, 2}, 4, 0.95, &i), AT_OK);
    double half = 1.959963984540054 * sqrt(5 / 3.0) / 2;
    assert_true(fabs(i.low - (2.5 - half)) <= 1e-14 && fabs(i.high - (2.5 + half)) <= 1e-14);
}

static void refusals(void **unused)
{
    (void)unused;
    struct at_interval i = {7, 7};
    assert_int_equal(at_naive_mean_interval((double[]){4}, 1, 0.95, &i), AT_ERR_UNDEFINED);
    assert_int_equal(at_naive_mean_interval((double[]){4, NAN}, 2, 0.95, &i), AT_ERR_UNDEFINED);
    assert_int_equal(at_naive_mean_interval((double[]){4, INFINITY}, 2, 0.95, &i), AT_ERR_UNDEFINED);
    assert_int_equal(at_naive_mean_interval((double[]){4, 5}, 2, 1, &i), AT_ERR_ARGUMENT);
    assert_true(i.low == 7 && i.high == 7);
}

int main(void)
{
    at_stats_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),
        cmocka_unit_test(refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
