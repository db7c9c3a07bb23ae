/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "reports/html.h"

#include "reports/number.h"
#include "reports/plot.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static double number(const struct at_table *t, size_t row, const char *column)
{
    return at_cell_number(at_table_cell(t, row, column));
}

static const char *text_of(const struct at_table *t, size_t row, const char *column)
{
    return at_table_cell(t, row, column)->text;
}

/* Whether both rows have one GPU, kind of inputs, head dimension and mask. */
static bool together(const struct at_table *t, size_t a, size_t b)
{
    return number(t, a, "dim") == number(t, b, "dim") && number(t, a, "causal") == number(t, b, "causal") &&
           strcmp(text_of(t, a, "device"), text_of(t, b, "device")) == 0 &&
           strcmp(text_of(t, a, "spelling"), text_of(t, b, "spelling")) == 0 &&
           strcmp(text_of(t, a, "format"), text_of(t, b, "format")) == 0;
}

static void add_cell(struct at_buffer *b, double value)
{
    char text[AT_NUMBER_SIZE];
    at_number_print(value, text);
    at_buffer_markup(b, isinf(value) ? "<td class=\"n\"><span class=\"bad\">%s</span></td>" : "<td class=\"n\">%s</td>", text);
}

/* "812.4", in microseconds. */
static void print_time(double time_ns, char ret_text[AT_NUMBER_SIZE])
{
    if (isnan(time_ns))
        snprintf(ret_text, AT_NUMBER_SIZE, "%s", AT_NO_VALUE);
    else
        snprintf(ret_text, AT_NUMBER_SIZE, "%.1f", time_ns / 1e3);
}

static void add_time(struct at_buffer *b, double time_ns)
{
    char text[AT_NUMBER_SIZE];
    print_time(time_ns, text);
    at_buffer_markup(b, "<td class=\"n\">%s</td>", text);
}

static void add_table(struct at_buffer *b, const struct at_table *t, size_t from, size_t to)
{
    static const char *const headings[] = {"Keys",  "Batches x heads",      "Median \u00b5s", "Quartiles \u00b5s", "TFLOP/s",
                                           "Share", "With prepare \u00b5s", "Share",          "Relative RMSE"};
    at_buffer_text(b, "<div class=\"wide\"><table>\n<thead><tr><th scope=\"col\">Variant</th>");
    for (size_t i = 0; i < sizeof headings / sizeof headings[0]; i++)
        at_buffer_markup(b, "<th scope=\"col\" class=\"n\">%s</th>", headings[i]);
    at_buffer_text(b, "</tr></thead>\n<tbody>\n");
    for (size_t i = from; i < to; i++) {
        char low[AT_NUMBER_SIZE], high[AT_NUMBER_SIZE];
        print_time(number(t, i, "low_ns"), low);
        print_time(number(t, i, "high_ns"), high);
        at_buffer_markup(b, "<tr><th scope=\"row\">%s</th>", text_of(t, i, "variant"));
        add_cell(b, number(t, i, "seq_k"));
        at_buffer_printf(b, "<td class=\"n\">%.0f x %.0f</td>", number(t, i, "batches"), number(t, i, "heads_q"));
        add_time(b, number(t, i, "median_ns"));
        at_buffer_markup(b, "<td class=\"n\">%s to %s</td>", low, high);
        add_cell(b, number(t, i, "tflops"));
        add_cell(b, number(t, i, "share"));
        add_time(b, number(t, i, "whole_median_ns"));
        add_cell(b, number(t, i, "whole_share"));
        add_cell(b, number(t, i, "rel_rmse"));
        at_buffer_text(b, "</tr>\n");
    }
    at_buffer_text(b, "</tbody></table></div>\n");
}

/* The points of a figure. */
struct points {
    struct at_buffer settings, data, names;
    size_t count;
    double least, most, highest; /* errors; speed */
};

static void add_point(struct points *p, const char *variant, double error, double speed)
{
    at_buffer_text(&p->data, p->count ? "\n\n" : "");
    at_buffer_printf(&p->names, "names[%zu] = ", ++p->count);
    at_plot_label(&p->names, variant, 30);
    at_buffer_text(&p->names, "\n");
    at_plot_number(&p->data, error);
    at_buffer_text(&p->data, " ");
    at_plot_number(&p->data, speed);
    at_buffer_text(&p->data, "\n");
    p->least = error < p->least ? error : p->least;
    p->most = error > p->most ? error : p->most;
    p->highest = speed > p->highest ? speed : p->highest;
}

static enum at_status draw(struct at_page *page, struct points *p, double keys, double bench, struct at_error *error)
{
    struct at_buffer svg = {0};
    char caption[256];
    snprintf(caption, sizeof caption,
             "Speed over error at %.0f keys, bench %.0f: TFLOP/s of the kernel alone against the relative RMSE of "
             "its outputs. Up and to the left is better.",
             keys, bench);
    at_buffer_printf(&p->settings, "count = %zu\narray names[%zu]\nhighest = %.9g\n", p->count, p->count, p->highest * 1.1);
    at_buffer_text(&p->settings, p->names.text ? p->names.text : "");
    at_plot_log_axis(&p->settings, "x", p->least / 1.6, p->most * 1.6);
    p->settings.failed |= p->names.failed;
    enum at_status status = at_plot_draw("speed", &p->settings, &p->data, &svg, error);
    if (!status && svg.text)
        at_page_figure(page, svg.text, "Speed over error", caption);
    page->text->failed |= svg.failed;
    at_buffer_done(&svg);
    return status;
}

