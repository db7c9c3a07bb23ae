/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static void make(const char *path, int runs)
{
    struct at_store *store = open_or_fail(path, AT_STORE_WRITE);
    struct at_run_key key = put_context(store);
    int64_t id;
    for (key.rows_seed = 0; key.rows_seed < (uint64_t)runs; key.rows_seed++)
        assert_int_equal(put_sample(store, &key, 50, &id, NULL), AT_OK);
    at_store_close(store);
}

static int64_t runs_in(const char *path)
{
    struct at_store *store = open_or_fail(path, AT_STORE_READ);
    int64_t runs = select_integer(store, "SELECT count(*) FROM run");
    at_store_close(store);
    return runs;
}

static void test_new_file_is_marked(void **state)
{
    const struct folder *folder = *state;
    struct at_store *store = open_or_fail(folder->db, AT_STORE_WRITE);
    int64_t value;
    assert_int_equal(at_store_integer(store, "PRAGMA application_id", &value, NULL), AT_OK);
    assert_int_equal(value, AT_STORE_APPLICATION_ID);
    assert_int_equal(at_store_integer(store, "PRAGMA user_version", &value, NULL), AT_OK);
    assert_int_equal(value, at_store_schema_version);
    assert_int_equal(at_store_integer(store, "PRAGMA synchronous", &value, NULL), AT_OK);
    assert_int_equal(value, 2);
    assert_int_equal(at_store_integer(store, "PRAGMA foreign_keys", &value, NULL), AT_OK);
    assert_int_equal(value, 1);
    assert_true(file_exists(folder->db, "-wal"));
    assert_null(at_store_close(store));
    assert_null(at_store_close(NULL));
    assert_false(file_exists(folder->db, "-wal"));
    unsigned char header[72] = {0};
    FILE *file = fopen(folder->db, "rb");
    assert_non_null(file);
    assert_int_equal(fread(header, 1, sizeof header, file), sizeof header);
    fclose(file);
    assert_memory_equal(header + 68, "atst", 4);
}

static void test_empty_file_becomes_a_database(void **state)
{
    const struct folder *folder = *state;
    write_file(folder->db, "", 0);
    assert_refused(folder->db, AT_STORE_READ, AT_ERR_FORMAT, "no facts yet");
    make(folder->db, 1);
    assert_int_equal(runs_in(folder->db), 1);
}

/* What is left when a process is killed between creating the file and its first transaction. */
static void test_file_without_schema_becomes_a_database(void **state)
{
    const struct folder *folder = *state;
    assert_int_equal(raw_sql(folder->db, "PRAGMA journal_mode = WAL; VACUUM"), SQLITE_OK);
    assert_refused(folder->db, AT_STORE_READ, AT_ERR_FORMAT, "no facts yet");
    make(folder->db, 1);
    assert_int_equal(runs_in(folder->db), 1);
}

static void test_reading_changes_nothing(void **state)
{
    const struct folder *folder = *state;
    make(folder->db, 3);
    struct at_sha256 before = file_digest(folder->db), after;
    struct at_store *store = open_or_fail(folder->db, AT_STORE_READ);
    assert_int_equal(select_integer(store, "SELECT count(*) FROM run"), 3);
    struct at_error error;
    int64_t id = -5;
    assert_int_equal(at_store_put_variant(store, &(struct at_variant_fact){"new", "x"}, &id, &error), AT_ERR_IO);
    assert_non_null(strstr(error.message, "read-only"));
    assert_int_equal(id, -5);
    at_store_close(store);
    after = file_digest(folder->db);
    assert_string_equal(before.hex, after.hex);
    assert_false(file_exists(folder->db, "-wal"));
    assert_false(file_exists(folder->db, "-shm"));
}

