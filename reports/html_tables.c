/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "reports/html.h"

#include "metrics/metric.h"
#include "reports/number.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CASES_ACROSS = 6 }; /* cases beside each other that a printed page holds */

static void add_text(struct at_buffer *b, double value, const char *text)
{
    at_buffer_markup(b, isfinite(value) || isnan(value) ? "%s" : "<span class=\"bad\">%s</span>", text);
}

static void add_number(struct at_buffer *b, double value)
{
    char text[AT_NUMBER_SIZE];
    at_number_print(value, text);
    add_text(b, value, text);
}

static void add_interval(struct at_buffer *b, struct at_interval interval)
{
    if (isnan(interval.low))
        return;
    at_buffer_text(b, "<span class=\"ci\">");
    add_number(b, interval.low);
    at_buffer_text(b, " to ");
    add_number(b, interval.high);
    at_buffer_text(b, "</span>");
}

static void add_cell(struct at_buffer *b, double value)
{
    at_buffer_text(b, "<td class=\"n\">");
    add_number(b, value);
    at_buffer_text(b, "</td>");
}

void at_page_cell(struct at_page *page, struct at_statistic statistic)
{
    at_buffer_text(page->text, "<td class=\"n\">");
    add_number(page->text, statistic.value);
    add_interval(page->text, statistic.interval);
    at_buffer_text(page->text, "</td>");
}

/* The result of `variant` in the case that begins at `from`, or NULL. */
static const struct at_result *find(const struct at_results *r, size_t from, const char *variant)
{
    for (size_t i = from, to = at_results_next_case(r, from); i < to; i++)
        if (strcmp(r->rows[i].variant, variant) == 0)
            return &r->rows[i];
    return NULL;
}

/* A bar as long as the value's place between the smallest and the largest of the page, on a log scale. */
static void add_bar(struct at_page *page, double value)
{
    double low = INFINITY, high = 0;
    for (size_t i = 0; i < page->results.count; i++) {
        double other = page->results.rows[i].rel_rmse;
        low = other > 0 && other < low ? other : low;
        high = isfinite(other) && other > high ? other : high;
    }
    double share = value > 0 && isfinite(value) && high > low ? 0.06 + 0.94 * log(value / low) / log(high / low) : value > 0 ? 1 : 0;
    at_buffer_printf(page->text, "<span class=\"bar\" aria-hidden=\"true\"><i style=\"width:%.0f%%\"></i></span>", 100 * share);
}

static bool seen_before(const struct at_results *r, size_t i)
{
    for (size_t j = 0; j < i; j++)
        if (strcmp(r->rows[j].variant, r->rows[i].variant) == 0)
            return true;
    return false;
}

static void overview_of(struct at_page *page, const size_t *starts, size_t count)
{
    const struct at_results *r = &page->results;
    at_buffer_text(page->text,
                   "<div class=\"wide\"><table class=\"matrix\">\n<caption>Relative RMSE of the whole error, with its interval. Bars "
                   "are on one log scale for the whole page.</caption>\n<thead><tr><th scope=\"col\">Variant</th>");
    for (size_t c = 0; c < count; c++) {
        at_buffer_printf(page->text, "<th scope=\"col\" class=\"n\"><a href=\"#case-%zu\">", starts[c]);
        at_buffer_markup(page->text, "%s</a></th>", r->rows[starts[c]].title);
    }
    at_buffer_text(page->text, "</tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < r->count; i++) {
        size_t there = 0;
        for (size_t c = 0; c < count; c++)
            there += find(r, starts[c], r->rows[i].variant) != NULL;
        if (there == 0 || seen_before(r, i))
            continue;
        at_buffer_markup(page->text, "<tr><th scope=\"row\">%s</th>", r->rows[i].variant);
        for (size_t c = 0; c < count; c++) {
            const struct at_result *cell = find(r, starts[c], r->rows[i].variant);
            if (!cell) {
                at_buffer_text(page->text, "<td class=\"n absent\">not run</td>");
                continue;
            }
            at_buffer_text(page->text, "<td class=\"n\">");
            add_number(page->text, cell->rel_rmse);
            add_bar(page, cell->rel_rmse);
            add_interval(page->text, cell->rel_rmse_95);
            at_buffer_text(page->text, "</td>");
        }
        at_buffer_text(page->text, "</tr>\n");
    }
    at_buffer_text(page->text, "</tbody></table></div>\n");
}

void at_page_overview(struct at_page *page)
{
    size_t starts[CASES_ACROSS], count = 0, cases = page->results.cases;
    size_t tables = (cases + CASES_ACROSS - 1) / CASES_ACROSS, across = tables ? (cases + tables - 1) / tables : 1; /* of equal width */
    at_buffer_text(page->text, "<section id=\"overview\">\n<h2>Variants by cases</h2>\n");
    for (size_t from = 0; from < page->results.count; from = at_results_next_case(&page->results, from)) {
        starts[count++] = from;
        if (count == across || at_results_next_case(&page->results, from) == page->results.count) {
            overview_of(page, starts, count);
            count = 0;
        }
    }
    at_buffer_text(page->text, "</section>\n");
}

