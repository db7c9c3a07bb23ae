/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct at_store *sample(const struct folder *folder, enum at_store_mode mode)
{
    struct at_store *store = open_or_fail(folder->db, AT_STORE_WRITE);
    struct at_run_key key = put_context(store);
    int64_t id;
    assert_int_equal(put_sample(store, &key, 50, &id, NULL), AT_OK);
    if (mode == AT_STORE_WRITE)
        return store;
    at_store_close(store);
    return open_or_fail(folder->db, mode);
}

static void test_kinds(void **state)
{
    struct at_store *store = sample(*state, AT_STORE_READ);
    struct at_table table;
    static const char sql[] = "SELECT NULL AS a, 7 AS b, 0.25 AS c, 'x' AS d, '' AS e, 9e999 AS f";
    assert_int_equal(at_store_query(store, sql, NULL, 0, &table, NULL), AT_OK);
    assert_int_equal(table.rows, 1);
    assert_int_equal(table.columns, 6);
    assert_string_equal(table.names[1], "b");
    assert_int_equal(table.cells[0].kind, AT_CELL_NULL);
    assert_int_equal(table.cells[1].kind, AT_CELL_INTEGER);
    assert_true(table.cells[1].integer == 7 && table.cells[1].real == 7);
    assert_int_equal(table.cells[2].kind, AT_CELL_REAL);
    assert_true(table.cells[2].real == 0.25);
    assert_string_equal(table.cells[3].text, "x");
    assert_string_equal(table.cells[4].text, "");
    assert_int_equal(table.cells[5].kind, AT_CELL_REAL);
    at_table_done(&table);
    assert_int_equal(at_store_query(store, "SELECT name, id FROM study WHERE 0", NULL, 0, &table, NULL), AT_OK);
    assert_int_equal(table.rows, 0);
    assert_int_equal(table.columns, 2);
    at_table_done(&table);
    at_store_close(store);
}

static void test_many_rows_in_order(void **state)
{
    struct at_store *store = sample(*state, AT_STORE_READ);
    struct at_table table;
    static const char sql[] = "SELECT id, metric FROM measure ORDER BY id; -- a comment may follow\n ;";
    assert_int_equal(at_store_query(store, sql, NULL, 0, &table, NULL), AT_OK);
    assert_int_equal(table.rows, 100);
    for (size_t i = 0; i < table.rows; i++) {
        assert_int_equal(table.cells[2 * i].integer, (int64_t)i + 1);
        assert_string_equal(table.cells[2 * i + 1].text, "rel_rmse");
    }
    at_table_done(&table);
    at_store_close(store);
}

static void test_parameters(void **state)
{
    struct at_store *store = sample(*state, AT_STORE_READ);
    struct at_table table = {.rows = 99};
    struct at_error error = {""};
    const struct at_bind binds[] = {
        {":row", {.kind = AT_CELL_INTEGER, .integer = 5}},
        {":name", {.kind = AT_CELL_TEXT, .text = "rel_rmse"}},
        {":limit", {.kind = AT_CELL_REAL, .real = 0.5}},
    };
    static const char sql[] = "SELECT value FROM measure WHERE row = :row AND metric = :name AND value < :limit";
    assert_int_equal(at_store_query(store, sql, binds, 3, &table, &error), AT_OK);
    assert_int_equal(table.rows, 1);
    assert_true(table.cells[0].real == 1.0 / 6);
    at_table_done(&table);
    table.rows = 99;
    assert_int_equal(at_store_query(store, sql, binds, 2, &table, &error), AT_ERR_ARGUMENT);
    assert_non_null(strstr(error.message, ":limit has no value"));
    assert_int_equal(at_store_query(store, "SELECT :row", binds, 2, &table, &error), AT_ERR_ARGUMENT);
    assert_non_null(strstr(error.message, "no parameter :name"));
    assert_int_equal(at_store_query(store, "SELECT ?", NULL, 0, &table, &error), AT_ERR_ARGUMENT);
    assert_int_equal(table.rows, 99);
    at_store_close(store);
}

static void test_only_one_select(void **state)
{
    struct at_store *store = sample(*state, AT_STORE_WRITE);
    const char *const refused[] = {
        "", "-- nothing", "INSERT INTO study (sha256, name, text) VALUES ('x', 'y', 'z')", "DELETE FROM measure", "UPDATE run SET rows = 0",
        "INSERT INTO study (sha256, name, text) VALUES ('x', 'y', 'z') RETURNING id", "DROP VIEW result", "CREATE TEMP TABLE t (a)",
        "PRAGMA user_version = 3", "PRAGMA journal_mode = DELETE", "PRAGMA query_only = 0", "PRAGMA busy_timeout = 1",
        "PRAGMA locking_mode = EXCLUSIVE", "PRAGMA wal_checkpoint", "BEGIN", "COMMIT", "SAVEPOINT s", "EXPLAIN DELETE FROM measure; x",
        "VACUUM", "ATTACH 'other.db' AS other", "SELECT 1; SELECT 2", "SELECT 1; DELETE FROM measure", "SELECT 1; ; nonsense", "SELEC 1",
        "SELECT none FROM study", "SELECT load_extension('x')",
    };
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct at_table table = {.rows = 99};
        struct at_error error = {""};
        if (at_store_query(store, refused[i], NULL, 0, &table, &error) != AT_ERR_ARGUMENT || !strstr(error.message, "query"))
            fail_msg("not refused: %s (%s)", refused[i], error.message);
        assert_int_equal(table.rows, 99);
        assert_int_equal(sqlite3_get_autocommit(store->db), 1);
    }
    assert_int_equal(select_integer(store, "SELECT count(*) FROM measure"), 100);
    assert_int_equal(select_integer(store, "SELECT count(*) FROM study"), 1);
    static const char recursive[] = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9) SELECT sum(i) FROM n";
    assert_int_equal(select_integer(store, recursive), 45);
    assert_int_equal(select_integer(store, "SELECT sum(c.value) FROM histogram, json_each(histogram.counts) AS c"), 2 * (4 + 9));
    int64_t id; /* a query leaves writing as it was */
    assert_int_equal(at_store_put_variant(store, &(struct at_variant_fact){"new", "x"}, &id, NULL), AT_OK);
    at_store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_kinds, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_many_rows_in_order, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_parameters, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_only_one_select, folder_setup, folder_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
