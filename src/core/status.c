/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "core/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Text from outside (names, paths) may hold line ends and escape sequences; a message stays one harmless line. UTF-8 passes. */
static void make_one_line(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            *text = '?';
}

enum at_status at_fail(struct at_error *error, enum at_status status, const char *format, ...)
{
    if (error) {
        va_list args;
        va_start(args, format);
        vsnprintf(error->message, sizeof error->message, format, args);
        va_end(args);
        make_one_line(error->message);
    }
    return status;
}

enum at_status at_fail_in(struct at_error *error, enum at_status status, const char *context)
{
    if (error) {
        char inner[sizeof error->message];
        memcpy(inner, error->message, sizeof inner);
        int used = snprintf(error->message, sizeof error->message, "%s: ", context);
        if (used >= 0 && (size_t)used < sizeof error->message) {
            size_t room = sizeof error->message - (size_t)used - 1;
            size_t length = strnlen(inner, room);
            memcpy(error->message + used, inner, length);
            error->message[(size_t)used + length] = '\0';
        }
        make_one_line(error->message);
    }
    return status;
}

const char *at_status_name(enum at_status status)
{
    switch (status) {
    case AT_OK: return "ok";
    case AT_ERR_ARGUMENT: return "bad argument";
    case AT_ERR_NOT_FOUND: return "not found";
    case AT_ERR_IO: return "input/output error";
    case AT_ERR_FORMAT: return "malformed";
    case AT_ERR_UNSUPPORTED: return "unsupported";
    case AT_ERR_MEMORY: return "out of memory";
    case AT_ERR_BUSY: return "busy";
    case AT_ERR_VERSION: return "newer version";
    case AT_ERR_FULL: return "no space left";
    case AT_ERR_UNDEFINED: return "undefined";
    case AT_ERR_INTERRUPTED: return "interrupted";
    case AT_ERR_TIMEOUT: return "timed out";
    case AT_ERR_DEVICE: return "device failed";
    }
    return "unknown status";
}
