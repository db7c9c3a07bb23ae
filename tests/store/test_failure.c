/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "fixture.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static void make(const char *path, int measures)
{
    struct at_store *store = open_or_fail(path, AT_STORE_WRITE);
    struct at_run_key key = put_context(store);
    int64_t id;
    assert_int_equal(put_sample(store, &key, measures, &id, NULL), AT_OK);
    at_store_close(store);
}

static void test_newer_version(void **state)
{
    const struct folder *folder = *state;
    make(folder->db, 1);
    assert_int_equal(raw_sql(folder->db, "PRAGMA user_version = 999"), SQLITE_OK);
    struct at_sha256 before = file_digest(folder->db), after;
    assert_refused(folder->db, AT_STORE_READ, AT_ERR_VERSION, "schema version 999");
    assert_refused(folder->db, AT_STORE_WRITE, AT_ERR_VERSION, "update attest");
    after = file_digest(folder->db);
    assert_string_equal(before.hex, after.hex);
}

static void refuse_unchanged(const char *path, const char *words)
{
    struct at_sha256 before = file_digest(path), after;
    assert_refused(path, AT_STORE_READ, AT_ERR_FORMAT, words);
    assert_refused(path, AT_STORE_WRITE, AT_ERR_FORMAT, words);
    after = file_digest(path);
    assert_string_equal(before.hex, after.hex);
}

static void test_damage(void **state)
{
    const struct folder *folder = *state;
    struct stat info;
    make(folder->db, 2000);
    assert_int_equal(stat(folder->db, &info), 0);
    assert_true(info.st_size > 20 * 4096);
    overwrite(folder->db, 0, 'x', 16);
    refuse_unchanged(folder->db, "not a SQLite database");

    unlink(folder->db);
    make(folder->db, 2000);
    overwrite(folder->db, 16, 0xff, 40); /* page size and the rest of the header */
    refuse_unchanged(folder->db, "database");

    unlink(folder->db);
    make(folder->db, 2000);
    overwrite(folder->db, info.st_size / 2 / 4096 * 4096, 0xff, 4096);
    refuse_unchanged(folder->db, "corrupt");

    unlink(folder->db);
    make(folder->db, 2000);
    assert_int_equal(truncate(folder->db, info.st_size - 4096), 0);
    refuse_unchanged(folder->db, "corrupt");
    assert_int_equal(truncate(folder->db, 5 * 4096 + 100), 0);
    refuse_unchanged(folder->db, "corrupt");
    assert_int_equal(truncate(folder->db, 300), 0);
    refuse_unchanged(folder->db, "truncated to 300 bytes");
}

/* Beyond check_bytes a damaged page is not looked for, but reading it is an error, not a result. */
static void test_damage_in_a_large_file(void **state)
{
    const struct folder *folder = *state;
    struct stat info;
    make(folder->db, 2000);
    assert_int_equal(stat(folder->db, &info), 0);
    overwrite(folder->db, info.st_size / 2 / 4096 * 4096, 0xff, 4096);
    struct at_store_options options = at_store_options_default;
    options.check_bytes = 4096;
    struct at_store *store = NULL;
    struct at_error error = {""};
    assert_int_equal(at_store_open_with(folder->db, AT_STORE_READ, &options, &store, &error), AT_OK);
    struct at_table table;
    static const char all[] = "SELECT id, value FROM measure NOT INDEXED UNION ALL SELECT id, 0 FROM measure WHERE scope = 'row'";
    assert_int_equal(at_store_query(store, all, NULL, 0, &table, &error), AT_ERR_FORMAT);
    assert_non_null(strstr(error.message, "corrupt"));
    store = at_store_close(store);
    assert_int_equal(truncate(folder->db, info.st_size - 100), 0); /* a length that is wrong shows at once */
    assert_int_equal(at_store_open_with(folder->db, AT_STORE_READ, &options, &store, &error), AT_ERR_FORMAT);
    assert_non_null(strstr(error.message, "truncated to"));
}

static void test_missing_table(void **state)
{
    const struct folder *folder = *state;
    make(folder->db, 1);
    assert_int_equal(raw_sql(folder->db, "DROP TABLE histogram"), SQLITE_OK);
    refuse_unchanged(folder->db, "table histogram is missing");
}

/* Holds a lock in another process until `release` is closed; returns when it is held. */
static pid_t hold_lock(const char *path, const char *sql, int *ret_release)
{
    int held[2], release[2];
    assert_int_equal(pipe(held), 0);
    assert_int_equal(pipe(release), 0);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        close(release[1]);
        sqlite3 *db;
        char byte = sqlite3_open(path, &db) == SQLITE_OK && sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK;
        if (write(held[1], &byte, 1) != 1)
            _exit(1);
        byte = read(release[0], &byte, 1) == 0;
        sqlite3_close(db);
        _exit(0);
    }
    close(release[0]);
    char byte = 0;
    assert_int_equal(read(held[0], &byte, 1), 1);
    assert_int_equal(byte, 1);
    close(held[0]);
    close(held[1]);
    *ret_release = release[1];
    return child;
}

