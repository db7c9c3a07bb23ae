/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_CORE_NAME_H
#define AT_CORE_NAME_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The entry of `names` (count >= 0, each NUL-terminated) with the smallest Levenshtein distance to `wanted`, or NULL when none is
 * nearer than half the length of `wanted` plus one: then no suggestion is better than a wrong one. The first of equals wins.
 */
const char *at_name_nearest(const char *wanted, const char *const *names, size_t count);

/* "; the nearest is 'x'", to be put into a message, or "" where nothing is near; writes into ret_hint and returns it. */
enum { AT_NAME_HINT_SIZE = 128 };
const char *at_name_hint(const char *wanted, const char *const *names, size_t count, char ret_hint[AT_NAME_HINT_SIZE]);

#ifdef __cplusplus
}
#endif

#endif
