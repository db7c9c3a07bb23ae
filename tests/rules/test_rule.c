/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "sample.h"

#include <string.h>

static void names_are_found(void **unused)
{
    (void)unused;
    const struct at_rule *rule = NULL;
    struct at_error error;
    for (size_t i = 0; i < at_rule_count; i++) {
        assert_int_equal(at_rule_find(at_rules[i]->name, &rule, &error), AT_OK);
        assert_ptr_equal(rule, at_rules[i]);
    }
    rule = NULL;
    assert_int_equal(at_rule_find("flashmal", &rule, &error), AT_ERR_NOT_FOUND);
    assert_non_null(strstr(error.message, "'flashmla'"));
    assert_null(rule);
    assert_int_equal(at_rule_find("", &rule, NULL), AT_ERR_NOT_FOUND);
}

static void what_a_sample_says_of_itself(void **unused)
{
    (void)unused;
    struct at_rule_sample sample = {.heads = 2, .rows = 3, .dim = 5, .operands = AT_E5M2};
    assert_int_equal(at_rule_outputs(&sample), 30);
    assert_true(at_rule_is_8_bit(&sample));
    sample.operands = AT_BF16;
    assert_false(at_rule_is_8_bit(&sample));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(names_are_found), cmocka_unit_test(what_a_sample_says_of_itself)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
