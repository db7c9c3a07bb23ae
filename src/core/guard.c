/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "core/guard_state.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* How often a parent with a stop flag looks at it, and how long a killed child is waited for. */
enum { LOOK_MS = 100, REAP_MS = 5000 };

bool at_guard_put(int out, const void *bytes, size_t size)
{
    const char *at = bytes;
    while (size) {
        ssize_t count = write(out, at, size);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return false;
        at += count;
        size -= (size_t)count;
    }
    return true;
}

bool at_guard_get(int in, void *bytes, size_t size)
{
    char *at = bytes;
    while (size) {
        ssize_t count = read(in, at, size);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return false;
        at += count;
        size -= (size_t)count;
    }
    return true;
}

void at_pulse_beat(struct at_pulse *pulse, double done, double total)
{
    struct at_guard_message beat = {.kind = AT_GUARD_BEAT, .done = done, .total = total};
    at_guard_put(pulse->out, &beat, sizeof beat);
}

/* What a child is for. */
struct job {
    at_guarded *work;
    const void *argument;
    size_t answer_size;
};

static void do_job(const void *context, int out)
{
    const struct job *job = context;
    struct at_pulse pulse = {out};
    struct at_guard_message message = {.kind = AT_GUARD_ANSWER};
    void *answer = calloc(1, job->answer_size ? job->answer_size : 1);
    if (!answer)
        message.status = at_fail(&message.error, AT_ERR_MEMORY, "out of memory");
    else
        message.status = job->work(job->argument, &pulse, answer, &message.error);
    bool sent = at_guard_put(out, &message, sizeof message) && (message.status || at_guard_put(out, answer, job->answer_size));
    _exit(sent ? 0 : 1);
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool reap_within(pid_t child, int64_t limit_ms, int *ret_state)
{
    const struct timespec pause = {.tv_nsec = 5000000};
    int64_t end = now_ms() + limit_ms;
    pid_t found;
    while ((found = waitpid(child, ret_state, WNOHANG)) == 0 && now_ms() < end)
        nanosleep(&pause, NULL);
    return found == child;
}

/* Waits for a child that is on its way out, and ends one that stays; one that the system cannot end (stuck inside a driver) is left. */
static bool reap(pid_t child, int *ret_state)
{
    if (reap_within(child, REAP_MS, ret_state))
        return true;
    kill(child, SIGKILL);
    return reap_within(child, REAP_MS, ret_state);
}

static enum at_status left_without_answer(const struct at_guard *guard, bool reaped, int state, struct at_error *error)
{
    if (!reaped)
        return at_fail(error, AT_ERR_DEVICE, "%s: its process gave no answer and cannot be ended: %s", guard->what, guard->remedy);
    if (WIFSIGNALED(state))
        return at_fail(error, AT_ERR_DEVICE, "%s: its process died by signal %d (%s): %s", guard->what, WTERMSIG(state),
                       strsignal(WTERMSIG(state)), guard->remedy);
    return at_fail(error, AT_ERR_DEVICE, "%s: its process ended with status %d and no answer: %s", guard->what, WEXITSTATUS(state),
                   guard->remedy);
}

void at_ward_begin(struct at_ward *ward, const struct at_guard *guard)
{
    ward->guard = guard;
    ward->heard_ms = now_ms();
    ward->end = AT_WARD_NOT_YET;
}

/* Listens for at most `patience_ms`: whether the child answered, left or stayed silent too long, or a stop is asked for. */
static enum at_ward_end hear(struct at_ward *ward, int patience_ms)
{
    const struct at_guard *guard = ward->guard;
    struct pollfd line = {.fd = ward->in, .events = POLLIN};
    int ready = poll(&line, 1, patience_ms);
    if (guard->stop && *guard->stop)
        return AT_WARD_STOPPED;
    if (ready <= 0)
        return (double)(now_ms() - ward->heard_ms) >= guard->limit_s * 1e3 ? AT_WARD_HUNG : AT_WARD_NOT_YET;
    if (!at_guard_get(ward->in, &ward->message, sizeof ward->message))
        return AT_WARD_LEFT;
    if (ward->message.kind == AT_GUARD_ANSWER)
        return AT_WARD_ANSWERED;
    if (guard->progress)
        guard->progress(guard->context, ward->message.done, ward->message.total);
    ward->heard_ms = now_ms();
    return AT_WARD_NOT_YET;
}

bool at_guard_ready(struct at_ward *ward)
{
    enum { MOST_BEATS = 1024 }; /* a child that beats without end must not hold the caller */
    for (int i = 0; i < MOST_BEATS && ward->end == AT_WARD_NOT_YET; i++) {
        int64_t heard = ward->heard_ms;
        ward->end = hear(ward, 0);
        if (ward->end == AT_WARD_NOT_YET && ward->heard_ms == heard)
            break;
    }
    return ward->end != AT_WARD_NOT_YET;
}

/* The status of a child that has come to its end, with its message. */
static enum at_status conclude(const struct at_ward *ward, bool reaped, int state, struct at_error *error)
{
    const struct at_guard *guard = ward->guard;
    switch (ward->end) {
    case AT_WARD_STOPPED: return at_fail(error, AT_ERR_INTERRUPTED, "%s: interrupted", guard->what);
    case AT_WARD_HUNG:
        return at_fail(error, AT_ERR_TIMEOUT, "%s: no sign of life for %g s, so its process was killed: %s", guard->what, guard->limit_s,
                       guard->remedy);
    case AT_WARD_NOT_YET:
    case AT_WARD_LEFT: return left_without_answer(guard, reaped, state, error);
    case AT_WARD_ANSWERED: break;
    }
    if (ward->message.status)
        return at_fail(error, (enum at_status)ward->message.status, "%s", ward->message.error.message);
    return AT_OK;
}

bool at_ward_await(struct at_ward *ward)
{
    while (ward->end == AT_WARD_NOT_YET)
        ward->end = hear(ward, LOOK_MS);
    return ward->end == AT_WARD_ANSWERED;
}

enum at_status at_ward_settle(struct at_ward *ward, struct at_error *error)
{
    if (ward->end != AT_WARD_ANSWERED)
        kill(ward->child, SIGKILL); /* one that is on its way out keeps its reason */
    int state = 0;
    bool reaped = reap(ward->child, &state);
    enum at_status status = conclude(ward, reaped, state, error);
    close(ward->in);
    free(ward);
    return status;
}

enum at_status at_guard_finish(struct at_ward *ward, void *ret_answer, struct at_error *error)
{
    const size_t size = ward->answer_size;
    void *answer = malloc(size ? size : 1);
    if (!answer) {
        enum at_status status = at_fail(error, AT_ERR_MEMORY, "%s: out of memory", ward->guard->what);
        at_guard_end(ward);
        return status;
    }
    if (at_ward_await(ward) && !ward->message.status && !at_guard_get(ward->in, answer, size))
        ward->end = AT_WARD_LEFT;
    enum at_status status = at_ward_settle(ward, error);
    if (!status)
        memcpy(ret_answer, answer, size);
    free(answer);
    return status;
}

void at_guard_end(struct at_ward *ward)
{
    int state;
    if (!ward)
        return;
    kill(ward->child, SIGKILL);
    reap(ward->child, &state);
    close(ward->in);
    free(ward);
}

enum at_status at_ward_make(const struct at_guard *guard, const int line[2], void (*live)(const void *context, int out),
                            const void *context, struct at_ward **ret_ward, struct at_error *error)
{
    struct at_ward *ward = malloc(sizeof *ward);
    if (!ward) {
        close(line[0]);
        close(line[1]);
        return at_fail(error, AT_ERR_MEMORY, "%s: out of memory", guard->what);
    }
    pid_t parent = getpid(), child = fork();
    if (child == 0) {
        close(line[0]);
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) /* it died before the line above */
            _exit(1);
        signal(SIGTERM, SIG_DFL);
        signal(SIGINT, SIG_IGN); /* the parent hears it and decides */
        signal(SIGPIPE, SIG_IGN);
        live(context, line[1]);
        _exit(1);
    }
    int failure = errno;
    close(line[1]);
    if (child < 0) {
        close(line[0]);
        free(ward);
        return at_fail(error, AT_ERR_IO, "%s: no process of its own (%s)", guard->what, strerror(failure));
    }
    *ward = (struct at_ward){.in = line[0], .child = child};
    at_ward_begin(ward, guard);
    *ret_ward = ward;
    return AT_OK;
}

enum at_status at_guard_start(const struct at_guard *guard, at_guarded *work, const void *argument, size_t answer_size,
                              struct at_ward **ret_ward, struct at_error *error)
{
    int line[2];
    const struct job job = {work, argument, answer_size};
    if (pipe2(line, O_CLOEXEC) != 0) /* a helper that the work starts must not hold the line open */
        return at_fail(error, AT_ERR_IO, "%s: no pipe to a process of its own (%s)", guard->what, strerror(errno));
    enum at_status status = at_ward_make(guard, line, do_job, &job, ret_ward, error);
    if (!status)
        (*ret_ward)->answer_size = answer_size;
    return status;
}

enum at_status at_guard_run(const struct at_guard *guard, at_guarded *work, const void *argument, void *ret_answer, size_t answer_size,
                            struct at_error *error)
{
    struct at_ward *ward;
    enum at_status status = at_guard_start(guard, work, argument, answer_size, &ward, error);
    return status ? status : at_guard_finish(ward, ret_answer, error);
}
