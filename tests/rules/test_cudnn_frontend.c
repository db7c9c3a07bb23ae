/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "sample.h"

extern const struct at_rule at_rule_cudnn_frontend;
static const struct at_rule *const rule = &at_rule_cudnn_frontend;

/* e4m3: 0.08 + 0.2 * 1 = 0.28; e5m2: 0.325. */
static void by_hand(void **unused)
{
    (void)unused;
    assert_true(says(rule, AT_E4M3, 2, (float[]){0.4375f, 0.0625f}, (float[]){0.5f, 0}));
    assert_true(says(rule, AT_E4M3, 1, (float[]){1.25f}, (float[]){1}));
    assert_false(says(rule, AT_E4M3, 1, (float[]){1.3125f}, (float[]){1}));
    assert_true(says(rule, AT_E5M2, 1, (float[]){1.3125f}, (float[]){1}));
    assert_false(says(rule, AT_E5M2, 1, (float[]){1.34375f}, (float[]){1}));
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
        cmocka_unit_test(specials),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
