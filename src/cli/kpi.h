/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_CLI_KPI_H
#define AT_CLI_KPI_H

#include "study/kpi_judge.h"

#include <jansson.h>

/* What a KPI said, for a terminal: a table for each variant, its verdict, and what the words mean. */
void at_kpi_print(const struct at_kpi *kpi, const struct at_kpi_result *result);

/* The same as an object (docs/command.md, "JSON"). New reference. */
json_t *at_kpi_json(const struct at_kpi *kpi, const struct at_kpi_result *result);

#endif
