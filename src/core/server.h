/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_CORE_SERVER_H
#define AT_CORE_SERVER_H

#include "core/guard.h"

#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A guarded child that stays: what it opens for one request, a driver, is open for the next. It is made when it is asked and is not
 * there, ends when it fails, and at the latest with this process. One request at a time. As core/guard.h says, it must not use what the
 * parent's threads hold; and it keeps the memory that this process had when it was made: ask first before much is there.
 */

/*
 * Does one request, in the child. `shared` is a file descriptor of memory to work on, closed afterwards; -1: none. What is static stays
 * for the next request.
 */
typedef enum at_status at_served(const void *request, int shared, struct at_pulse *pulse, struct at_error *error);

/* {.serve = ..., .request_size = ...} and nothing else. */
struct at_server {
    at_served *serve;
    size_t request_size;
    struct at_ward *ward; /* NULL: there is no child */
    pid_t owner;          /* whose child it is: to a fork of that process it is none */
};

/*
 * Has the child do a request of request_size bytes, under `guard`, and waits: statuses as at_guard_run's. Whatever fails ends the child,
 * so that the next request finds none in a bad state. One that has died since the last request is replaced.
 */
enum at_status at_server_ask(struct at_server *server, const struct at_guard *guard, const void *request, int shared,
                             struct at_error *error);

/*
 * The same in two steps, so that several servers work side by side: begin returns at once, and finish of the same server comes before its
 * next request. `guard` is borrowed until then. AT_ERR_IO, AT_ERR_MEMORY: no child could be made, and nothing is begun.
 */
enum at_status at_server_begin(struct at_server *server, const struct at_guard *guard, const void *request, int shared,
                               struct at_error *error);
enum at_status at_server_finish(struct at_server *server, struct at_error *error);

/* Whether at_server_finish of the request that was begun would not wait. */
bool at_server_ready(struct at_server *server);

/* Ends the child, if there is one, whatever it does. */
void at_server_end(struct at_server *server);

#ifdef __cplusplus
}
#endif

#endif