/* The error of a row where a logarithmic axis can show it, else 0. */
static double error_of(const struct at_table *t, size_t row)
{
    double rmse = number(t, row, "rel_rmse");
    return rmse > 0 && isfinite(rmse) ? rmse : 0;
}

/* One point a variant, of the newest bench that measured errors and of its most keys; nothing where there is none. */
static enum at_status add_figure(struct at_page *page, const struct at_table *t, size_t from, size_t to, struct at_error *error)
{
    struct points p = {.least = INFINITY};
    double keys = 0, bench = 0;
    for (size_t i = from; i < to; i++)
        bench = error_of(t, i) > 0 ? fmax(bench, number(t, i, "bench")) : bench;
    for (size_t i = from; i < to; i++)
        keys = error_of(t, i) > 0 && number(t, i, "bench") == bench ? fmax(keys, number(t, i, "seq_k")) : keys;
    for (size_t i = from; i < to; i++)
        if (error_of(t, i) > 0 && number(t, i, "bench") == bench && number(t, i, "seq_k") == keys)
            add_point(&p, text_of(t, i, "variant"), error_of(t, i), number(t, i, "tflops"));
    enum at_status status = p.count ? draw(page, &p, keys, bench, error) : AT_OK;
    at_buffer_done(&p.settings);
    at_buffer_done(&p.data);
    at_buffer_done(&p.names);
    return status;
}

static enum at_status add_ceilings(struct at_page *page, struct at_error *error)
{
    static const char *const columns[] = {"median", "least", "most", "first", "last", "rounds"};
    const struct at_filter all = {.bench = page->filter->bench};
    struct at_table t;
    enum at_status status = at_query_run(page->store, "ceilings", &all, &t, error);
    if (status)
        return status;
    at_buffer_text(page->text,
                   "<h3>What the GPU did at best meanwhile</h3>\n<div class=\"wide\"><table>\n<thead><tr><th scope=\"col\">Bench"
                   "</th><th scope=\"col\">GPU</th><th scope=\"col\">When</th><th scope=\"col\">Ceiling</th>");
    for (size_t c = 0; c < sizeof columns / sizeof columns[0]; c++)
        at_buffer_markup(page->text, "<th scope=\"col\" class=\"n\">%s</th>", columns[c]);
    at_buffer_text(page->text, "</tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < t.rows; i++) {
        at_buffer_printf(page->text, "<tr><th scope=\"row\">%.0f</th>", number(&t, i, "bench"));
        at_buffer_markup(page->text, "<td>%s</td><td>%s</td><td>%s, %s</td>", text_of(&t, i, "device"), text_of(&t, i, "created"),
                         text_of(&t, i, "ceiling"), text_of(&t, i, "unit"));
        for (size_t c = 0; c < sizeof columns / sizeof columns[0]; c++)
            add_cell(page->text, number(&t, i, columns[c]));
        at_buffer_text(page->text, "</tr>\n");
    }
    at_buffer_text(page->text, "</tbody></table></div>\n");
    at_table_done(&t);
    return AT_OK;
}

static enum at_status add_group(struct at_page *page, const struct at_table *t, size_t from, size_t to, struct at_error *error)
{
    at_buffer_markup(page->text, "<h3>d ");
    at_buffer_printf(page->text, "%.0f, %s", number(t, from, "dim"), number(t, from, "causal") != 0 ? "causal" : "not causal");
    at_buffer_markup(page->text, " <small>%s, inputs %s in %s</small></h3>\n", text_of(t, from, "device"), text_of(t, from, "spelling"),
                     text_of(t, from, "format"));
    enum at_status status = add_figure(page, t, from, to, error);
    add_table(page->text, t, from, to);
    return status;
}

enum at_status at_page_speed(struct at_page *page, struct at_error *error)
{
    struct at_table t;
    enum at_status status = at_query_run(page->store, "bench", page->filter, &t, error);
    if (status)
        return status;
    if (t.rows)
        at_buffer_text(page->text,
                       "<section id=\"speed\">\n<h2>Speed and error</h2>\n<p class=\"note\">Medians of launches on a GPU. A share "
                       "is of the bf16 or e4m3 matrix product that the same process measured between the shapes; only numbers "
                       "of one process may be divided by one another. A dash was not measured.</p>\n");
    for (size_t from = 0, to; !status && from < t.rows; from = to) {
        for (to = from + 1; to < t.rows && together(&t, from, to);)
            to++;
        status = add_group(page, &t, from, to, error);
    }
    if (!status && t.rows)
        status = add_ceilings(page, error);
    if (t.rows)
        at_buffer_text(page->text, "</section>\n");
    at_table_done(&t);
    return status;
}
