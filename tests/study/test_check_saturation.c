/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/check_pattern.h"

#include "attempted.h"
#include "scratch.h"
#include "stats/stats.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>

/* The octaves in the evidence of head 0, NaN where nothing is named. */
static double octaves_of(const char *kernel, const struct at_problem *problem, const char *variant)
{
    struct attempted a;
    struct at_check_case c;
    struct at_check_expectation e;
    char text[160], why[200];
    double octaves = NAN;
    attempted_open(&a, kernel, "normal", problem, variant);
    attempted_expect(&a, &c, &e);
    struct at_check_suspect s = attempted_suspect(&c, &e, 0, text, why);
    assert_int_equal(at_check_try_saturation(&s, NULL), AT_OK);
    assert_int_equal(*text != 0, strcmp(text, "P saturates") == 0);
    if (*text)
        assert_int_equal(sscanf(strstr(why, "2^"), "2^%lf", &octaves), 1);
    free((void *)(uintptr_t)s.which);
    at_check_expectation_done(&e);
    at_check_case_done(&c);
    attempted_done(&a);
    return octaves;
}

/*
 * The defect clips at 448/1024 of the running maximum, 2^-1.193: found to within what P's format leaves of a weight, half of 2^-3, in log2.
 * Over several tiles, both orders, and one tile alone.
 */
static void the_cap_is_found(void **state)
{
    (void)state;
    const double cap = log2(448.0 / 1024), format = log2(1 + 0x1p-4);
    const struct at_problem several = {1, 1, 1, 32, 200, 32, false, 0};
    assert_true(fabs(octaves_of("p-saturates", &attempted_problem, "fa3-fp8") - cap) <= format);
    assert_true(fabs(octaves_of("p-saturates", &several, "fp8:tile=64x64") - cap) <= format);
    assert_true(fabs(octaves_of("p-saturates", &several, "fp8:tile=64x64,order=forward") - cap) <= format);
}

static void other_defects_are_not_taken_for_it(void **state)
{
    (void)state;
    assert_true(isnan(octaves_of("future-visible", &attempted_problem, "fa3-fp8")));
    assert_true(isnan(octaves_of("v-scale-dropped", &attempted_problem, "fa3-fp8")));
    assert_true(isnan(octaves_of("noisy-head", &attempted_problem, "fa3-bf16")));
}

int main(void)
{
    at_stats_init();
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_cap_is_found), cmocka_unit_test(other_defects_are_not_taken_for_it)};
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
