/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_CLI_VERDICT_H
#define AT_CLI_VERDICT_H

#include "reports/result.h"

#include <jansson.h>

/* The main table for a terminal, with a line above each case that says what was looked at. */
void at_verdict_print(const struct at_results *results);

/* The same as an array of objects. New reference. */
json_t *at_verdict_json(const struct at_results *results);

#endif