void at_page_case_table(struct at_page *page, size_t from, size_t to)
{
    at_buffer_text(
        page->text,
        "<div class=\"wide\"><table>\n<thead><tr><th scope=\"col\">Variant</th><th scope=\"col\" class=\"n\">Relative RMSE</th>"
        "<th scope=\"col\" class=\"n\">Of it the kernel</th><th scope=\"col\" class=\"n\">Max error / &Sigma;&#8202;p&middot;|v|</th>"
        "<th scope=\"col\" class=\"n\">LSE error</th><th scope=\"col\" class=\"n\">Non-finite outputs</th>"
        "<th scope=\"col\" class=\"n\">Saturated</th><th scope=\"col\" class=\"n\">Underflowed</th></tr></thead>\n<tbody>\n");
    for (size_t i = from; i < to; i++) {
        const struct at_result *r = &page->results.rows[i];
        at_buffer_markup(page->text, "<tr><th scope=\"row\">%s</th>", r->variant);
        at_page_cell(page, (struct at_statistic){r->rel_rmse, r->rel_rmse_95});
        at_page_cell(page, (struct at_statistic){r->kernel_rel_rmse, r->kernel_95});
        add_cell(page->text, r->max_rel);
        add_cell(page->text, r->lse_error);
        at_buffer_text(page->text, r->nonfinite > 0 ? "<td class=\"n bad\">" : "<td class=\"n\">");
        add_number(page->text, r->nonfinite);
        at_buffer_text(page->text, "</td>");
        add_cell(page->text, r->saturated);
        add_cell(page->text, r->underflowed);
        at_buffer_text(page->text, "</tr>\n");
    }
    at_buffer_text(page->text, "</tbody></table></div>\n");
}

/* The measure of a run, or NULL when there is none. */
static const struct at_cell *measure(const struct at_page *page, int64_t run, const char *against, const char *metric, const char *column)
{
    const struct at_table *t = &page->measures;
    size_t of_run = (size_t)at_table_column(t, "run");
    for (size_t i = 0; i < t->rows; i++)
        if (t->cells[i * t->columns + of_run].integer == run && strcmp(at_table_cell(t, i, "metric")->text, metric) == 0 &&
            strcmp(at_table_cell(t, i, "against")->text, against) == 0)
            return at_table_cell(t, i, column);
    return NULL;
}

/* A radius is shown where it reaches the digits shown. */
static void add_measure(struct at_page *page, int64_t run, const char *against, const char *metric)
{
    const struct at_cell *value = measure(page, run, against, metric, "value"), *radius = measure(page, run, against, metric, "radius");
    double number = value ? at_cell_number(value) : NAN, moved = radius ? at_cell_number(radius) : NAN;
    char text[AT_NUMBER_SIZE];
    at_buffer_text(page->text, "<td class=\"n\">");
    at_value_print(metric, number, text);
    add_text(page->text, number, text);
    if (moved > 5e-4 * fabs(number)) {
        at_buffer_text(page->text, "<span class=\"ci\">&plusmn;&#8202;");
        add_number(page->text, moved);
        at_buffer_text(page->text, "</span>");
    }
    at_buffer_text(page->text, "</td>");
}

void at_page_metrics(struct at_page *page, size_t from, size_t to, const char *against)
{
    const struct at_results *r = &page->results;
    bool whole = strcmp(against, "original") == 0;
    at_buffer_markup(page->text,
                     "<details><summary>All metrics, %s</summary>\n<div class=\"wide\"><table class=\"small metrics\">\n<thead><tr>"
                     "<th scope=\"col\">Metric</th>",
                     whole ? "of the whole error" : "of the kernel's part");
    for (size_t i = from; i < to; i++)
        at_buffer_markup(page->text, "<th scope=\"col\" class=\"n\">%s</th>", r->rows[i].variant);
    at_buffer_text(page->text, "</tr></thead>\n<tbody>\n");
    for (size_t m = 0; m < at_metric_count; m++) {
        bool there = false;
        for (size_t i = from; i < to; i++)
            there |= measure(page, r->rows[i].run, against, at_metrics[m]->name, "value") != NULL;
        if (!there)
            continue;
        at_buffer_markup(page->text, "<tr><th scope=\"row\">%s%s%s%s</th>", at_metrics[m]->label, *at_metrics[m]->unit ? " (" : "",
                         at_metrics[m]->unit, *at_metrics[m]->unit ? ")" : "");
        for (size_t i = from; i < to; i++)
            add_measure(page, r->rows[i].run, against, at_metrics[m]->name);
        at_buffer_text(page->text, "</tr>\n");
    }
    at_buffer_text(page->text, "</tbody></table></div></details>\n");
}
