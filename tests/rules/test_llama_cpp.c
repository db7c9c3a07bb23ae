/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "sample.h"

#include <float.h>

extern const struct at_rule at_rule_llama_cpp;
static const struct at_rule *const rule = &at_rule_llama_cpp;

/* 2^-8 / 25.4 = 1.5e-4; (2^-6 + 2^-8) / 25.8 = 7.6e-4; zeros: infinity, the outputs under test are the denominator. */
static void by_hand(void **unused)
{
    (void)unused;
    assert_true(says(rule, AT_FP16, 2, (float[]){3.0625f, 4}, (float[]){3, 4}));
    assert_false(says(rule, AT_FP16, 2, (float[]){3.125f, 4}, (float[]){3, 4.0625f}));
    assert_false(says(rule, AT_FP16, 2, (float[]){0, 0}, (float[]){3, 4}));
}

/* Beside equal infinities the quotient is NaN, which is not above the bound: everything else may be wrong. So beside FLT_MAX. */
static void specials(void **unused)
{
    (void)unused;
    const float inf = INFINITY;
    assert_false(says(rule, AT_FP16, 2, (float[]){NAN, 4}, (float[]){3, 4}));
    assert_false(says(rule, AT_FP16, 2, (float[]){NAN, 4}, (float[]){NAN, 4}));
    assert_true(says(rule, AT_FP16, 2, (float[]){inf, 4}, (float[]){inf, -4}));
    assert_true(says(rule, AT_FP16, 2, (float[]){inf, 4}, (float[]){FLT_MAX, -4}));
    assert_false(says(rule, AT_FP16, 2, (float[]){inf, 4}, (float[]){-inf, 4}));
    assert_false(says(rule, AT_FP16, 2, (float[]){inf, 4}, (float[]){3, 4}));
    assert_true(says(rule, AT_FP16, 1, (float[]){0}, (float[]){0}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),
        cmocka_unit_test(specials),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
