/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "fixture.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void test_missing_is_not_created_by_reading(void **state)
{
    const struct folder *folder = *state;
    assert_refused(folder->db, AT_STORE_READ, AT_ERR_NOT_FOUND, "no such file");
    assert_false(file_exists(folder->db, ""));
    assert_false(file_exists(folder->db, "-wal"));
}

static void test_paths_that_cannot_be_databases(void **state)
{
    const struct folder *folder = *state;
    char path[160];
    snprintf(path, sizeof path, "%s/none/attest.db", folder->path);
    assert_refused(path, AT_STORE_WRITE, AT_ERR_NOT_FOUND, "mkdir -p");
    assert_refused(path, AT_STORE_READ, AT_ERR_NOT_FOUND, "no such file");
    assert_refused("", AT_STORE_WRITE, AT_ERR_ARGUMENT, "attest.db");
    assert_refused(folder->path, AT_STORE_WRITE, AT_ERR_IO, "not a file");
    assert_refused("/dev/full", AT_STORE_WRITE, AT_ERR_IO, "not a file");
    write_file(folder->db, "x", 1);
    snprintf(path, sizeof path, "%s/attest.db", folder->db);
    assert_refused(path, AT_STORE_WRITE, AT_ERR_IO, strerror(ENOTDIR));
}

static void test_other_files_keep_their_content(void **state)
{
    const struct folder *folder = *state;
    static const char text[] = "study: first\ninputs: none, and much longer than the hundred bytes of a header, so that nothing but the "
                               "missing magic tells them apart\n";
    write_file(folder->db, text, sizeof text);
    struct at_sha256 before = file_digest(folder->db), after;
    assert_refused(folder->db, AT_STORE_READ, AT_ERR_FORMAT, "not a SQLite database");
    assert_refused(folder->db, AT_STORE_WRITE, AT_ERR_FORMAT, "not a SQLite database");
    after = file_digest(folder->db);
    assert_string_equal(before.hex, after.hex);
    write_file(folder->db, "SQLite format 3", 16);
    assert_refused(folder->db, AT_STORE_WRITE, AT_ERR_FORMAT, "truncated to 16 bytes");
    write_file(folder->db, "SQL", 3);
    assert_refused(folder->db, AT_STORE_WRITE, AT_ERR_FORMAT, "not a SQLite database");
}

static void test_another_program_s_database(void **state)
{
    const struct folder *folder = *state;
    const char *const makers[] = {
        "CREATE TABLE note (text)",
        "PRAGMA application_id = 7; CREATE TABLE note (text)",
        "PRAGMA journal_mode = WAL; CREATE TABLE note (text); PRAGMA user_version = 1",
    };
    for (size_t i = 0; i < sizeof makers / sizeof makers[0]; i++) {
        unlink(folder->db);
        assert_int_equal(raw_sql(folder->db, makers[i]), SQLITE_OK);
        struct at_sha256 before = file_digest(folder->db), after;
        assert_refused(folder->db, AT_STORE_WRITE, AT_ERR_FORMAT, "not one of attest");
        assert_refused(folder->db, AT_STORE_READ, AT_ERR_FORMAT, "not one of attest");
        after = file_digest(folder->db);
        assert_string_equal(before.hex, after.hex);
        assert_false(file_exists(folder->db, "-wal"));
    }
}

/* Its tables lie in its log alone, left by a process that was killed: neither file changes. */
static void test_another_program_s_log(void **state)
{
    const struct folder *folder = *state;
    char log[128];
    snprintf(log, sizeof log, "%s-wal", folder->db);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        sqlite3 *db;
        if (sqlite3_open(folder->db, &db) == SQLITE_OK &&
            sqlite3_exec(db, "PRAGMA journal_mode = WAL; VACUUM; CREATE TABLE note (text)", NULL, NULL, NULL) == SQLITE_OK)
            raise(SIGKILL);
        _exit(1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    struct at_sha256 file = file_digest(folder->db), file_after, left = file_digest(log), left_after;
    assert_refused(folder->db, AT_STORE_WRITE, AT_ERR_FORMAT, "not one of attest");
    assert_refused(folder->db, AT_STORE_READ, AT_ERR_FORMAT, "not one of attest");
    file_after = file_digest(folder->db);
    left_after = file_digest(log);
    assert_string_equal(file.hex, file_after.hex);
    assert_string_equal(left.hex, left_after.hex);
}

static int body_permissions(const struct folder *folder)
{
    char closed[128], inside[160];
    snprintf(closed, sizeof closed, "%s/closed", folder->path);
    snprintf(inside, sizeof inside, "%s/attest.db", closed);
    if (mkdir(closed, 0555) != 0)
        return 1;
    assert_refused(inside, AT_STORE_WRITE, AT_ERR_IO, "cannot be written");
    chmod(closed, 0);
    assert_refused(inside, AT_STORE_READ, AT_ERR_IO, strerror(EACCES));
    chmod(closed, 0700);
    at_store_close(open_or_fail(folder->db, AT_STORE_WRITE));
    chmod(folder->db, 0444);
    assert_refused(folder->db, AT_STORE_WRITE, AT_ERR_IO, "read-only");
    chmod(folder->db, 0);
    assert_refused(folder->db, AT_STORE_READ, AT_ERR_IO, "cannot be read");
    return 0;
}

static void test_permissions(void **state)
{
    assert_int_equal(in_child(body_permissions, *state), 0);
}

static void test_no_path_is_special_to_sqlite(void **state)
{
    const struct folder *folder = *state;
    assert_int_equal(chdir(folder->path), 0);
    const char *const names[] = {":memory:", "file:x", "a?mode=memory", "a%41 b#c", "-", "plain"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_false(file_exists(names[i], ""));
        at_store_close(open_or_fail(names[i], AT_STORE_WRITE));
        assert_true(file_exists(names[i], ""));
    }
    assert_false(file_exists("a", ""));
    assert_int_equal(chdir("/"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_missing_is_not_created_by_reading, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_paths_that_cannot_be_databases, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_other_files_keep_their_content, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_another_program_s_database, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_another_program_s_log, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_permissions, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_no_path_is_special_to_sqlite, folder_setup, folder_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
