/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "core/server.h"

#include "core/guard_state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Room for one file descriptor beside a message. */
union control {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(int))];
};

/* A request, with the descriptor if there is one; false where nobody listens. A request is short: it goes in one piece. */
static bool send_request(int out, const void *request, size_t size, int shared)
{
    union control control;
    struct iovec part = {(void *)(uintptr_t)request, size};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    memset(&control, 0, sizeof control);
    if (shared >= 0) {
        message.msg_control = &control;
        message.msg_controllen = sizeof control.bytes;
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        *header = (struct cmsghdr){.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof shared)};
        memcpy(CMSG_DATA(header), &shared, sizeof shared);
    }
    ssize_t sent;
    do
        sent = sendmsg(out, &message, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent == (ssize_t)size;
}

/* False where nobody will ask any more. */
static bool receive_request(int in, void *request, size_t size, int *ret_shared)
{
    union control control;
    struct iovec part = {request, size};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control.bytes};
    ssize_t count;
    *ret_shared = -1;
    do
        count = recvmsg(in, &message, MSG_CMSG_CLOEXEC);
    while (count < 0 && errno == EINTR);
    struct cmsghdr *header = count > 0 ? CMSG_FIRSTHDR(&message) : NULL;
    if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS)
        memcpy(ret_shared, CMSG_DATA(header), sizeof *ret_shared);
    return count == (ssize_t)size;
}

/* The child's life. */
static void serve(const void *context, int line)
{
    const struct at_server *server = context;
    struct at_pulse pulse = {line};
    void *request = malloc(server->request_size);
    int shared;
    while (request && receive_request(line, request, server->request_size, &shared)) {
        struct at_guard_message message = {.kind = AT_GUARD_ANSWER};
        message.status = server->serve(request, shared, &pulse, &message.error);
        if (shared >= 0)
            close(shared);
        if (!at_guard_put(line, &message, sizeof message))
            _exit(1);
    }
    _exit(0);
}

static enum at_status start(struct at_server *server, const struct at_guard *guard, struct at_error *error)
{
    int line[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, line) != 0)
        return at_fail(error, AT_ERR_IO, "%s: no socket to a process of its own (%s)", guard->what, strerror(errno));
    server->owner = getpid();
    return at_ward_make(guard, line, serve, server, &server->ward, error);
}

enum at_status at_server_begin(struct at_server *server, const struct at_guard *guard, const void *request, int shared,
                               struct at_error *error)
{
    if (server->ward && server->owner != getpid())
        server->ward = NULL; /* the parent's, whose copy stays as it is */
    if (server->ward && !send_request(server->ward->in, request, server->request_size, shared))
        at_server_end(server);
    else if (server->ward)
        at_ward_begin(server->ward, guard);
    if (server->ward)
        return AT_OK;
    enum at_status status = start(server, guard, error);
    if (!status && !send_request(server->ward->in, request, server->request_size, shared))
        server->ward->end = AT_WARD_LEFT;
    return status;
}

bool at_server_ready(struct at_server *server)
{
    return at_guard_ready(server->ward);
}

enum at_status at_server_finish(struct at_server *server, struct at_error *error)
{
    if (at_ward_await(server->ward) && !server->ward->message.status)
        return AT_OK;
    if (server->ward->end == AT_WARD_ANSWERED)
        kill(server->ward->child, SIGKILL); /* it would wait for the next request */
    struct at_ward *ward = server->ward;
    server->ward = NULL;
    return at_ward_settle(ward, error);
}

enum at_status at_server_ask(struct at_server *server, const struct at_guard *guard, const void *request, int shared,
                             struct at_error *error)
{
    enum at_status status = at_server_begin(server, guard, request, shared, error);
    return status ? status : at_server_finish(server, error);
}

void at_server_end(struct at_server *server)
{
    if (server->owner == getpid())
        at_guard_end(server->ward);
    server->ward = NULL;
}
