/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "stats/exceedance.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct at_exceedance decide(int64_t exceeding, int64_t heads, double allowed)
{
    struct at_exceedance e;
    assert_int_equal(at_exceedance_decide(exceeding, heads, allowed, 0.95, &e, NULL), AT_OK);
    return e;
}

/* 299 clean heads show 99 %, one exceedance asks for 473, two for 628 (Wilks' numbers of rank 1, 2, 3). */
static void further_heads(void **unused)
{
    (void)unused;
    assert_int_equal(decide(0, 299, 0.01).decision, AT_DECISION_MET);
    assert_int_equal(decide(0, 298, 0.01).decision, AT_DECISION_OPEN);
    assert_int_equal(decide(0, 298, 0.01).clean_heads, 1);
    assert_int_equal(decide(1, 299, 0.01).clean_heads, 473 - 299);
    assert_int_equal(decide(2, 299, 0.01).clean_heads, 628 - 299);
    assert_int_equal(decide(0, 0, 0.01).clean_heads, 299);
    assert_int_equal(decide(0, 0, 1e-12).clean_heads, -1);
    assert_true(decide(0, 0, 0.01).lower == 0 && decide(0, 0, 0.01).upper == 1);
}

/* Both counts are the smallest that decide, and the limits say the same as the decision. */
static void agrees_with_its_limits(void **unused)
{
    (void)unused;
    int seen[3] = {0};
    for (int64_t n = 1; n <= 400; n += 7)
        for (int64_t k = 0; k <= n && k < 30; k++) {
            struct at_exceedance e = decide(k, n, 0.04);
            seen[e.decision]++;
            assert_int_equal(e.decision == AT_DECISION_MET, e.upper <= 0.04);
            assert_int_equal(e.decision == AT_DECISION_NOT_MET, e.lower > 0.04);
            if (e.decision != AT_DECISION_OPEN) {
                assert_true(e.clean_heads == 0 && e.bad_heads == 0);
                continue;
            }
            assert_int_equal(decide(k, n + e.clean_heads, 0.04).decision, AT_DECISION_MET);
            assert_int_equal(decide(k, n + e.clean_heads - 1, 0.04).decision, AT_DECISION_OPEN);
            assert_int_equal(decide(k + e.bad_heads, n + e.bad_heads, 0.04).decision, AT_DECISION_NOT_MET);
            assert_int_equal(decide(k + e.bad_heads - 1, n + e.bad_heads - 1, 0.04).decision, AT_DECISION_OPEN);
        }
    assert_true(seen[0] > 100 && seen[1] > 100 && seen[2] > 100);
}

static void refusals(void **unused)
{
    (void)unused;
    struct at_exceedance e = {.heads = 7};
    struct at_error error;
    assert_int_equal(at_exceedance_decide(3, 2, 0.01, 0.95, &e, &error), AT_ERR_ARGUMENT);
    assert_int_equal(at_exceedance_decide(-1, 2, 0.01, 0.95, &e, &error), AT_ERR_ARGUMENT);
    assert_int_equal(at_exceedance_decide(1, 2, 0, 0.95, &e, &error), AT_ERR_ARGUMENT);
    assert_int_equal(at_exceedance_decide(1, 2, NAN, 0.95, &e, &error), AT_ERR_ARGUMENT);
    assert_int_equal(at_exceedance_decide(1, 2, 0.01, 1, &e, &error), AT_ERR_ARGUMENT);
    assert_non_null(strstr(error.message, "confidence 1"));
    assert_int_equal(e.heads, 7);
}

int main(void)
{
    at_stats_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(further_heads),
        cmocka_unit_test(agrees_with_its_limits),
        cmocka_unit_test(refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
