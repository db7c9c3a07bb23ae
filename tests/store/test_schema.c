/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct at_store *filled(const struct folder *folder)
{
    struct at_store *store = open_or_fail(folder->db, AT_STORE_WRITE);
    struct at_run_key key = put_context(store);
    int64_t id;
    const struct at_probe_fact probe = sample_probe(&key);
    assert_int_equal(put_sample(store, &key, 2, &id, NULL), AT_OK);
    assert_int_equal(at_store_put_probe(store, &probe, &id, NULL), AT_OK);
    const struct at_difference_fact difference = sample_difference(&key);
    assert_int_equal(at_store_put_difference(store, &difference, &id, NULL), AT_OK);
    assert_int_equal(put_sample_bench(store, &key, 2, &id, NULL), AT_OK);
    assert_int_equal(put_sample_ladder(store, &key, &id, NULL), AT_OK);
    assert_int_equal(put_sample_reading(store, &key, &id, NULL), AT_OK);
    assert_int_equal(put_sample_budget(store, &key, &id, NULL), AT_OK);
    assert_int_equal(at_store_put_plan(store, &(struct at_study_fact){"5a", "first", "inputs: all"}, true, NULL, 0, &id, NULL), AT_OK);
    return store;
}

/* The list of guarded tables is the list of tables. */
static void test_every_table_is_guarded(void **state)
{
    struct at_store *store = filled(*state);
    assert_int_equal(select_integer(store, "SELECT count(*) FROM sqlite_master WHERE type = 'table'"), at_store_schema.table_count);
    assert_int_equal(select_integer(store, "SELECT count(*) FROM sqlite_master WHERE type = 'trigger'"), 3 * at_store_schema.table_count);
    at_store_close(store);
}

/* Neither through the store nor through another program, which knows nothing of it. */
static void test_facts_never_change(void **state)
{
    const struct folder *folder = *state;
    at_store_close(filled(folder));
    for (size_t i = 0; i < at_store_schema.table_count; i++) {
        const char *table = at_store_schema.tables[i].name;
        const char *const formats[] = {
            "UPDATE %s SET id = id + 1000",
            "DELETE FROM %s",
            "INSERT OR REPLACE INTO %s SELECT * FROM %s LIMIT 1",
            "REPLACE INTO %s SELECT * FROM %s",
            "UPDATE OR REPLACE %s SET id = 1",
        };
        for (size_t j = 0; j < sizeof formats / sizeof formats[0]; j++) {
            char sql[256];
            snprintf(sql, sizeof sql, formats[j], table, table);
            if ((raw_sql(folder->db, sql) & 0xff) != SQLITE_CONSTRAINT)
                fail_msg("not refused: %s", sql);
        }
    }
}

/* The key in schema.c says the same as the UNIQUE constraint: a row with another id and an equal key is refused by the trigger, not only
 * by the constraint, which OR REPLACE would turn into a deletion. */
static void test_keys_agree_with_the_constraints(void **state)
{
    const struct folder *folder = *state;
    struct at_store *store = filled(folder);
    for (size_t i = 0; i < at_store_schema.table_count; i++) {
        const char *table = at_store_schema.tables[i].name;
        char sql[2048], columns[512];
        snprintf(sql, sizeof sql, "SELECT group_concat(name, ', ') FROM pragma_table_info('%s') WHERE name <> 'id'", table);
        sqlite3_stmt *statement = NULL;
        assert_int_equal(sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL), SQLITE_OK);
        assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
        snprintf(columns, sizeof columns, "%s", (const char *)sqlite3_column_text(statement, 0));
        sqlite3_finalize(statement);
        snprintf(sql, sizeof sql, "INSERT OR REPLACE INTO %s (%s) SELECT %s FROM %s LIMIT 1", table, columns, columns, table);
        struct at_error error = {""};
        assert_int_equal(at_store_exec(store, sql, &error), AT_ERR_ARGUMENT);
        snprintf(sql, sizeof sql, "facts are stored once: %s", table);
        if (!strstr(error.message, sql))
            fail_msg("%s: %s", table, error.message);
    }
    at_store_close(store);
}

static void test_guard_that_does_not_fit(void **state)
{
    (void)state;
    char small[64], large[4096];
    assert_false(at_store_guard_sql(&at_store_schema.tables[0], small, sizeof small));
    assert_true(at_store_guard_sql(&at_store_schema.tables[0], large, sizeof large));
    assert_int_equal(at_store_schema_version, at_store_schema.version);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_every_table_is_guarded, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_facts_never_change, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_keys_agree_with_the_constraints, folder_setup, folder_teardown),
        cmocka_unit_test(test_guard_that_does_not_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
