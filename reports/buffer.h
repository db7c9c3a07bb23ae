/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_REPORTS_BUFFER_H
#define AT_REPORTS_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Text that grows. Starts as {0}. Running out of memory sets `failed` and drops what follows: check it once, at the end. */
struct at_buffer {
    char *text; /* NUL-terminated once something was added; owned */
    size_t length, capacity;
    bool failed;
};

void at_buffer_done(struct at_buffer *buffer);

/* Appends `length` bytes as they are. */
void at_buffer_add(struct at_buffer *buffer, const char *text, size_t length);

/* Appends a NUL-terminated text as it is. */
void at_buffer_text(struct at_buffer *buffer, const char *text);

void at_buffer_printf(struct at_buffer *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * Appends `text` for HTML text and double- or single-quoted attributes: & < > " ' become references; control characters other than
 * newline and tab, and bytes that are not UTF-8, become U+FFFD.
 */
void at_buffer_escape(struct at_buffer *buffer, const char *text);

/*
 * Appends markup: `format` as it is, each %s the escaped argument. No other conversion exists, so nothing reaches a page
 * unescaped by accident.
 */
void at_buffer_markup(struct at_buffer *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));

#ifdef __cplusplus
}
#endif

#endif
