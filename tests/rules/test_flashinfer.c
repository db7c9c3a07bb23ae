/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "sample.h"

extern const struct at_rule at_rule_flashinfer;
static const struct at_rule *const rule = &at_rule_flashinfer;

/* Mean squares 0.883, 1 (not below 1) and 0.78: zeros pass wherever the outputs are small. */
static void by_hand(void **unused)
{
    (void)unused;
    assert_true(says(rule, AT_E4M3, 2, (float[]){0, 0}, (float[]){1, 0.875f}));
    assert_false(says(rule, AT_E4M3, 2, (float[]){0, 0}, (float[]){1, 1}));
    assert_true(says(rule, AT_E4M3, 2, (float[]){1.25f, 0}, (float[]){0, 0}));
}

/* inf - inf is NaN, which is not below 1. */
static void specials(void **unused)
{
    (void)unused;
    assert_rejects_specials(rule);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),
        cmocka_unit_test(specials),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
