/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_columns_by_name(void **state)
{
    (void)state;
    char a[] = "a", b[] = "b", again[] = "b";
    char *names[] = {a, b, again};
    const struct at_table table = {.columns = 3, .names = names};
    assert_int_equal(at_table_column(&table, "a"), 0);
    assert_int_equal(at_table_column(&table, "b"), 1);
    assert_int_equal(at_table_column(&table, "c"), -1);
    assert_int_equal(at_table_column(&(struct at_table){0}, "a"), -1);
}

static void test_done_is_empty_and_may_be_repeated(void **state)
{
    (void)state;
    struct at_table table = {.columns = 1, .rows = 2};
    table.names = calloc(1, sizeof *table.names);
    table.cells = calloc(2, sizeof *table.cells);
    assert_non_null(table.names);
    assert_non_null(table.cells);
    table.names[0] = strdup("a");
    table.cells[1] = (struct at_cell){.kind = AT_CELL_TEXT, .text = strdup("x")};
    at_table_done(&table);
    assert_null(table.names);
    assert_null(table.cells);
    assert_int_equal(table.rows + table.columns, 0);
    at_table_done(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_columns_by_name),
        cmocka_unit_test(test_done_is_empty_and_may_be_repeated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
