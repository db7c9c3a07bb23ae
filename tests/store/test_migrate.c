/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* Another schema with three versions: the second adds a column with a value for old facts, the third rebuilds a table. */
static const char *const steps[] = {
    "CREATE TABLE kind (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);"
    "CREATE TABLE thing (id INTEGER PRIMARY KEY, kind INTEGER NOT NULL REFERENCES kind, name TEXT NOT NULL UNIQUE)",
    "ALTER TABLE thing ADD COLUMN weight REAL; UPDATE thing SET weight = 2.5",
    "CREATE TABLE kind_new (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, note TEXT NOT NULL);"
    "INSERT INTO kind_new SELECT id, name, '' FROM kind; DROP TABLE kind; ALTER TABLE kind_new RENAME TO kind",
};
static const char *const broken[] = {"", "", "UPDATE thing SET weight = 7; CREATE TABLE thing (id)"};
static const char *const orphaning[] = {"", "", "DELETE FROM kind"};

static const struct at_store_fact_table tables[] = {{"kind", "name = NEW.name"}, {"thing", "name = NEW.name"}};

static const struct at_store_schema schemas[] = {
    {1, steps, tables, 2, "CREATE VIEW shown AS SELECT name FROM thing"},
    {2, steps, tables, 2, "CREATE VIEW shown AS SELECT name, weight FROM thing; CREATE VIEW second AS SELECT 1"},
    {3, steps, tables, 2, "CREATE VIEW shown AS SELECT thing.name, note FROM thing JOIN kind ON kind.id = thing.kind"},
    {3, broken, tables, 2, "CREATE VIEW shown AS SELECT name FROM thing"},
    {3, orphaning, tables, 2, "CREATE VIEW shown AS SELECT name FROM thing"},
};
enum { BROKEN = 3, ORPHANING = 4 };

static enum at_status open_as(const char *path, enum at_store_mode mode, int schema, struct at_store **ret_store, struct at_error *error)
{
    struct at_store_options options = at_store_options_default;
    options.schema = &schemas[schema];
    return at_store_open_with(path, mode, &options, ret_store, error);
}

static struct at_store *must_open_as(const char *path, enum at_store_mode mode, int schema)
{
    struct at_store *store = NULL;
    struct at_error error = {""};
    if (open_as(path, mode, schema, &store, &error) != AT_OK)
        fail_msg("%s", error.message);
    return store;
}

static void make_old(const char *path, int schema)
{
    struct at_store *store = must_open_as(path, AT_STORE_WRITE, schema);
    assert_int_equal(at_store_exec(store,
                                   "INSERT INTO kind (id, name) VALUES (1, 'k');"
                                   "INSERT INTO thing (kind, name) VALUES (1, 'a'), (1, 'b')",
                                   NULL),
                     AT_OK);
    at_store_close(store);
}

static void test_each_version_to_each_newer(void **state)
{
    const struct folder *folder = *state;
    for (int from = 0; from < 2; from++)
        for (int to = from; to < 3; to++) {
            unlink(folder->db);
            make_old(folder->db, from);
            struct at_store *store = must_open_as(folder->db, AT_STORE_WRITE, to);
            assert_int_equal(select_integer(store, "SELECT count(*) FROM thing"), 2);
            assert_int_equal(select_integer(store, "SELECT count(*) FROM shown"), 2);
            int64_t version, keys;
            assert_int_equal(at_store_integer(store, "PRAGMA user_version", &version, NULL), AT_OK);
            assert_int_equal(at_store_integer(store, "PRAGMA foreign_keys", &keys, NULL), AT_OK);
            assert_int_equal(version, to + 1);
            assert_int_equal(keys, 1);
            if (from == 0 && to > 0)
                assert_int_equal(select_integer(store, "SELECT count(*) FROM thing WHERE weight = 2.5"), 2);
            assert_int_equal(select_integer(store, "SELECT count(*) FROM sqlite_master WHERE name = 'second'"), to == 1);
            assert_int_equal(at_store_exec(store, "UPDATE thing SET name = 'c'", NULL), AT_ERR_ARGUMENT); /* guarded again */
            at_store_close(store);
            struct at_error error;
            if (to > from)
                assert_int_equal(open_as(folder->db, AT_STORE_WRITE, from, &store, &error), AT_ERR_VERSION);
        }
}

