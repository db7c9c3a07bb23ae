/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "core/name.h"

#include <stdio.h>
#include <string.h>

enum { LONGEST = 64 };

static size_t edit_distance(const char *a, const char *b)
{
    size_t m = strnlen(a, LONGEST), n = strnlen(b, LONGEST);
    size_t row[LONGEST + 1];
    for (size_t j = 0; j <= n; j++)
        row[j] = j;
    for (size_t i = 1; i <= m; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= n; j++) {
            size_t substituted = diagonal + (a[i - 1] != b[j - 1]);
            size_t shorter = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
            diagonal = row[j];
            row[j] = substituted < shorter ? substituted : shorter;
        }
    }
    return row[n];
}

const char *at_name_nearest(const char *wanted, const char *const *names, size_t count)
{
    const char *best = NULL;
    size_t limit = strnlen(wanted, LONGEST) / 2 + 1;
    for (size_t i = 0; i < count; i++) {
        size_t distance = edit_distance(wanted, names[i]);
        if (distance < limit) {
            best = names[i];
            limit = distance;
        }
    }
    return best;
}

const char *at_name_hint(const char *wanted, const char *const *names, size_t count, char ret_hint[AT_NAME_HINT_SIZE])
{
    const char *nearest = at_name_nearest(wanted, names, count);
    snprintf(ret_hint, AT_NAME_HINT_SIZE, nearest ? "; the nearest is '%.96s'" : "", nearest);
    return ret_hint;
}
