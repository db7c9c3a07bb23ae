/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "sample.h"

extern const struct at_rule at_rule_flashmla;
static const struct at_rule *const rule = &at_rule_flashmla;

/* 0.0157 relative, or 8e-4. A lone 1.015625 fails by the cosine difference, 1.2e-4; beside 100 that is 1.2e-8. */
static void by_hand(void **unused)
{
    (void)unused;
    assert_true(says(rule, AT_BF16, 2, (float[]){0.0005f, 100}, (float[]){0, 100}));
    assert_false(says(rule, AT_BF16, 2, (float[]){0.001f, 100}, (float[]){0, 100}));
    assert_false(says(rule, AT_BF16, 1, (float[]){1.015625f}, (float[]){1}));
    assert_true(says(rule, AT_BF16, 2, (float[]){1.015625f, 100}, (float[]){1, 100}));
    assert_false(says(rule, AT_BF16, 2, (float[]){1.03125f, 100}, (float[]){1, 100}));
}

/* 6.1e-5 and 2.4e-4 against 1.2e-4. */
static void the_log_sum_exp_counts(void **unused)
{
    (void)unused;
    struct at_rule_sample sample = one_row(AT_BF16, 1, (float[]){1}, (float[]){1});
    sample.got_lse = (float[]){1 + 0x1p-14f};
    assert_true(rule->accepts(&sample));
    sample.got_lse = (float[]){1 + 0x1p-12f};
    assert_false(rule->accepts(&sample));
}

/* What is not finite must stand in both and is then left out. A reference of zeros has cosine difference 0. */
static void specials(void **unused)
{
    (void)unused;
    const float inf = INFINITY;
    assert_false(says(rule, AT_BF16, 2, (float[]){NAN, 4}, (float[]){3, 4}));
    assert_true(says(rule, AT_BF16, 2, (float[]){NAN, 4}, (float[]){NAN, 4}));
    assert_true(says(rule, AT_BF16, 2, (float[]){inf, 4}, (float[]){inf, 4}));
    assert_false(says(rule, AT_BF16, 2, (float[]){inf, 4}, (float[]){-inf, 4}));
    assert_false(says(rule, AT_BF16, 2, (float[]){inf, 4}, (float[]){NAN, 4}));
    assert_true(says(rule, AT_BF16, 1, (float[]){7e-4f}, (float[]){0}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),
        cmocka_unit_test(the_log_sum_exp_counts),
        cmocka_unit_test(specials),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
