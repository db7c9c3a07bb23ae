/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_CORE_STATUS_H
#define AT_CORE_STATUS_H

/*
 * Every fallible function returns an `enum at_status`; its results are `ret_` parameters, untouched on failure. The optional
 * `struct at_error` receives one line that names the thing, the place and the remedy. Libraries never print and never exit.
 */

#ifdef __cplusplus
extern "C" {
#endif

enum at_status {
    AT_OK = 0,
    AT_ERR_ARGUMENT = -1,    /* a value given by the user is out of its domain */
    AT_ERR_NOT_FOUND = -2,   /* a named thing does not exist */
    AT_ERR_IO = -3,          /* the system refused to read or write */
    AT_ERR_FORMAT = -4,      /* content is malformed or truncated */
    AT_ERR_UNSUPPORTED = -5, /* well-formed, but nothing here can do it */
    AT_ERR_MEMORY = -6,
    AT_ERR_BUSY = -7,        /* locked by another process */
    AT_ERR_VERSION = -8,     /* written by a newer attest */
    AT_ERR_FULL = -9,        /* no space left */
    AT_ERR_UNDEFINED = -10,  /* a quantity has no value here (0/0, no data); stored as NULL */
    AT_ERR_INTERRUPTED = -11, /* stopped by a signal, between two facts */
    AT_ERR_TIMEOUT = -12,     /* no sign of life within a time limit */
    AT_ERR_DEVICE = -13       /* a device or its driver failed */
};

struct at_error {
    char message[1024]; /* one line, NUL-terminated, no newline */
};

/* Writes the formatted message into `error` (may be NULL) and returns `status`, so that a failure is one statement. */
enum at_status at_fail(struct at_error *error, enum at_status status, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Prefixes the message of `error` (may be NULL) with "<context>: " and returns `status` unchanged. */
enum at_status at_fail_in(struct at_error *error, enum at_status status, const char *context);

/* The status' short name ("not found"); static storage. */
const char *at_status_name(enum at_status status);

#ifdef __cplusplus
}
#endif

#endif
