/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "stats/stats.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Without at_stats_init this call would abort. */
static void gsl_does_not_abort(void **unused)
{
    (void)unused;
    assert_true(isnan(gsl_cdf_beta_Pinv(-1, 2, 3)));
}

int main(void)
{
    at_stats_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gsl_does_not_abort),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
