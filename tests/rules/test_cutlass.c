/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "sample.h"

extern const struct at_rule at_rule_cutlass;
static const struct at_rule *const rule = &at_rule_cutlass;

/* 8 bits: largest below 0.1. 16 bits: mean of two 0.00195, not below 0.001; of four 0.00098. */
static void by_hand(void **unused)
{
    (void)unused;
    assert_true(says(rule, AT_E4M3, 2, (float[]){1.0625f, 0}, (float[]){1, 0}));
    assert_false(says(rule, AT_E4M3, 2, (float[]){1.125f, 0}, (float[]){1, 0}));
    assert_false(says(rule, AT_FP16, 2, (float[]){1.00390625f, 0}, (float[]){1, 0}));
    assert_true(says(rule, AT_FP16, 4, (float[]){1.00390625f, 0, 0, 0}, (float[]){1, 0, 0, 0}));
}

static void the_log_sum_exp_counts(void **unused)
{
    (void)unused;
    struct at_rule_sample sample = one_row(AT_E4M3, 1, (float[]){1}, (float[]){1});
    sample.got_lse = (float[]){1.125f};
    assert_false(rule->accepts(&sample));
    sample.got_lse = (float[]){1.0625f};
    assert_true(rule->accepts(&sample));
}

/* 0.1015625 - 2^-9 = 0.0996, which in e4m3 is 0.1015625 again. */
static void differences_have_the_outputs_type(void **unused)
{
    (void)unused;
    struct at_rule_sample sample = one_row(AT_E4M3, 1, (float[]){0.1015625f}, (float[]){0x1p-9f});
    assert_true(rule->accepts(&sample));
    sample.format = AT_E4M3;
    assert_false(rule->accepts(&sample));
}

/* The maximum passes over NaN; the mean does not. */
static void specials(void **unused)
{
    (void)unused;
    assert_rejects_specials(rule);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),
        cmocka_unit_test(the_log_sum_exp_counts),
        cmocka_unit_test(differences_have_the_outputs_type),
        cmocka_unit_test(specials),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
