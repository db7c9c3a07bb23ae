/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "cli/output.h"

#include <math.h>

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_keep_all_digits_and_infinities_are_words),
        cmocka_unit_test(text_that_json_cannot_carry_loses_only_its_odd_bytes),
        cmocka_unit_test(tables_become_objects),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
