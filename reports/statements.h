/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_REPORTS_STATEMENTS_H
#define AT_REPORTS_STATEMENTS_H

#include "reports/statement.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Statements on every pool and variant of a store, of one metric against one truth. */

enum { AT_STATED_NAME_SIZE = 160 };

/* Of one pool and variant. */
struct at_stated {
    char what[AT_STATED_NAME_SIZE]; /* "relative RMSE of fa3-fp8 (the largest of its 4 query heads)" */
    char
        source[AT_STATED_NAME_SIZE]; /* "normal:sigma=1 (256 keys, d 64, fp16, 8 of 64 query rows)"; for a long spelling the pool's title */
    struct at_units units;
    struct at_statement statement;
};

struct at_statements {
    const struct at_metric *metric;
    const char *against; /* borrowed from the filter, or static */
    struct at_pools pools;
    struct at_stated *rows; /* [pools.count] */
};

/*
 * filter->metric NULL: rel_rmse; filter->against NULL: original. AT_ERR_UNDEFINED where there are runs, but no head of them has that
 * metric; AT_ERR_NOT_FOUND for an unknown one. Without a run pools.count is 0. Free with at_statements_done.
 */
enum at_status at_statements_load(struct at_store *store, const struct at_filter *filter, const struct at_statement_question *question,
                                  struct at_statements *ret_statements, struct at_error *error);

void at_statements_done(struct at_statements *statements);

#ifdef __cplusplus
}
#endif

#endif
