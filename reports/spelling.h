/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_REPORTS_SPELLING_H
#define AT_REPORTS_SPELLING_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The spelling of generated inputs as it is stored: "distribution:name=value,name=value". */

/* Whether it is one of `distribution`. */
bool at_spelling_of(const char *spelling, const char *distribution);

/* The digits of parameter `name`, *ret_length of them, within `spelling`; NULL where it has no such parameter. */
const char *at_spelling_value(const char *spelling, const char *name, size_t *ret_length);

/* The parameter that begins at `at`, a ':' or ',' of a spelling: copied to ret_name. Returns where the next begins, or NULL. */
enum { AT_SPELLING_NAME_SIZE = 64 };
const char *at_spelling_next(const char *at, char ret_name[AT_SPELLING_NAME_SIZE]);

#ifdef __cplusplus
}
#endif

#endif
