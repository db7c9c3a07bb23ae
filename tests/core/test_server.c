/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "core/server.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum what { COUNT, BEATS, SLEEPS, DIES, REFUSES, WRITES, DESCRIPTORS };

struct request {
    enum what what;
    int times;
};

/* In memory that all processes share. */
static struct shared {
    volatile int count; /* requests that the child at hand has done, itself among them */
    volatile pid_t child;
    volatile int descriptors;
} * shared;

static int open_descriptors(void)
{
    int count = 0;
    for (int fd = 0; fd < 256; fd++)
        count += lseek(fd, 0, SEEK_CUR) >= 0 || errno != EBADF;
    return count;
}

static enum at_status serve(const void *asked, int memory, struct at_pulse *pulse, struct at_error *error)
{
    static int count; /* the child's */
    const struct request *request = asked;
    int *at = memory < 0 ? MAP_FAILED : mmap(NULL, sizeof *at, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
    shared->count = ++count;
    shared->child = getpid();
    switch (request->what) {
    case COUNT: break;
    case BEATS:
        for (int i = 0; i < request->times; i++) {
            usleep(50000);
            at_pulse_beat(pulse, i, request->times);
        }
        break;
    case SLEEPS:
        for (;;)
            pause();
    case DIES: raise(SIGKILL); break;
    case REFUSES: return at_fail(error, AT_ERR_UNSUPPORTED, "not %d times", request->times);
    case WRITES:
        assert_true(at != MAP_FAILED);
        *at += request->times;
        break;
    case DESCRIPTORS: shared->descriptors = open_descriptors(); break;
    }
    if (at != MAP_FAILED)
        munmap(at, sizeof *at);
    return AT_OK;
}

static struct at_server server = {.serve = serve, .request_size = sizeof(struct request)};
static volatile sig_atomic_t stop;

static enum at_status ask(enum what what, int times, int memory, struct at_error *error)
{
    struct at_guard guard = {.what = "server", .remedy = "try another", .limit_s = 0.3, .stop = &stop};
    const struct request request = {what, times};
    return at_server_ask(&server, &guard, &request, memory, error);
}

static int tear_down(void **state)
{
    (void)state;
    stop = 0;
    at_server_end(&server);
    return waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD ? 0 : 1;
}

/* One child for all requests; a new one after an end. Silence between requests is none within one. */
static void test_stays(void **state)
{
    (void)state;
    for (int i = 1; i <= 3; i++) {
        assert_int_equal(ask(COUNT, 0, -1, NULL), AT_OK);
        assert_int_equal(shared->count, i);
    }
    usleep(400000);
    assert_int_equal(ask(BEATS, 10, -1, NULL), AT_OK); /* longer than the limit, with signs of life */
    assert_int_equal(shared->count, 4);
    at_server_end(&server);
    assert_int_equal(ask(COUNT, 0, -1, NULL), AT_OK);
    assert_int_equal(shared->count, 1);
}

/* Whatever fails says so in a line and ends the child. */
static void test_failures(void **state)
{
    (void)state;
    static const struct {
        enum what what;
        enum at_status status;
        const char *words;
    } failures[] = {{SLEEPS, AT_ERR_TIMEOUT, "server: no sign of life for 0.3 s, so its process was killed: try another"},
                    {DIES, AT_ERR_DEVICE, "server: its process died by signal 9 (Killed): try another"},
                    {REFUSES, AT_ERR_UNSUPPORTED, "not 7 times"}};
    for (size_t i = 0; i < sizeof failures / sizeof failures[0]; i++) {
        struct at_error error;
        assert_int_equal(ask(COUNT, 0, -1, NULL), AT_OK);
        assert_int_equal(ask(failures[i].what, 7, -1, &error), failures[i].status);
        assert_string_equal(error.message, failures[i].words);
        assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
        assert_int_equal(ask(COUNT, 0, -1, NULL), AT_OK);
        assert_int_equal(shared->count, 1);
    }
}

/* A child that is gone when it is asked is replaced, and nobody notices. */
static void test_gone(void **state)
{
    (void)state;
    assert_int_equal(ask(COUNT, 0, -1, NULL), AT_OK);
    pid_t child = shared->child;
    siginfo_t info;
    kill(child, SIGKILL);
    assert_int_equal(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT), 0);
    assert_int_equal(ask(COUNT, 0, -1, NULL), AT_OK);
    assert_true(shared->child != child && shared->count == 1);
}

static void test_stopped(void **state)
{
    (void)state;
    stop = 1;
    assert_int_equal(ask(SLEEPS, 0, -1, NULL), AT_ERR_INTERRUPTED);
}