/* A step that fails in its middle, or leaves facts that point nowhere, changes nothing. */
static void test_failed_migration_changes_nothing(void **state)
{
    const struct folder *folder = *state;
    make_old(folder->db, 1);
    struct at_store *store = NULL;
    struct at_error error = {""};
    assert_int_equal(open_as(folder->db, AT_STORE_WRITE, BROKEN, &store, &error), AT_ERR_ARGUMENT);
    assert_non_null(strstr(error.message, "already exists"));
    assert_int_equal(open_as(folder->db, AT_STORE_WRITE, ORPHANING, &store, &error), AT_ERR_FORMAT);
    assert_non_null(strstr(error.message, "2 facts point"));
    assert_null(store);
    store = must_open_as(folder->db, AT_STORE_WRITE, 1);
    assert_int_equal(select_integer(store, "SELECT count(*) FROM thing WHERE weight IS NULL"), 2);
    assert_int_equal(select_integer(store, "SELECT count(*) FROM second"), 1);
    assert_int_equal(at_store_exec(store, "DELETE FROM thing", NULL), AT_ERR_ARGUMENT);
    at_store_close(store);
}

static void test_reading_an_older_schema_leaves_it(void **state)
{
    const struct folder *folder = *state;
    make_old(folder->db, 0);
    struct at_sha256 before = file_digest(folder->db), after;
    struct at_store *store = must_open_as(folder->db, AT_STORE_READ, 2);
    assert_int_equal(select_integer(store, "SELECT count(*) FROM thing WHERE weight = 2.5"), 2);
    assert_int_equal(select_integer(store, "SELECT count(*) FROM shown WHERE note = ''"), 2);
    assert_int_equal(at_store_exec(store, "INSERT INTO kind (name, note) VALUES ('x', '')", NULL), AT_ERR_IO);
    at_store_close(store);
    after = file_digest(folder->db);
    assert_string_equal(before.hex, after.hex);
    store = must_open_as(folder->db, AT_STORE_READ, 0);
    at_store_close(store);
}

/* Many processes migrate at once: one does it, the others find it done. */
static void test_migrated_once(void **state)
{
    enum { PROCESSES = 5 };
    const struct folder *folder = *state;
    make_old(folder->db, 0);
    pid_t children[PROCESSES];
    fflush(NULL);
    for (int i = 0; i < PROCESSES; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            at_store_close(must_open_as(folder->db, AT_STORE_WRITE, 2));
            _exit(0);
        }
    }
    for (int i = 0; i < PROCESSES; i++)
        assert_int_equal(wait_for(children[i]), 0);
    struct at_store *store = must_open_as(folder->db, AT_STORE_READ, 2);
    assert_int_equal(select_integer(store, "SELECT count(*) FROM shown"), 2);
    at_store_close(store);
}

static const char *const real_steps[] = {at_store_sql_schema,   at_store_sql_schema_2, at_store_sql_schema_3, at_store_sql_schema_4,
                                         at_store_sql_schema_5, at_store_sql_schema_6, at_store_sql_schema_7};

/* Of the tables, those that the steps up to a version make: each step adds to the end of the list. */
static size_t tables_of(int version)
{
    size_t count = 0;
    for (bool found = true; found && count < at_store_schema.table_count; count += found) {
        char made[64];
        found = false;
        snprintf(made, sizeof made, "CREATE TABLE %s (", at_store_schema.tables[count].name);
        for (int i = 0; i < version; i++)
            found = found || strstr(real_steps[i], made) != NULL;
    }
    return count;
}

/* Options under which the store is that of an attest of then; `ret_schema` outlives them. */
static struct at_store_options options_of(int version, struct at_store_schema *ret_schema)
{
    struct at_store_options options = at_store_options_default;
    *ret_schema = at_store_schema;
    ret_schema->version = version;
    ret_schema->steps = real_steps;
    ret_schema->table_count = tables_of(version);
    options.schema = ret_schema;
    return options;
}

/* Puts what came with the versions above `from`, up to `to`. */
static void put_news(struct at_store *store, const struct at_run_key *key, int from, int to)
{
    int64_t id;
    const struct at_probe_fact probe = sample_probe(key);
    const struct at_difference_fact difference = sample_difference(key);
    if (from < 2 && to >= 2)
        assert_int_equal(at_store_put_probe(store, &probe, &id, NULL), AT_OK);
    if (from < 3 && to >= 3)
        assert_int_equal(at_store_put_difference(store, &difference, &id, NULL), AT_OK);
    if (from < 5 && to >= 5)
        assert_int_equal(put_sample_ladder(store, key, &id, NULL), AT_OK);
    if (from < 6 && to >= 6)
        assert_int_equal(put_sample_reading(store, key, &id, NULL), AT_OK);
    if (from < 7 && to >= 7)
        assert_int_equal(put_sample_budget(store, key, &id, NULL), AT_OK);
    if (from < 4 && to >= 4)
        assert_int_equal(put_sample_bench(store, key, 1, &id, NULL), AT_OK);
}

