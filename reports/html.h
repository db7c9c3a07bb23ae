/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_REPORTS_HTML_H
#define AT_REPORTS_HTML_H

#include "reports/buffer.h"
#include "reports/pool.h"
#include "reports/result.h"
#include "reports/statements.h"
#include "reports/statistics.h"

/* The sections of the page, one file each; shared by the html_*.c files of this folder only. */

struct at_page {
    struct at_store *store;
    const struct at_filter *filter;
    struct at_results results;
    struct at_table measures;      /* queries/results.sql without metric and reference */
    struct at_pools runs;          /* each run by itself */
    struct at_row_statistics *row; /* [runs.count] relative RMSE of single rows, whole error */
    struct at_buffer *text;
    int figures; /* drawn so far */
};

/* Loads what the sections share, for `store` and `filter`; free with at_page_done, whatever it returns. */
enum at_status at_page_load(struct at_page *page, struct at_error *error);
void at_page_done(struct at_page *page);

/* What was looked at and found, in words that claim no more than that. */
enum at_status at_page_summary(struct at_page *page, struct at_error *error);

/* Variants by cases: relative RMSE with its interval. */
void at_page_overview(struct at_page *page);

/* The table of the case of results [from, to). */
void at_page_case_table(struct at_page *page, size_t from, size_t to);

/* All metrics of that case against one truth, metrics by variants. */
void at_page_metrics(struct at_page *page, size_t from, size_t to, const char *against);

/* Smallest, median and largest head of that case, and which are the worst. */
void at_page_heads(struct at_page *page, size_t from, size_t to);

/* Mean, median, 95 % quantile and worst of that case's relative RMSE over its rows; nothing where no row has one. */
void at_page_rows(struct at_page *page, size_t from, size_t to);

/* Pooled RMSE and relative RMSE of inputs drawn with several seeds; nothing where there are none. */
enum at_status at_page_seeds(struct at_page *page, struct at_error *error);

/* A drawing (gnuplot's SVG) with its title, for those who do not see it, and the caption below it. */
void at_page_figure(struct at_page *page, const char *svg, const char *title, const char *caption);

/* What the heads say of others from the same source, in figures and sentences; nothing where there are none. */
enum at_status at_page_statements(struct at_page *page, struct at_error *error);

/* Errors of the heads of pools [from, to) with the tails fitted to them; nothing where there is none. */
enum at_status at_page_tails_figure(struct at_page *page, const struct at_statements *stated, size_t from, size_t to,
                                    struct at_error *error);

/* What readouts make of the outputs; nothing where there are none. */
enum at_status at_page_readouts(struct at_page *page, struct at_error *error);

/* A cell of a table: the number, and beneath it its interval if it has one. */
void at_page_cell(struct at_page *page, struct at_statistic statistic);

/* Dots of that case's relative RMSE; ridges of its errors. */
enum at_status at_page_errors_figure(struct at_page *page, size_t from, size_t to, struct at_error *error);
enum at_status at_page_histogram_figure(struct at_page *page, const struct at_table *histograms, size_t from, size_t to,
                                        struct at_error *error);

/* Error against length for each label with more than one length; nothing where there is none. */
enum at_status at_page_lengths(struct at_page *page, struct at_error *error);

/* Fitted exponents of each sweep with a figure; nothing where there is none. */
enum at_status at_page_sensitivity(struct at_page *page, struct at_error *error);

/* The error budgets that attest explain made, with the changes that it measured; nothing where there are none. */
enum at_status at_page_budgets(struct at_page *page, struct at_error *error);

/* What attest bench measured: a table and speed over error for each GPU, head dimension and mask; nothing where there is none. */
enum at_status at_page_speed(struct at_page *page, struct at_error *error);

/* Builds, devices, studies, cases, variants, runs and references; the glossary of metrics. */
enum at_status at_page_provenance(struct at_page *page, struct at_error *error);
void at_page_glossary(struct at_page *page);

/* "64 of 1024 query rows of each of 12 heads"; "all 128 query rows of each of 4 heads". */
enum { AT_LOOKED_AT_SIZE = 128 };
void at_page_looked_at(const struct at_result *result, char ret_text[AT_LOOKED_AT_SIZE]);

#endif
