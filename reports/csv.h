/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_REPORTS_CSV_H
#define AT_REPORTS_CSV_H

#include "reports/buffer.h"
#include "store/store.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Appends a table with its column names as comma-separated values (RFC 4180): numbers with all digits, NULL as an empty field. */
void at_csv_add(struct at_buffer *buffer, const struct at_table *table);

#ifdef __cplusplus
}
#endif

#endif
