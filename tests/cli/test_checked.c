/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "cli/checked.h"

#include "cli/verb.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static int64_t index_of_rows[3] = {0, 4, 9};
static struct at_check_head head;
static struct at_check_row row[3];
static struct at_check_rule rule[32];
static const struct at_oracle oracle = {.name = "certified"};

/* One head, of whose rows the second is bad. */
static struct at_check made(void)
{
    const struct at_check_error good = {1e-3, 2e-3, 0.5}, bad = {INFINITY, 2e-3, INFINITY};
    const struct at_check_lse none = {NAN, NAN, NAN};
    for (int i = 0; i < 3; i++)
        row[i] = (struct at_check_row){.dequantised = i == 1 ? bad : good, .lse = none, .defined = true, .bad = i == 1};
    head = (struct at_check_head){.h = 2,
                                  .dequantised = bad,
                                  .original = bad,
                                  .bad = 1,
                                  .nonfinite = 7,
                                  .differing = -1,
                                  .worst = 1,
                                  .verdict = AT_CHECK_BUG,
                                  .pattern = "one row wrong",
                                  .evidence = "row 4 alone: unknown"};
    for (size_t i = 0; i < at_rule_count; i++)
        rule[i] = (struct at_check_rule){.rule = at_rules[i], .asked = i > 0, .accepts = i == 1, .why_not = "it is for others"};
    return (struct at_check){.problem = {1, 1, 1, 10, 10, 32, false, 0},
                             .oracle = &oracle,
                             .expected_by = "a-priori model",
                             .by_model = true,
                             .heads = 1,
                             .rows = 3,
                             .row_index = index_of_rows,
                             .head = &head,
                             .row = row,
                             .bounds = {1.5, NAN, NAN},
                             .rule = rule,
                             .verdict = AT_CHECK_BUG};
}

static void exit_codes(void **state)
{
    (void)state;
    static const int codes[AT_CHECK_VERDICTS] = {[AT_CHECK_BUG] = AT_EXIT_NOT_MET, [AT_CHECK_CANNOT_SAY] = AT_EXIT_CANNOT};
    for (int v = 0; v < AT_CHECK_VERDICTS; v++)
        assert_int_equal(at_checked_exit(&(struct at_check){.verdict = (enum at_check_verdict)v}), codes[v]);
}

static void json_has_no_number_where_there_is_none(void **state)
{
    (void)state;
    struct at_study_input input = {.label = (char[]){"mine"}};
    struct at_variant_choice variant = {.name = "fa3-fp8"};
    const struct at_study study = {.inputs = &input, .variants = &variant};
    const struct at_check_question question = {.study = &study, .level = 0.001};
    const struct at_check check = made();
    json_t *object = at_checked_json(&(struct at_shown_check){&check, &question});
    assert_non_null(object);
    json_t *bounds = json_object_get(object, "bounds"), *h = json_array_get(json_object_get(object, "heads"), 0);
    assert_true(json_real_value(json_object_get(bounds, "row")) == 1.5 && json_is_null(json_object_get(bounds, "head")));
    assert_string_equal(json_string_value(json_object_get(json_object_get(h, "dequantised"), "ratio")), "inf");
    assert_string_equal(json_string_value(json_object_get(h, "pattern")), "one row wrong");
    json_t *bad = json_array_get(json_object_get(h, "rows"), 1), *rules = json_object_get(object, "rules");
    assert_int_equal(json_integer_value(json_object_get(bad, "row")), 4);
    assert_true(json_is_true(json_object_get(bad, "bad")) && json_is_null(json_object_get(json_object_get(bad, "lse"), "high")));
    assert_string_equal(json_string_value(json_object_get(object, "expected")), "a-priori model");
    assert_true(json_is_null(json_object_get(h, "differing")));
    assert_true(json_is_null(json_object_get(json_array_get(rules, 0), "accepts")));
    assert_string_equal(json_string_value(json_object_get(json_array_get(rules, 0), "not_asked")), "it is for others");
    assert_true(json_is_true(json_object_get(json_array_get(rules, 1), "accepts")));
    json_decref(object);
}

/* What is printed about it. */
static void a_bug_is_told_with_head_row_and_rules(void **state)
{
    (void)state;
    static char text[8192];
    const struct at_check_question question = {.level = 0.001};
    const struct at_check check = made();
    FILE *file = tmpfile();
    assert_non_null(file);
    fflush(stdout);
    int kept = dup(STDOUT_FILENO);
    assert_true(kept >= 0 && dup2(fileno(file), STDOUT_FILENO) >= 0);
    at_checked_print(&(struct at_shown_check){&check, &question});
    fflush(stdout);
    dup2(kept, STDOUT_FILENO);
    close(kept);
    rewind(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    assert_non_null(strstr(text, "bug in head 2 of batch 0, row 4, ratio up to ∞: one row wrong (row 4 alone: unknown)"));
    assert_non_null(strstr(text, "below a ratio of 1.50 in each row and – in each head"));
    assert_true(strstr(text, "\nexpected: a-priori model\n") && strstr(text, "(the model's spread in "));
    assert_non_null(strstr(text, at_rules[1]->name));
    assert_null(strstr(text, at_rules[0]->name));
    assert_non_null(strstr(text, "bug: in 1 of 1 heads, 1 of 3 rows."));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(exit_codes), cmocka_unit_test(json_has_no_number_where_there_is_none),
                                       cmocka_unit_test(a_bug_is_told_with_head_row_and_rules)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
