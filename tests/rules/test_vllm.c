/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "sample.h"

extern const struct at_rule at_rule_vllm;
static const struct at_rule *const rule = &at_rule_vllm;

/* 8 bits: 0.15 + 0.15 * 2 = 0.45; 16 bits: 0.015 + 0.01 * 2 = 0.035. */
static void by_hand(void **unused)
{
    (void)unused;
    assert_true(says(rule, AT_E4M3, 2, (float[]){2.4375f, 0.125f}, (float[]){2, 0}));
    assert_false(says(rule, AT_E4M3, 2, (float[]){2.5f, 0}, (float[]){2, 0}));
    assert_true(says(rule, AT_BF16, 1, (float[]){2.03125f}, (float[]){2}));
    assert_false(says(rule, AT_BF16, 1, (float[]){2.0625f}, (float[]){2}));
}

/* 0.015 + 0 rounded to bf16 is 0x1.ecp-7, 0.015015. */
static void rounds_in_its_type(void **unused)
{
    (void)unused;
    struct at_rule_sample sample = one_row(AT_BF16, 1, (float[]){0x1.ecp-7f}, (float[]){0});
    assert_false(rule->accepts(&sample));
    sample.format = AT_BF16;
    assert_true(rule->accepts(&sample));
}

static void specials(void **unused)
{
    (void)unused;
    assert_close_specials(rule);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),
        cmocka_unit_test(rounds_in_its_type),
        cmocka_unit_test(specials),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
