/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/check_rules.h"

#include "attempted.h"
#include "scratch.h"
#include "stats/stats.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct at_check_rule *find(const struct at_check_rule *rules, const char *name)
{
    for (size_t i = 0; i < at_rule_count; i++)
        if (strcmp(rules[i].rule->name, name) == 0)
            return &rules[i];
    fail_msg("no rule %s", name);
    return NULL;
}

static void ask(struct attempted *a, struct at_check_rule *rules)
{
    struct at_check_case c;
    struct at_error error;
    if (at_check_case_open(&a->question, &c, &error) || at_check_ask_rules(&c, rules, &error))
        fail_msg("%s", error.message);
    at_check_case_done(&c);
}

/* The right kernel, zeros, and what each rule's arithmetic says of them. */
static void rules_are_asked_with_their_own_references(void **state)
{
    (void)state;
    struct at_check_rule rules[32];
    struct attempted a;
    assert_true(at_rule_count <= 32);
    attempted_open(&a, "twin", "normal", &attempted_problem, "fa3-fp8");
    ask(&a, rules);
    assert_true(find(rules, "flash-attention-3")->accepts && find(rules, "vllm")->accepts && find(rules, "polygraphy")->accepts);
    assert_true(find(rules, "flashmla")->asked == false);
    assert_string_equal(find(rules, "flashmla")->why_not, "it is for 16-bit operands");
    memset(a.k.o, 0, (size_t)(2 * 48 * 32) * sizeof *a.k.o);
    attempted_write(&a);
    ask(&a, rules);
    assert_true(find(rules, "flashinfer")->accepts); /* mean square below 1 */
    assert_false(find(rules, "vllm")->accepts || find(rules, "flash-attention-3")->accepts || find(rules, "polygraphy")->accepts);
    attempted_done(&a);
    attempted_open(&a, "twin", "normal", &attempted_problem, "fa3-bf16");
    ask(&a, rules);
    assert_true(find(rules, "cutlass")->accepts && find(rules, "flash-attention-3")->accepts && find(rules, "llama-cpp")->accepts);
    assert_string_equal(find(rules, "flashinfer")->why_not, "it is for 8-bit operands");
    attempted_done(&a);
}

/* A subset of rows, with gaps, is asked as all rows are: no rule says otherwise of a right kernel. */
static void rows_with_gaps(void **state)
{
    (void)state;
    struct at_check_rule rules[32];
    struct attempted a;
    attempted_open(&a, "forward-64", "normal", &attempted_problem, "fa3-bf16");
    a.study.rows = 7;
    ask(&a, rules);
    assert_true(find(rules, "cutlass")->accepts && find(rules, "vllm")->accepts && find(rules, "flash-attention-3")->accepts);
    attempted_done(&a);
}

static void what_cannot_be_asked_says_why(void **state)
{
    (void)state;
    struct at_check_rule rules[32];
    struct attempted a;
    attempted_open(&a, "twin", "normal", &attempted_problem, "fp8-smooth-k");
    ask(&a, rules);
    assert_string_equal(find(rules, "vllm")->why_not ? find(rules, "vllm")->why_not : "", "");
    assert_string_equal(find(rules, "cutlass")->why_not, "its reference is of operands that are not smoothed");
    attempted_done(&a);
}

int main(void)
{
    at_stats_init();
    const struct CMUnitTest tests[] = {cmocka_unit_test(rules_are_asked_with_their_own_references), cmocka_unit_test(rows_with_gaps),
                                       cmocka_unit_test(what_cannot_be_asked_says_why)};
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
