/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "reports/html.h"

#include "reports/plot.h"
#include "reports/report.h"
#include "reports/svg.h"
#include "reports/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void at_page_looked_at(const struct at_result *r, char ret_text[AT_LOOKED_AT_SIZE])
{
    if (r->rows == r->seq_q)
        snprintf(ret_text, AT_LOOKED_AT_SIZE, "all %" PRId64 " query rows of each of %" PRId64 " heads", r->seq_q, r->heads);
    else
        snprintf(ret_text, AT_LOOKED_AT_SIZE, "%" PRId64 " of %" PRId64 " query rows of each of %" PRId64 " heads", r->rows, r->seq_q,
                 r->heads);
}

enum at_status at_page_load(struct at_page *page, struct at_error *error)
{
    enum at_status status = at_results_load(page->store, page->filter, &page->results, error);
    if (!status)
        status = at_query_run(page->store, "results", page->filter, &page->measures, error);
    if (!status)
        status = at_pools_load(page->store, page->filter, AT_POOL_NONE, &page->runs, error);
    if (!status) {
        page->row = calloc(page->runs.count + 1, sizeof *page->row);
        status = page->row ? at_row_statistics_load(page->store, page->filter, &page->runs, "rel_rmse", "original", page->row, error)
                           : at_fail(error, AT_ERR_MEMORY, "page: no memory for %zu runs", page->runs.count);
    }
    return status;
}

void at_page_done(struct at_page *page)
{
    at_results_done(&page->results);
    at_table_done(&page->measures);
    at_pools_done(&page->runs);
    free(page->row);
    page->row = NULL;
}

static enum at_status compose_cases(struct at_page *page, struct at_error *error)
{
    struct at_table histograms;
    enum at_status status = at_query_run(page->store, "histograms", page->filter, &histograms, error);
    if (status)
        return status;
    at_buffer_text(page->text, "<section id=\"cases\">\n<h2>Case by case</h2>\n");
    for (size_t from = 0, to; !status && from < page->results.count; from = to) {
        char looked_at[AT_LOOKED_AT_SIZE];
        to = at_results_next_case(&page->results, from);
        at_page_looked_at(&page->results.rows[from], looked_at);
        at_buffer_printf(page->text, "<article id=\"case-%zu\">\n", from);
        at_buffer_markup(page->text, "<h3>%s <small>%s</small></h3>\n", page->results.rows[from].title, looked_at);
        at_page_case_table(page, from, to);
        status = at_page_errors_figure(page, from, to, error);
        if (!status)
            status = at_page_histogram_figure(page, &histograms, from, to, error);
        if (!status) {
            at_page_heads(page, from, to);
            at_page_rows(page, from, to);
            at_page_metrics(page, from, to, "original");
            at_page_metrics(page, from, to, "dequantised");
        }
        at_buffer_text(page->text, "</article>\n");
    }
    at_buffer_text(page->text, "</section>\n");
    at_table_done(&histograms);
    return status;
}

/* Of a database that holds no runs, what it holds: speeds, budgets. */
static enum at_status compose_body(struct at_page *page, struct at_error *error)
{
    if (!page->results.count) {
        at_buffer_text(page->text, "<header>\n<h1>Low-precision attention</h1>\n</header>\n");
        enum at_status first = at_page_speed(page, error);
        return first ? first : at_page_budgets(page, error);
    }
    enum at_status status = at_page_summary(page, error);
    if (status)
        return status;
    at_page_overview(page);
    status = at_page_lengths(page, error);
    if (!status)
        status = at_page_sensitivity(page, error);
    if (!status)
        status = at_page_seeds(page, error);
    if (!status)
        status = at_page_statements(page, error);
    if (!status)
        status = at_page_readouts(page, error);
    if (!status)
        status = at_page_budgets(page, error);
    if (!status)
        status = at_page_speed(page, error);
    if (!status)
        status = compose_cases(page, error);
    if (!status)
        status = at_page_provenance(page, error);
    if (!status)
        at_page_glossary(page);
    return status;
}

/* The skeleton with its slots filled; every slot stands once in page.html. */
static void fill(struct at_buffer *text, const char *title, const struct at_buffer *body)
{
    const char *page = at_text_of("page.html");
    for (const char *slot; (slot = strstr(page, "{{")); page = strstr(slot, "}}") + 2) {
        at_buffer_add(text, page, (size_t)(slot - page));
        if (strncmp(slot, "{{title}}", 9) == 0)
            at_buffer_escape(text, title);
        else if (strncmp(slot, "{{style}}", 9) == 0)
            at_buffer_text(text, at_text_of("style.css"));
        else if (strncmp(slot, "{{body}}", 8) == 0 && body->text)
            at_buffer_add(text, body->text, body->length);
    }
    at_buffer_text(text, page);
}

static enum at_status compose(struct at_store *store, const struct at_filter *filter, struct at_buffer *text, struct at_error *error)
{
    struct at_buffer body = {0};
    struct at_page page = {.store = store, .filter = filter, .text = &body};
    enum at_status status = at_plot_check(error);
    if (!status)
        status = at_page_load(&page, error);
    if (!status)
        status = compose_body(&page, error);
    if (!status) {
        char title[256];
        snprintf(title, sizeof title, "attest: %.200s", filter->study ? filter->study : "accuracy of low-precision attention");
        fill(text, title, &body);
        text->failed |= body.failed;
    }
    at_page_done(&page);
    at_buffer_done(&body);
    return status;
}

const struct at_report at_report_html = {
    .name = "html",
    .summary = "one self-contained page: summary, tables, plots, provenance",
    .compose = compose,
};

void at_page_figure(struct at_page *page, const char *svg, const char *title, const char *caption)
{
    at_buffer_text(page->text, "<figure>\n");
    at_svg_embed(page->text, svg, ++page->figures, title, caption);
    at_buffer_markup(page->text, "<figcaption>%s</figcaption>\n</figure>\n", caption);
}
