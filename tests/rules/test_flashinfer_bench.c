/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "sample.h"

extern const struct at_rule at_rule_flashinfer_bench;
static const struct at_rule *const rule = &at_rule_flashinfer_bench;

/* One in twenty may be anything. */
static void by_hand(void **unused)
{
    (void)unused;
    float got[20] = {0}, reference[20] = {0};
    got[0] = 1000;
    assert_true(says(rule, AT_E4M3, 20, got, reference));
    got[1] = 0.0078125f;
    assert_true(says(rule, AT_E4M3, 20, got, reference));
    got[1] = 0.015625f;
    assert_false(says(rule, AT_E4M3, 20, got, reference));
    assert_true(says(rule, AT_E4M3, 1, (float[]){100.5f}, (float[]){100}));
    assert_false(says(rule, AT_E4M3, 1, (float[]){102}, (float[]){100}));
}

/* A reference that is NaN exceeds nothing. */
static void specials(void **unused)
{
    (void)unused;
    float got[20] = {0}, reference[20] = {0};
    got[0] = NAN;
    assert_false(says(rule, AT_E4M3, 20, got, reference));
    got[0] = INFINITY;
    assert_false(says(rule, AT_E4M3, 20, got, reference));
    got[0] = 5;
    reference[0] = NAN;
    reference[1] = NAN;
    assert_true(says(rule, AT_E4M3, 20, got, reference));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),
        cmocka_unit_test(specials),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
