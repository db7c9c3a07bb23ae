/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "sample.h"

extern const struct at_rule at_rule_deepgemm;
static const struct at_rule *const rule = &at_rule_deepgemm;

/* 0.125^2 / 50.8 = 3.1e-4; 0.25^2 / 51.6 = 1.2e-3; 2^-14 / 50 = 1.2e-6; zeros 1. */
static void by_hand(void **unused)
{
    (void)unused;
    assert_true(says(rule, AT_E4M3, 2, (float[]){3.125f, 4}, (float[]){3, 4}));
    assert_false(says(rule, AT_E4M3, 2, (float[]){3.25f, 4}, (float[]){3, 4}));
    assert_false(says(rule, AT_BF16, 2, (float[]){3.125f, 4}, (float[]){3, 4}));
    assert_true(says(rule, AT_BF16, 2, (float[]){3.0078125f, 4}, (float[]){3, 4}));
    assert_false(says(rule, AT_E4M3, 2, (float[]){0, 0}, (float[]){3, 4}));
}

/* inf/inf is NaN; 0 beside 0 counts as equal. */
static void specials(void **unused)
{
    (void)unused;
    const float inf = INFINITY;
    assert_false(says(rule, AT_E4M3, 2, (float[]){NAN, 4}, (float[]){3, 4}));
    assert_false(says(rule, AT_E4M3, 1, &inf, &inf));
    assert_true(says(rule, AT_E4M3, 1, (float[]){0}, (float[]){0}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),
        cmocka_unit_test(specials),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
