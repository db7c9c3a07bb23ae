/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "cli/statements.h"

#include "tests/reports/fixture.h"
#include "tests/reports/sampled.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct at_statement_question usual = {.confidence = 0.95};

static json_t *load(const struct at_filter *filter)
{
    struct at_store *store = sampled_store(fixture_path("t.db"));
    struct at_statements s;
    struct at_error error = {""};
    if (at_statements_load(store, filter, &usual, &s, &error))
        fail_msg("%s", error.message);
    at_statements_print(&s, &usual); /* must not stumble over what has no value */
    json_t *rows = at_statements_json(&s, &usual);
    assert_int_equal(json_array_size(rows), s.pools.count);
    at_statements_done(&s);
    at_store_close(store);
    fixture_done();
    return rows;
}

static const json_t *get(const json_t *row, const char *key)
{
    const json_t *value = json_object_get(row, key);
    if (!value)
        fail_msg("no element '%s'", key);
    return value;
}

static const json_t *row_of(const json_t *rows, const char *title, const char *variant)
{
    for (size_t i = 0; i < json_array_size(rows); i++)
        if (strcmp(json_string_value(get(json_array_get(rows, i), "case")), title) == 0 &&
            strcmp(json_string_value(get(json_array_get(rows, i), "variant")), variant) == 0)
            return json_array_get(rows, i);
    fail_msg("no row of %s on %s", variant, title);
    return NULL;
}

static void every_element_is_there(void **state)
{
    (void)state;
    static const char *const texts[] = {"bound_text", "median_text", "mean_text", "tail_text"};
    static const char *const none[] = {"bound",       "bound_side", "bound_rank",    "bound_attained",      "median_interval",
                                       "tail_one_in", "tail_level", "tail_interval", "tail_shape_interval", "tail_p"};
    json_t *rows = load(&(struct at_filter){0});
    const json_t *good = row_of(rows, "many", "good"), *tail = row_of(rows, "many", "tail"), *broken = row_of(rows, "many", "broken");
    const json_t *few = row_of(rows, "few", "good"), *captured = row_of(rows, "captured", "good");
    assert_true(json_number_value(get(good, "bound_share")) == 0.95 && json_is_true(get(good, "sample")));
    assert_int_equal(json_integer_value(get(good, "bound_rank")), 2);
    assert_int_equal(json_integer_value(get(good, "bound_needs")), 59);
    assert_int_equal(json_integer_value(get(good, "key_heads")), SAMPLED_UNITS);
    assert_int_equal(json_integer_value(get(good, "seeds")), SAMPLED_SEEDS);
    assert_string_equal(json_string_value(get(good, "bound_side")), "at most");
    assert_int_equal(json_array_size(get(good, "median_interval")), 2);
    assert_int_equal(json_array_size(get(good, "mean_interval")), 2);
    assert_true(json_number_value(get(tail, "tail_one_in")) == 10 * SAMPLED_UNITS);
    assert_int_equal(json_array_size(get(tail, "tail_interval")), 2);
    assert_true(json_number_value(get(tail, "tail_p")) > 0.05);
    assert_string_equal(json_string_value(get(broken, "bound")), "inf");
    assert_int_equal(json_integer_value(get(broken, "unknown")), 1);
    assert_true(json_is_null(get(broken, "range")));
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        assert_true(json_is_null(get(few, none[i])));
        assert_true(json_is_null(get(captured, none[i])));
    }
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_memory_equal(json_string_value(get(few, texts[i])), "cannot say: ", 12);
    assert_int_equal(json_integer_value(get(few, "bound_needs")), 5);
    assert_true(json_is_null(get(few, "fact_text")) && json_is_null(get(captured, "bound_share")));
    assert_non_null(strstr(json_string_value(get(captured, "fact_text")), "no sample"));
    json_decref(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_element_is_there)};
    at_stats_init();
    return cmocka_run_group_tests_name("cli/statements", tests, NULL, NULL);
}