static void assert_facts(struct at_store *store, int news)
{
    assert_int_equal(select_integer(store, "SELECT count(*) FROM run WHERE kernel IS NULL AND gpu IS NULL"), 1 + (news >= 5) + (news >= 6));
    assert_int_equal(select_integer(store, "SELECT count(*) FROM measure"), 4);
    assert_int_equal(select_integer(store, "SELECT count(*) FROM ladder"), news >= 5);
    assert_int_equal(select_integer(store, "SELECT count(*) FROM token_change"), 2 * (news >= 6));
    assert_int_equal(select_integer(store, "SELECT count(*) FROM probe"), news >= 2);
    assert_int_equal(select_integer(store, "SELECT count(*) FROM difference"), news >= 3);
    assert_int_equal(select_integer(store, "SELECT count(*) FROM bench"), news >= 4);
    assert_int_equal(select_integer(store, "SELECT count(*) FROM speed"), news >= 4);
    assert_int_equal(select_integer(store, "SELECT count(*) FROM share"), 2 * (news >= 7));
    assert_int_equal(select_integer(store, "SELECT count(*) FROM advice"), news >= 7);
}

/* From what an attest of version `from` wrote to version `to`, where all facts stay and the new ones can be put. */
static void bring_up(const char *path, int from, int to)
{
    struct at_store_schema of_then, of_later;
    const struct at_store_options then = options_of(from, &of_then), later = options_of(to, &of_later);
    struct at_store *store = NULL;
    struct at_error error = {""};
    int64_t version, id;
    if (at_store_open_with(path, AT_STORE_WRITE, &then, &store, &error))
        fail_msg("%s", error.message);
    struct at_run_key key = put_context(store);
    assert_int_equal(put_sample(store, &key, 2, &id, NULL), AT_OK);
    put_news(store, &key, 1, from);
    assert_int_equal(select_integer(store, "SELECT count(*) FROM sqlite_master WHERE type = 'table'"), of_then.table_count);
    at_store_close(store);

    struct at_sha256 before = file_digest(path), after;
    store = open_or_fail(path, AT_STORE_READ); /* shown as if it had been brought up, and left as it is */
    assert_facts(store, from);
    at_store_close(store);
    after = file_digest(path);
    assert_string_equal(before.hex, after.hex);

    if (at_store_open_with(path, AT_STORE_WRITE, &later, &store, &error))
        fail_msg("%s", error.message);
    assert_int_equal(at_store_integer(store, "PRAGMA user_version", &version, NULL), AT_OK);
    assert_int_equal(version, to);
    put_news(store, &key, from, to);
    at_store_close(store);
    char words[96];
    snprintf(words, sizeof words, "written by a newer attest (schema version %d, this one knows %d)", to, from);
    assert_int_equal(at_store_open_with(path, AT_STORE_WRITE, &then, &store, &error), AT_ERR_VERSION); /* by an attest of then */
    assert_non_null(strstr(error.message, words));
}

/* Of attest's own schema each version comes to each newer one, and from there to this one; it is guarded as a new one is. */
static void test_a_database_of_each_version_is_brought_up(void **state)
{
    const struct folder *folder = *state;
    assert_int_equal(sizeof real_steps / sizeof real_steps[0], at_store_schema_version);
    assert_int_equal(tables_of(at_store_schema_version), at_store_schema.table_count);
    for (int from = 1; from < at_store_schema_version; from++)
        for (int to = from + 1; to <= at_store_schema_version; to++) {
            char path[600];
            snprintf(path, sizeof path, "%s-%d-%d", folder->db, from, to);
            assert_true(tables_of(from) < tables_of(to));
            bring_up(path, from, to);
            struct at_store *store = open_or_fail(path, AT_STORE_WRITE);
            assert_facts(store, to);
            assert_int_equal(select_integer(store, "SELECT count(*) FROM sqlite_master WHERE type = 'trigger'"),
                             3 * at_store_schema.table_count);
            assert_int_equal(at_store_exec(store, "DELETE FROM run", NULL), AT_ERR_ARGUMENT);
            at_store_close(store);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_each_version_to_each_newer, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_failed_migration_changes_nothing, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_reading_an_older_schema_leaves_it, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_migrated_once, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_a_database_of_each_version_is_brought_up, folder_setup, folder_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
