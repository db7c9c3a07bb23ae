/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "core/guard.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct at_pulse {
    int out;
};

/* What goes over the line: beats, and at the end one answer with its bytes behind it. */
enum { BEAT = 1, ANSWER = 2 };

struct message {
    int32_t kind, status;
    double done, total;
    struct at_error error;
};

/* How often a parent with a stop flag looks at it, and how long a killed child is waited for. */
enum { LOOK_MS = 100, REAP_MS = 5000 };

static bool put(int out, const void *bytes, size_t size)
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

static bool get(int in, void *bytes, size_t size)
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
    struct message beat = {.kind = BEAT, .done = done, .total = total};
    put(pulse->out, &beat, sizeof beat);
}

static void be_child(pid_t parent, int out, at_guarded *work, const void *argument, size_t answer_size)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) /* it died before the line above */
        _exit(1);
    signal(SIGTERM, SIG_DFL);
    signal(SIGINT, SIG_IGN); /* the parent hears it and decides */
    signal(SIGPIPE, SIG_IGN);
    struct at_pulse pulse = {out};
    struct message message = {.kind = ANSWER};
    void *answer = calloc(1, answer_size ? answer_size : 1);
    if (!answer)
        message.status = at_fail(&message.error, AT_ERR_MEMORY, "out of memory");
    else
        message.status = work(argument, &pulse, answer, &message.error);
    bool sent = put(out, &message, sizeof message) && (message.status || put(out, answer, answer_size));
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

enum end { NOT_YET, ANSWERED, LEFT, HUNG, STOPPED };

struct at_ward {
    const struct at_guard *guard;
    int in;
    pid_t child;
    size_t answer_size;
    int64_t heard_ms; /* last sign of life */
    enum end end;
    struct message message; /* the last one; the answer when ANSWERED */
};

/* Listens for at most `patience_ms`: whether the child answered, left or stayed silent too long, or a stop is asked for. */
static enum end hear(struct at_ward *ward, int patience_ms)
{
    const struct at_guard *guard = ward->guard;
    struct pollfd line = {.fd = ward->in, .events = POLLIN};
    int ready = poll(&line, 1, patience_ms);
    if (guard->stop && *guard->stop)
        return STOPPED;
    if (ready <= 0)
        return (double)(now_ms() - ward->heard_ms) >= guard->limit_s * 1e3 ? HUNG : NOT_YET;
    if (!get(ward->in, &ward->message, sizeof ward->message))
        return LEFT;
    if (ward->message.kind == ANSWER)
        return ANSWERED;
    if (guard->progress)
        guard->progress(guard->context, ward->message.done, ward->message.total);
    ward->heard_ms = now_ms();
    return NOT_YET;
}

bool at_guard_ready(struct at_ward *ward)
{
    enum { MOST_BEATS = 1024 }; /* a child that beats without end must not hold the caller */
    for (int i = 0; i < MOST_BEATS && ward->end == NOT_YET; i++) {
        int64_t heard = ward->heard_ms;
        ward->end = hear(ward, 0);
        if (ward->end == NOT_YET && ward->heard_ms == heard)
            break;
    }
    return ward->end != NOT_YET;
}

/* The status of a child that has come to its end, with its message. */
static enum at_status conclude(const struct at_ward *ward, bool reaped, int state, struct at_error *error)
{
    const struct at_guard *guard = ward->guard;
    switch (ward->end) {
    case STOPPED: return at_fail(error, AT_ERR_INTERRUPTED, "%s: interrupted", guard->what);
    case HUNG:
        return at_fail(error, AT_ERR_TIMEOUT, "%s: no sign of life for %g s, so its process was killed: %s", guard->what, guard->limit_s,
                       guard->remedy);
    case NOT_YET:
    case LEFT: return left_without_answer(guard, reaped, state, error);
    case ANSWERED: break;
    }
    if (ward->message.status)
        return at_fail(error, (enum at_status)ward->message.status, "%s", ward->message.error.message);
    return AT_OK;
}

enum at_status at_guard_finish(struct at_ward *ward, void *ret_answer, struct at_error *error)
{
    enum at_status status = AT_OK;
    void *answer = malloc(ward->answer_size ? ward->answer_size : 1);
    if (!answer)
        status = at_fail(error, AT_ERR_MEMORY, "%s: out of memory", ward->guard->what);
    while (!status && ward->end == NOT_YET)
        ward->end = hear(ward, LOOK_MS);
    if (!status && ward->end == ANSWERED && !ward->message.status && !get(ward->in, answer, ward->answer_size))
        ward->end = LEFT;
    if (ward->end != ANSWERED)
        kill(ward->child, SIGKILL); /* one that is on its way out keeps its reason */
    int state = 0;
    bool reaped = reap(ward->child, &state);
    if (!status)
        status = conclude(ward, reaped, state, error);
    if (!status)
        memcpy(ret_answer, answer, ward->answer_size);
    free(answer);
    close(ward->in);
    free(ward);
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

enum at_status at_guard_start(const struct at_guard *guard, at_guarded *work, const void *argument, size_t answer_size,
                              struct at_ward **ret_ward, struct at_error *error)
{
    int line[2];
    struct at_ward *ward = malloc(sizeof *ward);
    if (!ward)
        return at_fail(error, AT_ERR_MEMORY, "%s: out of memory", guard->what);
    if (pipe2(line, O_CLOEXEC) != 0) { /* a helper that the work starts must not hold the line open */
        free(ward);
        return at_fail(error, AT_ERR_IO, "%s: no pipe to a process of its own (%s)", guard->what, strerror(errno));
    }
    pid_t parent = getpid(), child = fork();
    if (child == 0) {
        close(line[0]);
        be_child(parent, line[1], work, argument, answer_size);
    }
    int failure = errno;
    close(line[1]);
    if (child < 0) {
        close(line[0]);
        free(ward);
        return at_fail(error, AT_ERR_IO, "%s: no process of its own (%s)", guard->what, strerror(failure));
    }
    *ward = (struct at_ward){.guard = guard, .in = line[0], .child = child, .answer_size = answer_size, .heard_ms = now_ms()};
    *ret_ward = ward;
    return AT_OK;
}

enum at_status at_guard_run(const struct at_guard *guard, at_guarded *work, const void *argument, void *ret_answer, size_t answer_size,
                            struct at_error *error)
{
    struct at_ward *ward;
    enum at_status status = at_guard_start(guard, work, argument, answer_size, &ward, error);
    return status ? status : at_guard_finish(ward, ret_answer, error);
}
