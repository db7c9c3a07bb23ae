/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STUDY_SEARCH_FAMILY_FILE_H
#define AT_STUDY_SEARCH_FAMILY_FILE_H

#include "study/search_family.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Whether --family names a file and spells no family: it ends in .yaml or .yml, or holds a slash. */
bool at_search_family_is_file(const char *text);

/*
 * Reads a family from a YAML file (docs/search.md, "A family"): the distribution, a list of parameters with a value, a range or any, and
 * what the rest is. Refuses with file, line and key what at_search_family_read refuses; unknown names get the nearest one.
 */
enum at_status at_search_family_load(const char *path, struct at_search_family *ret_family, struct at_error *error);

#ifdef __cplusplus
}
#endif

#endif