static int body_read_only(const struct folder *folder)
{
    make(folder->db, 2);
    chmod(folder->db, 0444);
    if (runs_in(folder->db) != 2) /* a read-only file in a writable folder */
        return 1;
    char closed[128], path[160];
    snprintf(closed, sizeof closed, "%s/closed", folder->path);
    snprintf(path, sizeof path, "%s/attest.db", closed);
    if (mkdir(closed, 0755) != 0)
        return 2;
    make(path, 4);
    chmod(path, 0444);
    chmod(closed, 0555);
    int bad = runs_in(path) != 4 || file_exists(path, "-shm");
    chmod(path, 0644);
    bad |= runs_in(path) != 4; /* a writable file in a read-only folder */
    chmod(closed, 0755);
    return bad ? 3 : 0;
}

static void test_reading_where_nothing_can_be_written(void **state)
{
    assert_int_equal(in_child(body_read_only, *state), 0);
}

/* A log without its -shm in a closed folder: its facts are either read or the refusal says where they are; never skipped. */
static int body_log_left(const struct folder *folder)
{
    char closed[128], path[160], command[1024];
    snprintf(closed, sizeof closed, "%s/closed", folder->path);
    snprintf(path, sizeof path, "%s/attest.db", closed);
    make(folder->db, 1);
    struct at_store *store = open_or_fail(folder->db, AT_STORE_WRITE);
    struct at_run_key key = put_context(store);
    int64_t id;
    key.rows_seed = 1000;
    if (put_sample(store, &key, 5, &id, NULL) != AT_OK)
        return 1;
    snprintf(command, sizeof command, "mkdir %s && cp %s %s-wal %s/ && chmod 555 %s", closed, folder->db, folder->db, closed, closed);
    if (system(command) != 0)
        return 2;
    at_store_close(store);
    struct at_store *copy = NULL;
    struct at_error error = {""};
    enum at_status status = at_store_open(path, AT_STORE_READ, &copy, &error);
    int bad = status == AT_OK ? select_integer(copy, "SELECT count(*) FROM run") != 2
                              : status != AT_ERR_IO || !strstr(error.message, "newest facts");
    at_store_close(copy);
    chmod(closed, 0755);
    return bad ? 3 : runs_in(path) == 2 ? 0 : 4;
}

static void test_a_log_is_never_skipped(void **state)
{
    assert_int_equal(in_child(body_log_left, *state), 0);
}

static void test_one_writes_while_another_reads(void **state)
{
    enum { RUNS = 40 };
    const struct folder *folder = *state;
    make(folder->db, 1);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        make(folder->db, RUNS);
        _exit(0);
    }
    struct at_store *store = open_or_fail(folder->db, AT_STORE_READ);
    int64_t runs = 0;
    for (int tries = 0; runs < RUNS && tries < 20000; tries++) {
        int64_t now = select_integer(store, "SELECT count(*) FROM run");
        assert_true(now >= runs);
        runs = now;
        assert_int_equal(select_integer(store, "SELECT count(*) = 0 OR count(*) % 100 = 0 FROM measure"), 1);
        usleep(500);
    }
    at_store_close(store);
    assert_int_equal(wait_for(child), 0);
    assert_int_equal(runs_in(folder->db), RUNS);
}

static void test_many_create_the_same_database_at_once(void **state)
{
    enum { PROCESSES = 6 };
    const struct folder *folder = *state;
    pid_t children[PROCESSES];
    fflush(NULL);
    for (int i = 0; i < PROCESSES; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            make(folder->db, 2);
            _exit(0);
        }
    }
    for (int i = 0; i < PROCESSES; i++)
        assert_int_equal(wait_for(children[i]), 0);
    assert_int_equal(runs_in(folder->db), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_new_file_is_marked, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_empty_file_becomes_a_database, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_file_without_schema_becomes_a_database, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_reading_changes_nothing, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_reading_where_nothing_can_be_written, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_a_log_is_never_skipped, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_one_writes_while_another_reads, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_many_create_the_same_database_at_once, folder_setup, folder_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
