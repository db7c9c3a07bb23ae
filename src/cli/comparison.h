/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_CLI_COMPARISON_H
#define AT_CLI_COMPARISON_H

#include "reports/comparison.h"

#include <jansson.h>

/* attest show comparison: a table for each case, and the JSON array of all rows. */
void at_comparisons_print(const struct at_comparisons *comparisons, const char *baseline);
json_t *at_comparisons_json(const struct at_comparisons *comparisons, const char *baseline);

#endif
