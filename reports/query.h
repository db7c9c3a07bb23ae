/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_REPORTS_QUERY_H
#define AT_REPORTS_QUERY_H

#include "store/store.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The queries of reports/queries/: the only source of numbers for tables, figures and gates. Each is one file; all begin with chosen.sql.
 */

/* Which part of the database is looked at. NULL and 0: all of it. */
struct at_filter {
    int64_t study_id;  /* one study */
    const char *study; /* studies of that name */
    const char *label; /* cases of that label */
    const char *variant;
    const char *metric;  /* where a query is about metrics */
    const char *against; /* "original" or "dequantised" */
    int64_t bench;       /* one measurement of speed, where a query is about those */
};

/* Runs reports/queries/<name>.sql. Free with at_table_done. */
enum at_status at_query_run(struct at_store *store, const char *name, const struct at_filter *filter, struct at_table *ret_table,
                            struct at_error *error);

/* The cell of a row in the column named so, which the query must have. */
const struct at_cell *at_table_cell(const struct at_table *table, size_t row, const char *column);

#ifdef __cplusplus
}
#endif

#endif
