/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "core/guard.h"

#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

/* How long a child may be silent here, and how late the end of one may be told on a busy machine. */
static const double limit_s = 0.3, slack_s = 10;

/* What the children tell beside their answers. */
static struct shared {
    volatile pid_t child;
} * shared;

static struct at_guard guard_of(const char *what)
{
    return (struct at_guard){.what = what, .remedy = "try another", .limit_s = limit_s};
}

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void wait_s(double seconds)
{
    const struct timespec pause = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
    nanosleep(&pause, NULL);
}

/* Whether a process is gone, or dead and not yet reaped by whoever inherited it. */
static bool gone(pid_t process)
{
    char path[64], state = 'Z';
    snprintf(path, sizeof path, "/proc/%d/stat", (int)process);
    FILE *file = fopen(path, "r");
    if (!file)
        return true;
    if (fscanf(file, "%*d (%*[^)]) %c", &state) != 1)
        state = 'Z';
    fclose(file);
    return state == 'Z' || state == 'X';
}

static void assert_no_child(void)
{
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

enum manner { SLEEP, BEAT_THEN_SLEEP, SEGFAULT, ABORT, KILLED, LEAVE, CLOSE_ALL, HELPER_THEN_DIE, INTERRUPT };

/* Behaves as *argument says. */
static enum at_status misbehave(const void *argument, struct at_pulse *pulse, void *answer, struct at_error *error)
{
    (void)error;
    shared->child = getpid();
    switch (*(const enum manner *)argument) {
    case BEAT_THEN_SLEEP: at_pulse_beat(pulse, 1, 2); /* fall through */
    case SLEEP:
        for (;;)
            pause();
    case SEGFAULT:
        signal(SIGSEGV, SIG_DFL); /* not a sanitiser's */
        raise(SIGSEGV);
        break;
    case ABORT: signal(SIGABRT, SIG_DFL); abort();
    case KILLED: raise(SIGKILL); break;
    case LEAVE: _exit(3);
    case CLOSE_ALL:
        for (int fd = 3; fd < 256; fd++)
            close(fd);
        for (;;)
            pause();
    case HELPER_THEN_DIE:
        if (fork() == 0) {
            for (int fd = 0; fd < 3; fd++)
                close(fd); /* whoever reads this test's output must not wait for it */
            execlp("sleep", "sleep", "4", (char *)NULL);
            _exit(1);
        }
        wait_s(0.1);
        raise(SIGKILL);
        break;
    case INTERRUPT: raise(SIGINT); break;
    }
    *(int *)answer = 11;
    return AT_OK;
}

/* Runs it; the answer must stay as it was unless the status is AT_OK. */
static enum at_status run_manner(struct at_guard *guard, enum manner manner, struct at_error *error)
{
    int answer = -5;
    enum at_status status = at_guard_run(guard, misbehave, &manner, &answer, sizeof answer, error);
    assert_int_equal(answer, status ? -5 : 11);
    assert_no_child();
    return status;
}

static enum at_status multiply(const void *argument, struct at_pulse *pulse, void *answer, struct at_error *error)
{
    const int *factors = argument;
    (void)pulse;
    (void)error;
    *(int *)answer += factors[0] * factors[1]; /* it begins as zeros */
    return AT_OK;
}

static void an_answer_comes_back(void **state)
{
    (void)state;
    struct at_guard guard = guard_of("a product");
    struct at_error error = {"as it was"};
    int answer = -1;
    assert_int_equal(at_guard_run(&guard, multiply, (const int[]){6, 7}, &answer, sizeof answer, &error), AT_OK);
    assert_int_equal(answer, 42);
    assert_string_equal(error.message, "as it was");
    assert_no_child();
}

enum { BIG = 20000003 }; /* bytes; far more than a pipe holds */

static enum at_status fill(const void *argument, struct at_pulse *pulse, void *answer, struct at_error *error)
{
    unsigned char *bytes = answer;
    (void)argument;
    (void)pulse;
    (void)error;
    for (size_t i = 0; i < BIG; i++)
        bytes[i] = (unsigned char)(i * 31 >> 3);
    return AT_OK;
}

static enum at_status do_nothing(const void *argument, struct at_pulse *pulse, void *answer, struct at_error *error)
{
    (void)argument;
    (void)pulse;
    (void)answer;
    (void)error;
    return AT_OK;
}

static void answers_of_any_size(void **state)
{
    (void)state;
    struct at_guard guard = guard_of("a big answer");
    unsigned char *bytes = calloc(1, BIG), none = 0x77;
    assert_non_null(bytes);
    guard.limit_s = slack_s;
    assert_int_equal(at_guard_run(&guard, fill, NULL, bytes, BIG, NULL), AT_OK);
    for (size_t i = 0; i < BIG; i++)
        if (bytes[i] != (unsigned char)(i * 31 >> 3))
            fail_msg("byte %zu", i);
    free(bytes);
    assert_int_equal(at_guard_run(&guard, do_nothing, NULL, &none, 0, NULL), AT_OK);
    assert_int_equal(none, 0x77);
}

static enum at_status refuse(const void *argument, struct at_pulse *pulse, void *answer, struct at_error *error)
{
    (void)pulse;
    *(int *)answer = 9;
    return at_fail(error, AT_ERR_FULL, "%s: 100 %% full", (const char *)argument);
}

static void a_failure_keeps_its_status_and_words(void **state)
{
    (void)state;
    struct at_guard guard = guard_of("a disk");
    struct at_error error = {""};
    int answer = -1;
    assert_int_equal(at_guard_run(&guard, refuse, "disk", &answer, sizeof answer, &error), AT_ERR_FULL);
    assert_string_equal(error.message, "disk: 100 % full");
    assert_int_equal(answer, -1);
    assert_int_equal(at_guard_run(&guard, refuse, "disk", &answer, sizeof answer, NULL), AT_ERR_FULL);
    char text[3000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    assert_int_equal(at_guard_run(&guard, refuse, text, &answer, sizeof answer, &error), AT_ERR_FULL);
    assert_int_equal(strlen(error.message), sizeof error.message - 1);
    assert_no_child();
}

static void a_hang_ends_within_the_limit(void **state)
{
    (void)state;
    struct at_guard guard = guard_of("the driver");
    struct at_error error = {""};
    const enum manner manners[] = {SLEEP, BEAT_THEN_SLEEP};
    for (int i = 0; i < 2; i++) {
        double start = now_s();
        assert_int_equal(run_manner(&guard, manners[i], &error), AT_ERR_TIMEOUT);
        double took = now_s() - start;
        assert_true(took >= limit_s && took < limit_s + slack_s);
        assert_string_equal(error.message, "the driver: no sign of life for 0.3 s, so its process was killed: try another");
        assert_true(gone(shared->child));
        assert_int_equal(run_manner(&guard, manners[i], NULL), AT_ERR_TIMEOUT);
    }
}

enum { BEATS = 8 };

static enum at_status work_long(const void *argument, struct at_pulse *pulse, void *answer, struct at_error *error)
{
    (void)argument;
    (void)error;
    for (int i = 1; i <= BEATS; i++) {
        wait_s(limit_s / 2);
        at_pulse_beat(pulse, i, BEATS);
    }
    *(int *)answer = BEATS;
    return AT_OK;
}

static void hear(void *context, double done, double total)
{
    int *heard = context;
    assert_true(done == ++*heard && total == BEATS);
}

static void beats_keep_long_work_alive(void **state)
{
    (void)state;
    struct at_guard guard = guard_of("long work");
    int answer = 0, heard = 0;
    guard.progress = hear;
    guard.context = &heard;
    guard.limit_s = 2 * limit_s;
    assert_true(BEATS * limit_s / 2 > 1.5 * guard.limit_s);
    for (int attempt = 0; attempt < 5 && answer == 0; attempt++) { /* a machine may stand still for the whole limit */
        heard = 0;
        at_guard_run(&guard, work_long, NULL, &answer, sizeof answer, NULL);
    }
    assert_int_equal(answer, BEATS);
    assert_int_equal(heard, BEATS);
    guard.progress = NULL;
    guard.limit_s = slack_s;
    assert_int_equal(at_guard_run(&guard, work_long, NULL, &answer, sizeof answer, NULL), AT_OK);
}

static void a_crash_is_named(void **state)
{
    (void)state;
    static const struct {
        enum manner manner;
        const char *message;
    } cases[] = {
        {SEGFAULT, "a probe: its process died by signal 11 (Segmentation fault): try another"},
        {ABORT, "a probe: its process died by signal 6 (Aborted): try another"},
        {KILLED, "a probe: its process died by signal 9 (Killed): try another"},
        {LEAVE, "a probe: its process ended with status 3 and no answer: try another"},
        {CLOSE_ALL, "a probe: its process died by signal 9 (Killed): try another"}, /* it lived on without its line */
        {HELPER_THEN_DIE, "a probe: its process died by signal 9 (Killed): try another"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct at_guard guard = guard_of("a probe");
        struct at_error error = {""};
        guard.limit_s = 2; /* the helper lives longer */
        assert_int_equal(run_manner(&guard, cases[i].manner, &error), AT_ERR_DEVICE);
        assert_string_equal(error.message, cases[i].message);
        assert_true(gone(shared->child));
    }
}

/* Ctrl-C reaches all processes of a terminal: the parent decides. */
static void an_interrupt_is_the_parents(void **state)
{
    (void)state;
    struct at_guard guard = guard_of("a probe");
    guard.limit_s = slack_s;
    assert_int_equal(run_manner(&guard, INTERRUPT, NULL), AT_OK);
}

static volatile sig_atomic_t stop;

static void ask_to_stop(void *context, double done, double total)
{
    (void)context;
    (void)done;
    (void)total;
    stop = 1;
}

static void a_stop_ends_the_child(void **state)
{
    (void)state;
    struct at_guard guard = guard_of("a probe");
    struct at_error error = {""};
    guard.limit_s = 3600;
    guard.stop = &stop;
    guard.progress = ask_to_stop;
    stop = 0;
    double start = now_s();
    assert_int_equal(run_manner(&guard, BEAT_THEN_SLEEP, &error), AT_ERR_INTERRUPTED);
    assert_string_equal(error.message, "a probe: interrupted");
    assert_true(gone(shared->child));
    assert_int_equal(run_manner(&guard, SLEEP, &error), AT_ERR_INTERRUPTED); /* asked for before it began */
    assert_true(now_s() - start < slack_s);
    stop = 0;
}

static int open_files(void)
{
    DIR *folder = opendir("/proc/self/fd");
    int count = 0;
    assert_non_null(folder);
    while (readdir(folder))
        count++;
    closedir(folder);
    return count;
}

static void many_leave_nothing(void **state)
{
    (void)state;
    const enum manner manners[] = {SEGFAULT, LEAVE, INTERRUPT};
    struct at_guard guard = guard_of("one of many");
    guard.limit_s = slack_s;
    int before = open_files();
    for (int i = 0; i < 90; i++)
        assert_int_equal(run_manner(&guard, manners[i % 3], NULL), i % 3 == 2 ? AT_OK : AT_ERR_DEVICE);
    guard.limit_s = 0.01;
    assert_int_equal(run_manner(&guard, SLEEP, NULL), AT_ERR_TIMEOUT);
    assert_int_equal(open_files(), before);
}

/* Three at once take as long as the slowest; each answer is its own, and one that hangs or is ended harms none. */
static void several_side_by_side(void **state)
{
    (void)state;
    struct at_guard patient = guard_of("one of three"), short_one = guard_of("a hanging one");
    struct at_ward *wards[3], *ended;
    static const enum manner hang = SLEEP;
    int before = open_files(), answers[3] = {-1, -1, -1};
    struct at_error error = {""};
    patient.limit_s = slack_s;
    double start = now_s();
    for (int i = 0; i < 3; i++)
        assert_int_equal(at_guard_start(&patient, work_long, NULL, sizeof answers[i], &wards[i], NULL), AT_OK);
    assert_int_equal(at_guard_start(&short_one, misbehave, &hang, sizeof(int), &ended, NULL), AT_OK);
    while (!at_guard_ready(ended))
        wait_s(0.01);
    assert_int_equal(at_guard_finish(ended, &answers[0], &error), AT_ERR_TIMEOUT);
    assert_int_equal(answers[0], -1);
    assert_int_equal(at_guard_start(&patient, misbehave, &hang, sizeof(int), &ended, NULL), AT_OK);
    assert_false(at_guard_ready(ended));
    at_guard_end(ended);
    at_guard_end(NULL);
    for (int i = 2; i >= 0; i--) {
        while (!at_guard_ready(wards[i]))
            wait_s(0.01);
        assert_int_equal(at_guard_finish(wards[i], &answers[i], NULL), AT_OK);
        assert_int_equal(answers[i], BEATS);
    }
    assert_true(now_s() - start < 3 * BEATS * limit_s / 2 + slack_s);
    assert_int_equal(open_files(), before);
    assert_no_child();
}

static void no_line_to_a_child(void **state)
{
    (void)state;
    struct at_guard guard = guard_of("a probe");
    struct at_error error = {""};
    struct rlimit before, limit;
    int answer = -1;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    limit = before;
    limit.rlim_cur = 3;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    enum at_status status = at_guard_run(&guard, multiply, (const int[]){1, 2}, &answer, sizeof answer, &error);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(status, AT_ERR_IO);
    assert_string_equal(error.message, "a probe: no pipe to a process of its own (Too many open files)");
    assert_int_equal(answer, -1);
}

/* The parent is killed: nothing is left to hold a GPU. */
static void a_child_does_not_outlive_its_parent(void **state)
{
    (void)state;
    shared->child = 0;
    pid_t parent = fork();
    assert_true(parent >= 0);
    if (parent == 0) {
        struct at_guard guard = guard_of("a probe");
        int answer;
        guard.limit_s = 3600;
        at_guard_run(&guard, misbehave, &(enum manner){SLEEP}, &answer, sizeof answer, NULL);
        _exit(0);
    }
    double end = now_s() + slack_s;
    while (!shared->child && now_s() < end)
        wait_s(0.01);
    assert_true(shared->child && !gone(shared->child));
    kill(parent, SIGKILL);
    assert_int_equal(waitpid(parent, NULL, 0), parent);
    while (!gone(shared->child) && now_s() < end)
        wait_s(0.01);
    assert_true(gone(shared->child));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_comes_back),
        cmocka_unit_test(answers_of_any_size),
        cmocka_unit_test(a_failure_keeps_its_status_and_words),
        cmocka_unit_test(a_hang_ends_within_the_limit),
        cmocka_unit_test(beats_keep_long_work_alive),
        cmocka_unit_test(a_crash_is_named),
        cmocka_unit_test(an_interrupt_is_the_parents),
        cmocka_unit_test(a_stop_ends_the_child),
        cmocka_unit_test(many_leave_nothing),
        cmocka_unit_test(several_side_by_side),
        cmocka_unit_test(no_line_to_a_child),
        cmocka_unit_test(a_child_does_not_outlive_its_parent),
    };
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        return 1;
    const struct rlimit no_core = {0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
