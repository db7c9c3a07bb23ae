/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "sample.h"

extern const struct at_rule at_rule_flash_attention_3;
static const struct at_rule *const rule = &at_rule_flash_attention_3;

/* A baseline that is wrong by 0.125 allows 0.25; one of zeros allows 4. */
static void by_hand(void **unused)
{
    (void)unused;
    struct at_rule_sample sample = one_row(AT_E4M3, 2, (float[]){1.25f, 2}, (float[]){1, 2});
    sample.baseline = (float[]){1, 2.125f};
    assert_true(rule->accepts(&sample));
    sample.got = (float[]){1.28125f, 2};
    assert_false(rule->accepts(&sample));
    sample.baseline = (float[]){0, 0};
    assert_true(rule->accepts(&sample));
}

/* In bf16 1 + 0.3 is 1.296875 or 1.3046875 (1.3 lies between), and less 0.30078125 in fp32 1.0039 or 0.996: off by 2^-8 or 2^-7. */
static void arithmetic_on_the_reference(void **unused)
{
    (void)unused;
    struct at_rule_sample sample = one_row(AT_BF16, 1, (float[]){1 + 0x1p-7f}, (float[]){1});
    assert_false(rule->accepts(&sample));
    sample.format = AT_BF16;
    assert_true(rule->accepts(&sample));
    sample.got = (float[]){1.03125f};
    assert_false(rule->accepts(&sample));
}

/* A baseline that overflows allows everything. */
static void specials(void **unused)
{
    (void)unused;
    const float inf = INFINITY;
    assert_false(says(rule, AT_E4M3, 2, (float[]){NAN, 4}, (float[]){3, 4}));
    assert_false(says(rule, AT_E4M3, 2, (float[]){inf, 4}, (float[]){3, 4}));
    assert_false(says(rule, AT_E4M3, 2, (float[]){inf, 4}, (float[]){inf, 4}));
    struct at_rule_sample sample = one_row(AT_E4M3, 1, (float[]){5}, (float[]){1});
    sample.baseline = &inf;
    assert_true(rule->accepts(&sample));
    sample.baseline = (float[]){NAN};
    assert_false(rule->accepts(&sample));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),
        cmocka_unit_test(arithmetic_on_the_reference),
        cmocka_unit_test(specials),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
