/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/value.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

bool at_value_integer(const char *text, uint64_t low, uint64_t high, uint64_t *ret_value)
{
    uint64_t value = 0;
    if (!*text)
        return false;
    for (const char *at = text; *at; at++) {
        if (*at < '0' || *at > '9' || __builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, *at - '0', &value))
            return false;
    }
    if (value < low || value > high)
        return false;
    *ret_value = value;
    return true;
}

bool at_value_real(const char *text, double *ret_value)
{
    char *end;
    if (!*text || text[strspn(text, "0123456789+-.eE")])
        return false;
    double value = strtod(text, &end);
    if (*end || !isfinite(value))
        return false;
    *ret_value = value;
    return true;
}

bool at_value_truth(const char *text, bool *ret_value)
{
    bool value = strcmp(text, "true") == 0;
    if (!value && strcmp(text, "false") != 0)
        return false;
    *ret_value = value;
    return true;
}
