/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "fixture.h"

#include "store/fact.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void test_cells(void **state)
{
    (void)state;
    assert_int_equal(at_store_text(NULL).kind, AT_CELL_NULL);
    assert_int_equal(at_store_text("").kind, AT_CELL_TEXT);
    assert_int_equal(at_store_real(NAN).kind, AT_CELL_NULL);
    assert_int_equal(at_store_real(-NAN).kind, AT_CELL_NULL);
    assert_int_equal(at_store_real(INFINITY).kind, AT_CELL_REAL);
    assert_int_equal(at_store_int(-1).kind, AT_CELL_INTEGER);
    assert_true((uint64_t)at_store_uint(UINT64_MAX).integer == UINT64_MAX);
}

static void test_find_insert_put(void **state)
{
    const struct folder *folder = *state;
    struct at_store *store = open_or_fail(folder->db, AT_STORE_WRITE);
    struct at_store_column columns[] = {
        {"sha256", true, at_store_text("aa")}, {"name", false, at_store_text("first")}, {"text", false, at_store_text("x")},
    };
    struct at_error error = {"untouched"};
    int64_t id = -5, again = -5;
    assert_int_equal(at_store_find_fact(store, "study", columns, 3, &id, &error), AT_ERR_NOT_FOUND);
    assert_int_equal(id, -5);
    assert_string_equal(error.message, "untouched");
    assert_int_equal(at_store_put_fact(store, "study", columns, 3, &id, &error), AT_OK);
    assert_true(id > 0);
    columns[1].value = at_store_text("second"); /* not of the key: the stored fact stays */
    assert_int_equal(at_store_put_fact(store, "study", columns, 3, &again, &error), AT_OK);
    assert_int_equal(again, id);
    assert_int_equal(select_integer(store, "SELECT count(*) FROM study WHERE name = 'first'"), 1);
    columns[0].value = at_store_text("ab");
    assert_int_equal(at_store_put_fact(store, "study", columns, 3, &again, &error), AT_OK);
    assert_int_not_equal(again, id);
    assert_int_equal(select_integer(store, "SELECT count(*) FROM study"), 2);
    at_store_close(store);
}

static void test_refused_facts_leave_no_transaction(void **state)
{
    const struct folder *folder = *state;
    struct at_store *store = open_or_fail(folder->db, AT_STORE_WRITE);
    const struct at_store_column columns[] = {
        {"sha256", true, at_store_text("aa")}, {"name", false, at_store_text(NULL)}, {"text", false, at_store_text("x")},
    };
    struct at_error error = {""};
    int64_t id = -5;
    assert_int_equal(at_store_put_fact(store, "study", columns, 3, &id, &error), AT_ERR_ARGUMENT);
    assert_non_null(strstr(error.message, "study.name"));
    assert_int_equal(id, -5);
    assert_int_equal(sqlite3_get_autocommit(store->db), 1);
    assert_int_equal(select_integer(store, "SELECT count(*) FROM study"), 0);
    at_store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cells),
        cmocka_unit_test_setup_teardown(test_find_insert_put, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_refused_facts_leave_no_transaction, folder_setup, folder_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
