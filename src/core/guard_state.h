/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_CORE_GUARD_STATE_H
#define AT_CORE_GUARD_STATE_H

#include "core/guard.h"

#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What guard.c and server.c share. */

struct at_pulse {
    int out;
};

/* What goes over the line from a child: beats, and for each piece of work one answer, with its bytes behind it if it has any. */
enum { AT_GUARD_BEAT = 1, AT_GUARD_ANSWER = 2 };

struct at_guard_message {
    int32_t kind, status;
    double done, total;
    struct at_error error;
};

enum at_ward_end { AT_WARD_NOT_YET, AT_WARD_ANSWERED, AT_WARD_LEFT, AT_WARD_HUNG, AT_WARD_STOPPED };

struct at_ward {
    const struct at_guard *guard;
    int in;
    pid_t child;
    size_t answer_size;
    int64_t heard_ms; /* last sign of life */
    enum at_ward_end end;
    struct at_guard_message message; /* the last one; the answer when ANSWERED */
};

/* All of it, or false. */
bool at_guard_put(int out, const void *bytes, size_t size);
bool at_guard_get(int in, void *bytes, size_t size);

/* A child that lives for `live`, which does not return, at line[1]; the parent's end is line[0]. Both are closed where none is made. */
enum at_status at_ward_make(const struct at_guard *guard, const int line[2], void (*live)(const void *context, int out),
                            const void *context, struct at_ward **ret_ward, struct at_error *error);

/* A piece of work begins now, under that guard. */
void at_ward_begin(struct at_ward *ward, const struct at_guard *guard);

/* Waits for its end: whether that is an answer, which lies in ward->message. */
bool at_ward_await(struct at_ward *ward);

/* After its end: ends and frees the ward, and says what its end was. */
enum at_status at_ward_settle(struct at_ward *ward, struct at_error *error);

#ifdef __cplusplus
}
#endif

#endif
