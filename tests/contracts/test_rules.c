/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/* What every rule in the registry promises (src/rules/rule.h). */
#include "rules/rule.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { ROWS = 4, DIM = 8, COUNT = ROWS * DIM };

static float outputs[COUNT], lse[ROWS];

static struct at_rule_sample equal_outputs(enum at_format operands)
{
    for (int i = 0; i < COUNT; i++)
        outputs[i] = (float)(i % 5 - 2) / 4;
    return (struct at_rule_sample){1, ROWS, DIM, outputs, outputs, outputs, lse, lse, AT_FP16, operands};
}

static void descriptors(void **unused)
{
    (void)unused;
    assert_true(at_rule_count >= 11);
    for (size_t i = 0; i < at_rule_count; i++) {
        const struct at_rule *rule = at_rules[i];
        assert_true(strlen(rule->name) > 0 && strlen(rule->criterion) > 0 && strlen(rule->source) > 0);
        assert_true(rule->takes_8_bit || rule->takes_16_bit);
        assert_true(rule->reference < AT_REFERENCE_COUNT);
        assert_non_null(rule->accepts);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(rule->name, at_rules[j]->name);
    }
}

/* The reference itself is accepted, one NaN or infinity among finite outputs is not, whatever the operands. */
static void right_is_accepted_and_nan_is_not(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < at_rule_count; i++)
        for (int eight = 0; eight < 2; eight++) {
            if (!(eight ? at_rules[i]->takes_8_bit : at_rules[i]->takes_16_bit))
                continue;
            print_message("%s, %d bits\n", at_rules[i]->name, eight ? 8 : 16);
            struct at_rule_sample sample = equal_outputs(eight ? AT_E4M3 : AT_BF16);
            float wrong[COUNT];
            sample.got = wrong;
            memcpy(wrong, outputs, sizeof wrong);
            assert_true(at_rules[i]->accepts(&sample));
            for (int at = 0; at < COUNT; at += COUNT - 1) {
                wrong[at] = NAN;
                assert_false(at_rules[i]->accepts(&sample));
                wrong[at] = INFINITY;
                assert_false(at_rules[i]->accepts(&sample));
                wrong[at] = outputs[at];
            }
        }
}

/* The declared inputs are those that are read: without the others a rule gives the same answer. */
static void reads_what_it_declares(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < at_rule_count; i++) {
        struct at_rule_sample sample = equal_outputs(at_rules[i]->takes_8_bit ? AT_E4M3 : AT_BF16);
        if (!at_rules[i]->uses_baseline)
            sample.baseline = NULL;
        if (!at_rules[i]->uses_lse)
            sample.got_lse = sample.reference_lse = NULL;
        assert_true(at_rules[i]->accepts(&sample));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(descriptors),
        cmocka_unit_test(right_is_accepted_and_nan_is_not),
        cmocka_unit_test(reads_what_it_declares),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
