/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_REPORTS_RESULT_H
#define AT_REPORTS_RESULT_H

#include "reports/query.h"
#include "stats/stats.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The main table (queries/main.sql) with the intervals that are derived from the heads. */

/* NaN where there is no value. */
struct at_result {
    int64_t run, input, rows, seq_q, seq_k, heads, undefined_rows;
    const char *title, *label, *variant, *study; /* owned by the table */
    const char *computed_by;                     /* "twin", or the kernel's name */
    const char *device_kind, *device;            /* on which: "cpu" or "cuda", and its name */
    double rel_rmse, kernel_rel_rmse;            /* the whole error; the kernel's part */
    struct at_interval rel_rmse_95, kernel_95;
    double max_rel, nonfinite, lse_error, saturated, underflowed;
    size_t first_head, head_count; /* into `heads`: against the original inputs */
};

struct at_results {
    struct at_result *rows; /* by case, then by variant */
    size_t count, cases;
    struct at_table table;
    struct at_table heads; /* queries/head_errors.sql */
    double *head_rel_rmse; /* [heads.rows]; NaN where undefined */
};

/* Free with at_results_done. No row is no failure. */
enum at_status at_results_load(struct at_store *store, const struct at_filter *filter, struct at_results *ret_results,
                               struct at_error *error);

void at_results_done(struct at_results *results);

/* The first row of the case after that of row `i`; the loop over cases. */
size_t at_results_next_case(const struct at_results *results, size_t i);

#ifdef __cplusplus
}
#endif

#endif
