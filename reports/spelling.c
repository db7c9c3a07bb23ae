/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "reports/spelling.h"

#include <stdio.h>
#include <string.h>

bool at_spelling_of(const char *spelling, const char *distribution)
{
    size_t length = strcspn(spelling, ":");
    return strlen(distribution) == length && strncmp(spelling, distribution, length) == 0;
}

const char *at_spelling_value(const char *spelling, const char *name, size_t *ret_length)
{
    size_t length = strlen(name);
    for (const char *at = strpbrk(spelling, ":,"); at; at = strpbrk(at + 1, ":,"))
        if (strncmp(at + 1, name, length) == 0 && at[1 + length] == '=') {
            const char *value = at + length + 2;
            *ret_length = strcspn(value, ",");
            return value;
        }
    return NULL;
}

const char *at_spelling_next(const char *at, char ret_name[AT_SPELLING_NAME_SIZE])
{
    snprintf(ret_name, AT_SPELLING_NAME_SIZE, "%.*s", (int)strcspn(at + 1, "=,"), at + 1);
    return strchr(at + 1, ',');
}
