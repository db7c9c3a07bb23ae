/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "reports/html.h"

#include "reports/number.h"
#include "reports/plot.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *text_of(const struct at_table *t, size_t i, const char *column)
{
    return at_table_cell(t, i, column)->text;
}

/* Ticks at the lengths that were run: "1k" is 1024 keys. */
static void add_length_axis(struct at_buffer *settings, const struct at_table *t, size_t from, size_t to, int64_t low, int64_t high)
{
    at_buffer_printf(settings, "set xrange [%.9g:%.9g]\nset xtics (", (double)low / 1.2, (double)high * 1.2);
    const char *comma = "";
    for (size_t i = from; i < to; i++) {
        int64_t keys = at_table_cell(t, i, "seq_k")->integer;
        at_buffer_printf(settings, keys % 1024 ? "%s\"%" PRId64 "\" %" PRId64 : "%s\"%" PRId64 "k\" %" PRId64, comma,
                         keys % 1024 ? keys : keys / 1024, keys);
        comma = ", ";
    }
    at_buffer_text(settings, ")\n");
}

/* Rows [from, to) have one label. */
static enum at_status add_figure(struct at_page *page, const struct at_table *t, size_t from, size_t to, struct at_error *error)
{
    struct at_buffer settings = {0}, data = {0}, names = {0}, svg = {0};
    double low = INFINITY, high = 0;
    int64_t shortest = INT64_MAX, longest = 0;
    size_t count = 0;
    for (size_t i = from; i < to; i++) {
        bool begins = i == from || strcmp(text_of(t, i, "variant"), text_of(t, i - 1, "variant")) != 0;
        int64_t keys = at_table_cell(t, i, "seq_k")->integer;
        double value = at_cell_number(at_table_cell(t, i, "rel_rmse"));
        if (begins) {
            at_buffer_text(&data, count ? "\n\n" : "");
            at_buffer_printf(&names, "names[%zu] = ", ++count);
            at_plot_label(&names, text_of(t, i, "variant"), 30);
            at_buffer_text(&names, "\n");
        }
        bool drawn = value > 0 && isfinite(value);
        at_buffer_printf(&data, "%" PRId64 " ", keys);
        at_plot_number(&data, drawn ? value : NAN);
        at_buffer_text(&data, "\n");
        shortest = keys < shortest ? keys : shortest;
        longest = keys > longest ? keys : longest;
        low = drawn && value < low ? value : low;
        high = drawn && value > high ? value : high;
    }
    enum at_status status = AT_OK;
    if (high > 0) {
        const char *caption = "Relative RMSE of the whole error against the number of keys: the mean over the cases of one length.";
        at_buffer_printf(&settings, "count = %zu\narray names[%zu]\n", count, count);
        at_buffer_text(&settings, names.text ? names.text : "");
        add_length_axis(&settings, t, from, to, shortest, longest);
        at_plot_log_axis(&settings, "y", low / 1.25, high * 1.25);
        status = at_plot_draw("lengths", &settings, &data, &svg, error);
        if (!status && svg.text) {
            at_buffer_markup(page->text, "<h3>%s</h3>\n", text_of(t, from, "label"));
            at_page_figure(page, svg.text, "Error against length", caption);
        }
    }
    page->text->failed |= names.failed || svg.failed;
    at_buffer_done(&settings);
    at_buffer_done(&data);
    at_buffer_done(&names);
    at_buffer_done(&svg);
    return status;
}

enum at_status at_page_lengths(struct at_page *page, struct at_error *error)
{
    struct at_table t;
    enum at_status status = at_query_run(page->store, "lengths", page->filter, &t, error);
    if (status)
        return status;
    if (t.rows)
        at_buffer_text(page->text, "<section id=\"lengths\">\n<h2>Error against length</h2>\n");
    for (size_t from = 0, to; !status && from < t.rows; from = to) {
        for (to = from + 1; to < t.rows && strcmp(text_of(&t, to, "label"), text_of(&t, from, "label")) == 0;)
            to++;
        status = add_figure(page, &t, from, to, error);
    }
    if (t.rows)
        at_buffer_text(page->text, "</section>\n");
    at_table_done(&t);
    return status;
}