static void test_locked(void **state)
{
    const struct folder *folder = *state;
    struct at_store_options hasty = at_store_options_default;
    hasty.busy_ms = 50;
    make(folder->db, 1);
    struct at_store *store = NULL;
    struct at_error error = {""};
    int release;
    pid_t child = hold_lock(folder->db, "BEGIN EXCLUSIVE", &release);
    assert_int_equal(at_store_open_with(folder->db, AT_STORE_WRITE, &hasty, &store, &error), AT_ERR_BUSY);
    assert_non_null(strstr(error.message, folder->db));
    assert_non_null(strstr(error.message, "locked by another process"));
    assert_int_equal(at_store_open_with(folder->db, AT_STORE_READ, &hasty, &store, &error), AT_OK);
    store = at_store_close(store);
    close(release);
    assert_int_equal(wait_for(child), 0);

    child = hold_lock(folder->db, "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE", &release);
    assert_int_equal(at_store_open_with(folder->db, AT_STORE_READ, &hasty, &store, &error), AT_ERR_BUSY);
    assert_non_null(strstr(error.message, "locked by another process"));
    close(release);
    assert_int_equal(wait_for(child), 0);
    at_store_close(open_or_fail(folder->db, AT_STORE_WRITE));
    assert_int_equal(at_store_options_default.busy_ms, 10000);
}

/* The lock goes away before the time is up: waiting was enough. */
static void test_waiting_for_a_lock(void **state)
{
    const struct folder *folder = *state;
    make(folder->db, 1);
    int release;
    pid_t holder = hold_lock(folder->db, "BEGIN EXCLUSIVE", &release);
    pid_t opener = fork();
    if (opener == 0) {
        close(release);
        at_store_close(open_or_fail(folder->db, AT_STORE_WRITE));
        _exit(0);
    }
    usleep(100000);
    close(release);
    assert_int_equal(wait_for(holder), 0);
    assert_int_equal(wait_for(opener), 0);
}

static void expect_first_run_only(const char *path)
{
    struct at_store *store = open_or_fail(path, AT_STORE_WRITE);
    assert_int_equal(select_integer(store, "SELECT count(*) FROM run"), 1);
    assert_int_equal(select_integer(store, "SELECT count(*) FROM measure"), 20);
    struct at_run_key key = put_context(store);
    int64_t id;
    key.rows_seed = 8;
    assert_int_equal(put_sample(store, &key, 10, &id, NULL), AT_OK); /* with room again it goes on */
    at_store_close(store);
}

static void test_full(void **state)
{
    const struct folder *folder = *state;
    make(folder->db, 10);
    struct at_store_options small = at_store_options_default;
    small.max_pages = 60;
    struct at_store *store = NULL;
    struct at_error error = {""};
    assert_int_equal(at_store_open_with(folder->db, AT_STORE_WRITE, &small, &store, &error), AT_OK);
    struct at_run_key key = put_context(store);
    key.rows_seed = 8;
    int64_t id = -5;
    assert_int_equal(put_sample(store, &key, 20000, &id, &error), AT_ERR_FULL);
    assert_int_equal(id, -5);
    assert_non_null(strstr(error.message, folder->db));
    assert_non_null(strstr(error.message, "no space left"));
    assert_int_equal(select_integer(store, "SELECT count(*) FROM run"), 1);
    at_store_close(store);
    expect_first_run_only(folder->db);
}

static int body_file_limit(const struct folder *folder)
{
    make(folder->db, 10);
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit limit, open_end;
    getrlimit(RLIMIT_FSIZE, &open_end);
    limit = (struct rlimit){256 * 1024, open_end.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
    struct at_store *store = open_or_fail(folder->db, AT_STORE_WRITE);
    struct at_run_key key = put_context(store);
    key.rows_seed = 8;
    int64_t id;
    struct at_error error = {""};
    if (put_sample(store, &key, 20000, &id, &error) != AT_ERR_FULL || !strstr(error.message, "no space left"))
        return 1;
    at_store_close(store);
    char other[160];
    snprintf(other, sizeof other, "%s/other.db", folder->path);
    static const rlim_t too_small[] = {4096, 16384, 65536}; /* not even a new database, its journal, its log or its -shm fits */
    for (size_t i = 0; i < sizeof too_small / sizeof too_small[0]; i++) {
        limit.rlim_cur = too_small[i];
        setrlimit(RLIMIT_FSIZE, &limit);
        assert_refused(other, AT_STORE_WRITE, AT_ERR_FULL, "no space left");
    }
    setrlimit(RLIMIT_FSIZE, &open_end);
    at_store_close(open_or_fail(other, AT_STORE_WRITE));
    expect_first_run_only(folder->db);
    return 0;
}

static void test_limit_on_file_size(void **state)
{
    assert_int_equal(in_child(body_file_limit, *state), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_newer_version, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_damage, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_damage_in_a_large_file, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_missing_table, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_locked, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_waiting_for_a_lock, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_full, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_limit_on_file_size, folder_setup, folder_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
