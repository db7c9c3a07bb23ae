/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "reports/result.h"

#include "reports/interval.h"
#include "reports/number.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int64_t integer(const struct at_table *t, size_t row, const char *column)
{
    const struct at_cell *cell = at_table_cell(t, row, column);
    return cell->kind == AT_CELL_INTEGER ? cell->integer : 0;
}

static double number(const struct at_table *t, size_t row, const char *column)
{
    return at_cell_number(at_table_cell(t, row, column));
}

static struct at_result read_row(const struct at_table *t, size_t i)
{
    return (struct at_result){
        .run = integer(t, i, "run"),
        .input = integer(t, i, "input"),
        .rows = integer(t, i, "rows"),
        .seq_q = integer(t, i, "seq_q"),
        .seq_k = integer(t, i, "seq_k"),
        .heads = integer(t, i, "heads"),
        .undefined_rows = integer(t, i, "undefined_rows"),
        .title = at_table_cell(t, i, "case")->text,
        .label = at_table_cell(t, i, "label")->text,
        .variant = at_table_cell(t, i, "variant")->text,
        .study = at_table_cell(t, i, "study")->text,
        .computed_by = at_table_cell(t, i, "computed_by")->text,
        .device_kind = at_table_cell(t, i, "device_kind")->text,
        .device = at_table_cell(t, i, "device")->text,
        .rel_rmse = number(t, i, "rel_rmse"),
        .kernel_rel_rmse = number(t, i, "kernel_rel_rmse"),
        .rel_rmse_95 = {NAN, NAN},
        .kernel_95 = {NAN, NAN},
        .max_rel = number(t, i, "max_rel_sum_abs"),
        .nonfinite = number(t, i, "nonfinite"),
        .lse_error = number(t, i, "lse_error"),
        .saturated = number(t, i, "saturated"),
        .underflowed = number(t, i, "underflowed"),
    };
}

/* The heads [from, to) of table `heads` are those of one run and reference. */
static enum at_status add_interval(struct at_results *r, size_t from, size_t to, const double *rmse)
{
    int64_t run = integer(&r->heads, from, "run");
    struct at_result *row = NULL;
    for (size_t i = 0; i < r->count && !row; i++)
        if (r->rows[i].run == run)
            row = &r->rows[i];
    if (!row)
        return AT_OK;
    bool whole = strcmp(at_table_cell(&r->heads, from, "against")->text, "original") == 0;
    if (whole) {
        row->first_head = from;
        row->head_count = to - from;
    }
    /* Without an interval NaN stays: a row of few heads is no failure. */
    enum at_status status =
        at_interval_rel_rmse(rmse + from, r->head_rel_rmse + from, to - from, (size_t)integer(&r->heads, from, "head_group"),
                             whole ? row->rel_rmse : row->kernel_rel_rmse, whole ? &row->rel_rmse_95 : &row->kernel_95);
    return status == AT_ERR_UNDEFINED ? AT_OK : status;
}

static enum at_status add_heads(struct at_results *r)
{
    size_t n = r->heads.rows;
    double *rmse = malloc((n + 1) * sizeof *rmse);
    r->head_rel_rmse = malloc((n + 1) * sizeof *r->head_rel_rmse);
    enum at_status status = rmse && r->head_rel_rmse ? AT_OK : AT_ERR_MEMORY;
    for (size_t i = 0; !status && i < n; i++) {
        rmse[i] = number(&r->heads, i, "rmse");
        r->head_rel_rmse[i] = number(&r->heads, i, "rel_rmse");
    }
    for (size_t from = 0, to; !status && from < n; from = to) {
        for (to = from + 1; to < n && integer(&r->heads, to, "run") == integer(&r->heads, from, "run") &&
                            strcmp(at_table_cell(&r->heads, to, "against")->text, at_table_cell(&r->heads, from, "against")->text) == 0;)
            to++;
        status = add_interval(r, from, to, rmse);
    }
    free(rmse);
    return status;
}

enum at_status at_results_load(struct at_store *store, const struct at_filter *filter, struct at_results *ret_results,
                               struct at_error *error)
{
    struct at_results made = {0};
    enum at_status status = at_query_run(store, "main", filter, &made.table, error);
    if (!status)
        status = at_query_run(store, "head_errors", filter, &made.heads, error);
    if (!status) {
        made.rows = malloc((made.table.rows + 1) * sizeof *made.rows);
        for (; made.rows && made.count < made.table.rows; made.count++)
            made.rows[made.count] = read_row(&made.table, made.count);
        status = made.rows ? add_heads(&made) : AT_ERR_MEMORY;
        if (status)
            at_fail(error, status, "results: no memory for %zu rows", made.table.rows + made.heads.rows);
    }
    for (size_t i = 0; i < made.count; i = at_results_next_case(&made, i))
        made.cases++;
    if (status)
        at_results_done(&made);
    else
        *ret_results = made;
    return status;
}

void at_results_done(struct at_results *results)
{
    free(results->rows);
    free(results->head_rel_rmse);
    at_table_done(&results->table);
    at_table_done(&results->heads);
    *results = (struct at_results){0};
}

size_t at_results_next_case(const struct at_results *results, size_t i)
{
    const char *title = results->rows[i].title;
    while (i < results->count && strcmp(results->rows[i].title, title) == 0)
        i++;
    return i;
}
