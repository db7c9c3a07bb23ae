/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "stats/logarithm.h"
#include "stats/stats.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void values(void **unused)
{
    (void)unused;
    double *l, *r;
    assert_int_equal(at_logarithms((double[]){1, 2, 0x1p-1074}, 3, &l), AT_OK);
    assert_true(l[0] == 0 && l[1] == log(2) && l[2] == log(0x1p-1074));
    free(l);
    assert_int_equal(at_log_ratios((double[]){4, 3, 1e300}, (double[]){2, 3, 1e-300}, 3, &r), AT_OK);
    assert_true(fabs(r[0] - log(2)) <= 0x1p-51 && r[1] == 0 && fabs(r[2] - 600 * log(10)) <= 1400 * 0x1p-51);
    free(r);
}

static void refusals(void **unused)
{
    (void)unused;
    const double bad[] = {0, -1, NAN, INFINITY};
    double *r = NULL;
    for (int i = 0; i < 4; i++) {
        assert_int_equal(at_logarithms((double[]){1, bad[i]}, 2, &r), AT_ERR_UNDEFINED);
        assert_int_equal(at_log_ratios((double[]){1, bad[i]}, (double[]){1, 1}, 2, &r), AT_ERR_UNDEFINED);
        assert_int_equal(at_log_ratios((double[]){1, 1}, (double[]){1, bad[i]}, 2, &r), AT_ERR_UNDEFINED);
    }
    assert_int_equal(at_log_ratios(NULL, NULL, 0, &r), AT_ERR_UNDEFINED);
    assert_null(r);
}

int main(void)
{
    at_stats_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values),
        cmocka_unit_test(refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
