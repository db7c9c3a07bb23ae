/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "reports/buffer.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool reserve(struct at_buffer *b, size_t more)
{
    if (b->failed)
        return false;
    if (b->length + more + 1 <= b->capacity)
        return true;
    size_t capacity = b->capacity ? b->capacity : 4096;
    while (capacity < b->length + more + 1)
        capacity *= 2;
    char *text = realloc(b->text, capacity);
    if (!text) {
        b->failed = true;
        return false;
    }
    b->text = text;
    b->capacity = capacity;
    return true;
}

void at_buffer_done(struct at_buffer *buffer)
{
    free(buffer->text);
    *buffer = (struct at_buffer){0};
}

void at_buffer_add(struct at_buffer *buffer, const char *text, size_t length)
{
    if (!reserve(buffer, length))
        return;
    memcpy(buffer->text + buffer->length, text, length);
    buffer->length += length;
    buffer->text[buffer->length] = '\0';
}

void at_buffer_text(struct at_buffer *buffer, const char *text)
{
    at_buffer_add(buffer, text, strlen(text));
}

void at_buffer_printf(struct at_buffer *buffer, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    if (length < 0) {
        buffer->failed = true;
    } else if (reserve(buffer, (size_t)length)) {
        vsnprintf(buffer->text + buffer->length, (size_t)length + 1, format, again);
        buffer->length += (size_t)length;
    }
    va_end(again);
    va_end(args);
}

/* Bytes of the well-formed UTF-8 sequence at s: 1 to 4, or 0 (Unicode 15, table 3-7). */
static size_t sequence(const unsigned char *s)
{
    if (s[0] < 0x80)
        return 1;
    size_t length = s[0] >= 0xc2 && s[0] <= 0xdf ? 2 : (s[0] & 0xf0) == 0xe0 ? 3 : s[0] >= 0xf0 && s[0] <= 0xf4 ? 4 : 0;
    for (size_t i = 1; i < length; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) || (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
        return 0;
    return length;
}

void at_buffer_escape(struct at_buffer *buffer, const char *text)
{
    static const char replacement[] = "\xef\xbf\xbd"; /* U+FFFD */
    for (const unsigned char *s = (const unsigned char *)text; *s;) {
        size_t length = sequence(s);
        if (length == 0 || (*s < 0x20 && *s != '\n' && *s != '\t') || *s == 0x7f)
            at_buffer_text(buffer, replacement);
        else if (*s == '&')
            at_buffer_text(buffer, "&amp;");
        else if (*s == '<')
            at_buffer_text(buffer, "&lt;");
        else if (*s == '>')
            at_buffer_text(buffer, "&gt;");
        else if (*s == '"')
            at_buffer_text(buffer, "&quot;");
        else if (*s == '\'')
            at_buffer_text(buffer, "&#39;");
        else
            at_buffer_add(buffer, (const char *)s, length);
        s += length ? length : 1;
    }
}

void at_buffer_markup(struct at_buffer *buffer, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    for (const char *percent; (percent = strchr(format, '%')); format = percent + 2) {
        at_buffer_add(buffer, format, (size_t)(percent - format));
        assert(percent[1] == 's' || percent[1] == '%');
        if (percent[1] == '%') {
            at_buffer_add(buffer, "%", 1);
        } else {
            at_buffer_escape(buffer, va_arg(args, const char *));
        }
    }
    va_end(args);
    at_buffer_text(buffer, format);
}
