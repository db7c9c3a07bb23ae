/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "fixture.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { KILLS = 16, MOST_KILLS = 10 * KILLS, MEASURES = 600 };

/* Stores runs without end; killed from outside. */
static void write_for_ever(const char *path)
{
    struct at_store *store = open_or_fail(path, AT_STORE_WRITE);
    struct at_run_key key = put_context(store);
    int64_t id;
    for (key.rows_seed = 0;; key.rows_seed++)
        if (put_sample(store, &key, MEASURES, &id, NULL) != AT_OK)
            _exit(1);
}

/* Microseconds from nothing to the first stored run. */
static double first_run_us(const struct folder *folder)
{
    char path[128];
    snprintf(path, sizeof path, "%s/other.db", folder->path);
    struct timespec from, to;
    clock_gettime(CLOCK_MONOTONIC, &from);
    struct at_store *store = open_or_fail(path, AT_STORE_WRITE);
    struct at_run_key key = put_context(store);
    int64_t id;
    assert_int_equal(put_sample(store, &key, MEASURES, &id, NULL), AT_OK);
    clock_gettime(CLOCK_MONOTONIC, &to);
    at_store_close(store);
    return 1e6 * (double)(to.tv_sec - from.tv_sec) + 1e-3 * (double)(to.tv_nsec - from.tv_nsec);
}

/* Killed at moments that lie evenly over the creation of a database: what is left is nothing, empty, or a whole schema. */
static void test_killed_while_creating(void **state)
{
    const struct folder *folder = *state;
    const double step_us = first_run_us(folder) / KILLS;
    for (int i = 0; i < KILLS; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s/%d.db", folder->path, i);
        fflush(NULL);
        pid_t child = fork();
        if (child == 0) {
            at_store_close(open_or_fail(path, AT_STORE_WRITE));
            _exit(0);
        }
        usleep((useconds_t)(i * step_us));
        kill(child, SIGKILL);
        int status;
        assert_int_equal(waitpid(child, &status, 0), child);
        struct at_store *store = open_or_fail(path, AT_STORE_WRITE);
        static const char triggers[] = "SELECT count(*) FROM sqlite_master WHERE type = 'trigger'";
        assert_int_equal(select_integer(store, triggers), 3 * at_store_schema.table_count);
        assert_int_equal(select_integer(store, "SELECT count(*) FROM result"), 0);
        at_store_close(store);
    }
}

/* What a killed process leaves is whole runs; the next one goes on from them. The moments lie evenly from the start to 3 runs later. */
static void test_killed_while_writing(void **state)
{
    const struct folder *folder = *state;
    const double step_us = 3 * first_run_us(folder) / KILLS;
    int64_t runs = 0;
    for (int i = 0; i < KILLS || (runs == 0 && i < MOST_KILLS); i++) { /* on a machine that became slower the first run takes longer */
        fflush(NULL);
        pid_t child = fork();
        if (child == 0)
            write_for_ever(folder->db);
        usleep((useconds_t)(i * step_us));
        kill(child, SIGKILL);
        int status;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        struct at_store *store = open_or_fail(folder->db, AT_STORE_WRITE);
        int64_t now = select_integer(store, "SELECT count(*) FROM run");
        assert_true(now >= runs);
        runs = now;
        assert_int_equal(select_integer(store, "SELECT count(*) FROM reference"), 2 * runs);
        assert_int_equal(select_integer(store, "SELECT count(*) FROM histogram"), 2 * runs);
        assert_int_equal(select_integer(store, "SELECT count(*) FROM measure"), 2 * MEASURES * runs);
        assert_int_equal(select_integer(store, "SELECT count(*) <= 1 FROM study"), 1);
        at_store_close(store);
    }
    assert_true(runs > 0);
}

/* A process that is killed after put_run has returned has stored that run. */
static void test_a_returned_run_stays(void **state)
{
    const struct folder *folder = *state;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        struct at_store *store = open_or_fail(folder->db, AT_STORE_WRITE);
        struct at_run_key key = put_context(store);
        int64_t id;
        if (put_sample(store, &key, 3, &id, NULL) == AT_OK)
            raise(SIGKILL);
        _exit(1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    struct at_store *store = open_or_fail(folder->db, AT_STORE_READ);
    assert_int_equal(select_integer(store, "SELECT count(*) FROM measure"), 6);
    at_store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_killed_while_creating, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_killed_while_writing, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_a_returned_run_stays, folder_setup, folder_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
