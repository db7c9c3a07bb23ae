/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "stats/sequential.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* ln 19 = 2.944 either way; 0.00905 a clean head, ln 10 an exceedance: 326 clean heads, or two exceedances early on. */
static void by_hand(void **unused)
{
    (void)unused;
    struct at_sprt t;
    assert_int_equal(at_sprt_start(0.001, 0.01, 0.05, 0.05, &t), AT_OK);
    assert_int_equal(at_sprt_clean_heads(&t), 326);
    for (int i = 0; i < 325; i++)
        assert_int_equal(at_sprt_add(&t, false), AT_DECISION_OPEN);
    assert_int_equal(at_sprt_clean_heads(&t), 1);
    assert_int_equal(at_sprt_add(&t, false), AT_DECISION_MET);
    assert_true(t.heads == 326 && t.exceeding == 0 && fabs(t.log_ratio - 326 * log(0.99 / 0.999)) <= 1e-12);
    assert_int_equal(at_sprt_add(&t, true), AT_DECISION_MET); /* stays, and counts no more */
    assert_true(t.heads == 326 && at_sprt_clean_heads(&t) == 0);
    assert_int_equal(at_sprt_start(0.0001, 0.001, 0.05, 0.05, &t), AT_OK);
    assert_int_equal(at_sprt_clean_heads(&t), 3270);
}

/* Two exceedances within 4.605 - 0.00905 (n - 2) >= 2.944, n <= 185. */
static void rejects(void **unused)
{
    (void)unused;
    for (int last = 185; last <= 186; last++) {
        struct at_sprt t;
        assert_int_equal(at_sprt_start(0.001, 0.01, 0.05, 0.05, &t), AT_OK);
        assert_int_equal(at_sprt_add(&t, true), AT_DECISION_OPEN);
        for (int i = 2; i < last; i++)
            assert_int_equal(at_sprt_add(&t, false), AT_DECISION_OPEN);
        assert_int_equal(at_sprt_add(&t, true), last == 185 ? AT_DECISION_NOT_MET : AT_DECISION_OPEN);
        assert_int_equal(t.exceeding, 2);
    }
}

static void refusals(void **unused)
{
    (void)unused;
    struct at_sprt t = {.heads = 7};
    assert_int_equal(at_sprt_start(0.01, 0.01, 0.05, 0.05, &t), AT_ERR_ARGUMENT);
    assert_int_equal(at_sprt_start(0, 0.01, 0.05, 0.05, &t), AT_ERR_ARGUMENT);
    assert_int_equal(at_sprt_start(0.001, 1, 0.05, 0.05, &t), AT_ERR_ARGUMENT);
    assert_int_equal(at_sprt_start(0.001, 0.01, 0.5, 0.5, &t), AT_ERR_ARGUMENT);
    assert_int_equal(at_sprt_start(0.001, 0.01, NAN, 0.05, &t), AT_ERR_ARGUMENT);
    assert_int_equal(t.heads, 7);
}

int main(void)
{
    at_stats_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),
        cmocka_unit_test(rejects),
        cmocka_unit_test(refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