/* Memory goes over, another one each time, and is not kept open. */
static void test_memory(void **state)
{
    (void)state;
    assert_int_equal(ask(DESCRIPTORS, 0, -1, NULL), AT_OK);
    int before = shared->descriptors;
    for (int i = 0; i < 5; i++) {
        int memory = memfd_create("server", MFD_CLOEXEC), found = 0, start = 30;
        assert_int_equal(ftruncate(memory, sizeof start), 0);
        assert_int_equal(pwrite(memory, &start, sizeof start, 0), sizeof start);
        assert_int_equal(ask(WRITES, i, memory, NULL), AT_OK);
        assert_int_equal(pread(memory, &found, sizeof found, 0), sizeof found);
        assert_int_equal(found, 30 + i);
        close(memory);
    }
    assert_int_equal(ask(DESCRIPTORS, 0, -1, NULL), AT_OK);
    assert_int_equal(shared->descriptors, before);
    assert_int_equal(shared->count, 7);
}

/* Two servers work at the same time; a caller that does not wait hears when one is ready. */
static void test_side_by_side(void **state)
{
    (void)state;
    struct at_server two[2] = {server, server};
    struct at_guard guard = {.what = "server", .remedy = "try another", .limit_s = 10};
    const struct request slow = {BEATS, 8}, quick = {COUNT, 0};
    struct timespec from, to;
    clock_gettime(CLOCK_MONOTONIC, &from);
    for (int i = 0; i < 2; i++)
        assert_int_equal(at_server_begin(&two[i], &guard, &slow, -1, NULL), AT_OK);
    assert_false(at_server_ready(&two[0]));
    for (int i = 0; i < 2; i++) {
        while (!at_server_ready(&two[i]))
            usleep(1000);
        assert_int_equal(at_server_finish(&two[i], NULL), AT_OK);
    }
    clock_gettime(CLOCK_MONOTONIC, &to);
    double took_s = (double)(to.tv_sec - from.tv_sec) + 1e-9 * (double)(to.tv_nsec - from.tv_nsec);
    assert_true(took_s >= 8 * 0.05 && took_s < 2 * 8 * 0.05); /* one after the other would take at least twice as long as one */
    assert_int_equal(at_server_begin(&two[1], &guard, &quick, -1, NULL), AT_OK);
    assert_int_equal(at_server_finish(&two[1], NULL), AT_OK);
    assert_int_equal(shared->count, 2);
    assert_int_equal(at_server_begin(&two[0], &guard, &slow, -1, NULL), AT_OK);
    for (int i = 0; i < 2; i++) /* the first is ended while it works */
        at_server_end(&two[i]);
}

/* A fork of this process has no part in its child: it makes its own. */
static void test_fork(void **state)
{
    (void)state;
    int end;
    assert_int_equal(ask(COUNT, 0, -1, NULL), AT_OK);
    pid_t mine = shared->child, fork_of_mine = fork();
    if (fork_of_mine == 0) {
        bool good = ask(COUNT, 0, -1, NULL) == AT_OK && shared->child != mine;
        at_server_end(&server);
        _exit(good ? 0 : 1);
    }
    assert_int_equal(waitpid(fork_of_mine, &end, 0), fork_of_mine);
    assert_true(WIFEXITED(end) && WEXITSTATUS(end) == 0);
    assert_int_equal(ask(COUNT, 0, -1, NULL), AT_OK);
    assert_true(shared->child == mine && shared->count == 2);
}

/* It does not outlive the process that made it. */
static void test_ends_with_its_maker(void **state)
{
    (void)state;
    pid_t maker = fork();
    if (maker == 0)
        _exit(ask(COUNT, 0, -1, NULL));
    assert_int_equal(waitpid(maker, NULL, 0), maker);
    int tries = 0;
    char path[64], first[2] = "";
    for (; tries < 500; tries++, usleep(10000)) {
        snprintf(path, sizeof path, "/proc/%d/cmdline", (int)shared->child); /* empty when it is dead and nobody has looked */
        FILE *file = fopen(path, "r");
        size_t count = file ? fread(first, 1, 1, file) : 0;
        if (file)
            fclose(file);
        if (count == 0)
            break;
    }
    assert_true(tries < 500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_stays, tear_down),  cmocka_unit_test_teardown(test_failures, tear_down),
        cmocka_unit_test_teardown(test_gone, tear_down),   cmocka_unit_test_teardown(test_stopped, tear_down),
        cmocka_unit_test_teardown(test_memory, tear_down), cmocka_unit_test_teardown(test_side_by_side, tear_down),
        cmocka_unit_test_teardown(test_fork, tear_down),   cmocka_unit_test_teardown(test_ends_with_its_maker, tear_down)};
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return shared == MAP_FAILED || cmocka_run_group_tests(tests, NULL, NULL);
}
