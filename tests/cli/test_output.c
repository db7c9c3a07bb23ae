/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "cli/output.h"

#include <math.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void numbers_keep_all_digits_and_infinities_are_words(void **state)
{
    (void)state;
    json_t *n = at_number_json(NAN), *p = at_number_json(INFINITY), *m = at_number_json(-INFINITY), *v = at_number_json(0.1);
    assert_true(json_is_null(n));
    assert_string_equal(json_string_value(p), "inf");
    assert_string_equal(json_string_value(m), "-inf");
    assert_true(json_real_value(v) == 0.1);
    json_decref(n);
    json_decref(p);
    json_decref(m);
    json_decref(v);
}

static void text_that_json_cannot_carry_loses_only_its_odd_bytes(void **state)
{
    (void)state;
    json_t *good = at_text_json("\u03a3"), *odd = at_text_json("a\xff"
                                                               "b");
    assert_string_equal(json_string_value(good), "\u03a3");
    assert_string_equal(json_string_value(odd), "a?b");
    json_decref(good);
    json_decref(odd);
}

static void tables_become_objects(void **state)
{
    (void)state;
    char a[] = "a", b[] = "b", *names[] = {a, b};
    struct at_cell cells[] = {{.kind = AT_CELL_INTEGER, .integer = INT64_MAX},
                              {.kind = AT_CELL_NULL},
                              {.kind = AT_CELL_TEXT, .text = "x"},
                              {.kind = AT_CELL_REAL, .real = INFINITY}};
    const struct at_table table = {.columns = 2, .rows = 2, .names = names, .cells = cells};
    json_t *rows = at_table_json(&table);
    assert_int_equal(json_array_size(rows), 2);
    assert_true(json_integer_value(json_object_get(json_array_get(rows, 0), "a")) == INT64_MAX);
    assert_true(json_is_null(json_object_get(json_array_get(rows, 0), "b")));
    assert_string_equal(json_string_value(json_object_get(json_array_get(rows, 1), "a")), "x");
    assert_string_equal(json_string_value(json_object_get(json_array_get(rows, 1), "b")), "inf");
    json_decref(rows);
}

static void text_for_a_terminal_holds_no_commands(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"plain \u03a3 \u20ac \U0001f600", "plain \u03a3 \u20ac \U0001f600"}, /* 2, 3 and 4 bytes stay */
        {"\x1b[31m\n\t\x01\x1f\x7f", " [31m     "},
        {"\xc2\x80\xc2\x9b\xc2\x9f\xc2\xa0", "??????\xc2\xa0"},
        {"\x9b" "x\xff", "?x?"},
        {"\xce", "?"},
        {"\xe2\x82", "??"},
        {"\xce\x1b", "? "},
        {"\xc0\x9b", "??"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[64];
        strcpy(text, cases[i][0]);
        at_clean(text);
        assert_string_equal(text, cases[i][1]);
    }
}

static void what_has_no_number_or_is_a_count_says_so(void **state)
{
    (void)state;
    char names[][16] = {"source", "seed", "causal", "scale", "metric", "value"}, *pointers[6];
    for (int i = 0; i < 6; i++)
        pointers[i] = names[i];
    struct at_cell cells[] = {{.kind = AT_CELL_TEXT, .text = "capture"},
                              {.kind = AT_CELL_INTEGER},
                              {.kind = AT_CELL_INTEGER, .integer = 1, .real = 1},
                              {.kind = AT_CELL_REAL, .real = 0},
                              {.kind = AT_CELL_TEXT, .text = "nonfinite"},
                              {.kind = AT_CELL_REAL, .real = 3},
                              {.kind = AT_CELL_TEXT, .text = "distribution"},
                              {.kind = AT_CELL_INTEGER},
                              {.kind = AT_CELL_INTEGER},
                              {.kind = AT_CELL_REAL, .real = 0.25},
                              {.kind = AT_CELL_TEXT, .text = "rmse"},
                              {.kind = AT_CELL_REAL, .real = 3}};
    const struct at_table table = {.columns = 6, .rows = 2, .names = pointers, .cells = cells};
    json_t *rows = at_table_json(&table);
    const json_t *capture = json_array_get(rows, 0), *generated = json_array_get(rows, 1);
    assert_true(json_is_null(json_object_get(capture, "seed")) && json_is_integer(json_object_get(generated, "seed")));
    assert_true(json_is_true(json_object_get(capture, "causal")) && json_is_false(json_object_get(generated, "causal")));
    assert_true(json_is_null(json_object_get(capture, "scale")) && json_real_value(json_object_get(generated, "scale")) == 0.25);
    assert_true(json_is_integer(json_object_get(capture, "value")) && json_is_real(json_object_get(generated, "value")));
    json_decref(rows);
    json_t *whole = at_count_json(7), *none = at_count_json(NAN), *endless = at_count_json(INFINITY);
    assert_true(json_integer_value(whole) == 7 && json_is_null(none) && json_is_string(endless));
    json_decref(whole);
    json_decref(none);
    json_decref(endless);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_for_a_terminal_holds_no_commands),
        cmocka_unit_test(what_has_no_number_or_is_a_count_says_so),
        cmocka_unit_test(numbers_keep_all_digits_and_infinities_are_words),
        cmocka_unit_test(text_that_json_cannot_carry_loses_only_its_odd_bytes),
        cmocka_unit_test(tables_become_objects),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
