/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_CLI_BUDGET_TABLE_H
#define AT_CLI_BUDGET_TABLE_H

#include "study/account.h"

#include <jansson.h>

/* The table of one account for a terminal: shares, remainder, advice. */
void at_budget_print(const struct at_account *account);

/* The same as an object. New reference. */
json_t *at_budget_json(const struct at_account *account);

#endif
