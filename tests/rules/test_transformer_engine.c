/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "sample.h"

extern const struct at_rule at_rule_transformer_engine;
static const struct at_rule *const rule = &at_rule_transformer_engine;

/* RMSE 0.177 against 0.11 * 2.25 = 0.2475; 0.354 against 0.275; zeros 1 against 0.22. */
static void by_hand(void **unused)
{
    (void)unused;
    assert_true(says(rule, AT_E4M3, 2, (float[]){1.25f, -1}, (float[]){1, -1}));
    assert_false(says(rule, AT_E4M3, 2, (float[]){1.5f, -1}, (float[]){1, -1}));
    assert_false(says(rule, AT_E4M3, 2, (float[]){0, 0}, (float[]){1, -1}));
}

/* In fp16 the square of 2^-13 is 0, and so is the RMSE of one wrong output beside a range of 2^-13. */
static void rounds_in_its_type(void **unused)
{
    (void)unused;
    struct at_rule_sample sample = one_row(AT_E4M3, 1, (float[]){0x1p-13f}, (float[]){0});
    assert_false(rule->accepts(&sample));
    sample.format = AT_FP16;
    assert_true(rule->accepts(&sample));
}

/* A constant output has no range: 0 is not below 0. */
static void specials(void **unused)
{
    (void)unused;
    const float inf = INFINITY;
    assert_false(says(rule, AT_E4M3, 2, (float[]){NAN, 0}, (float[]){0, 0}));
    assert_false(says(rule, AT_E4M3, 2, (float[]){0, NAN}, (float[]){0, 1}));
    assert_false(says(rule, AT_E4M3, 2, (float[]){inf, 0}, (float[]){1, 0}));
    assert_false(says(rule, AT_E4M3, 1, (float[]){1}, (float[]){1}));
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
