/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "sample.h"

extern const struct at_rule at_rule_polygraphy;
static const struct at_rule *const rule = &at_rule_polygraphy;

/* Cosines 0.9993, 0.9936, and 1 for outputs a hundred times too large. */
static void by_hand(void **unused)
{
    (void)unused;
    assert_true(says(rule, AT_E4M3, 2, (float[]){3.25f, 4}, (float[]){3, 4}));
    assert_false(says(rule, AT_E4M3, 2, (float[]){3.75f, 4}, (float[]){3, 4}));
    assert_true(says(rule, AT_E4M3, 2, (float[]){300, 400}, (float[]){3, 4}));
    assert_false(says(rule, AT_E4M3, 2, (float[]){-3, -4}, (float[]){3, 4}));
}

static void specials(void **unused)
{
    (void)unused;
    const float inf = INFINITY;
    assert_false(says(rule, AT_E4M3, 2, (float[]){NAN, 4}, (float[]){3, 4}));
    assert_false(says(rule, AT_E4M3, 1, &inf, &inf));
    assert_false(says(rule, AT_E4M3, 2, (float[]){0, 0}, (float[]){3, 4}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),
        cmocka_unit_test(specials),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
