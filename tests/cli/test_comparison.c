/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "cli/comparison.h"

#include <math.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const char *text(const json_t *row, const char *key)
{
    return json_string_value(json_object_get(row, key));
}

/* What is said follows the adjusted p value, not the plain one, and the side with the smaller errors. */
static void what_is_shown_follows_holm(void **state)
{
    (void)state;
    struct at_pool pools[] = {{.title = "case", .variant = "a"},
                              {.title = "case", .variant = "b"},
                              {.title = "case", .variant = "c"},
                              {.title = "case", .variant = "d"}};
    struct at_comparison rows[] = {
        {.pool = 0,
         .heads = 40,
         .ratio = {0.5, {0.4, 0.6}},
         .test = {.a_smaller = 0.001, .b_smaller = 0.999},
         .p = 0.002,
         .adjusted = 0.008},
        {.pool = 1, .heads = 40, .ratio = {2, {1.5, 3}}, .test = {.a_smaller = 0.99, .b_smaller = 0.01}, .p = 0.01, .adjusted = 0.03},
        {.pool = 2, .heads = 40, .ratio = {1.1, {1, 1.2}}, .test = {.a_smaller = 0.98, .b_smaller = 0.02}, .p = 0.04, .adjusted = 0.08},
        {.pool = 3, .heads = 3, .ratio = {NAN, {NAN, NAN}}, .why = "none", .p = NAN, .adjusted = NAN}};
    const struct at_comparisons c = {.pools = {.rows = pools, .count = 4}, .rows = rows, .count = 4};
    static const char *const expected[] = {"smaller error", "larger error", "no difference", NULL};
    json_t *json = at_comparisons_json(&c, "base");
    assert_int_equal(json_array_size(json), 4);
    for (size_t i = 0; i < 4; i++) {
        const json_t *row = json_array_get(json, i);
        assert_string_equal(text(row, "baseline"), "base");
        assert_string_equal(text(row, "variant"), pools[i].variant);
        if (expected[i])
            assert_string_equal(text(row, "shown"), expected[i]);
        else
            assert_true(json_is_null(json_object_get(row, "shown")) && json_is_null(json_object_get(row, "p_holm")));
        assert_int_equal(json_is_null(json_object_get(row, "ratio_interval")), i == 3);
    }
    assert_string_equal(text(json_array_get(json, 3), "ratio_why"), "none");
    json_decref(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_shown_follows_holm)};
    return cmocka_run_group_tests_name("comparison", tests, NULL, NULL);
}
