/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "reports/html.h"

#include "reports/number.h"
#include "reports/plot.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LABEL_CHARACTERS = 30 };

/* Draws, embeds, and writes the caption (markup of this file, no text from outside). */
static enum at_status add_figure(struct at_page *page, const char *script, const struct at_buffer *settings, const struct at_buffer *data,
                                 const char *title, const char *caption, struct at_error *error)
{
    struct at_buffer svg = {0};
    enum at_status status = at_plot_draw(script, settings, data, &svg, error);
    if (!status && svg.text)
        at_page_figure(page, svg.text, title, caption);
    page->text->failed |= svg.failed;
    at_buffer_done(&svg);
    return status;
}

static void widen(double *low, double *high, double value)
{
    if (value > 0 && isfinite(value)) {
        *low = value < *low ? value : *low;
        *high = value > *high ? value : *high;
    }
}

/* One line "x low high y"; without an interval it shrinks to the point. */
static void add_point(struct at_buffer *data, double value, struct at_interval interval, size_t y)
{
    bool drawn = value > 0;
    double numbers[3] = {value, isnan(interval.low) ? value : interval.low, isnan(interval.high) ? value : interval.high};
    for (int i = 0; i < 3; i++) {
        at_plot_number(data, drawn ? numbers[i] : NAN);
        at_buffer_text(data, " ");
    }
    at_buffer_printf(data, "%zu\n", y);
}

static void add_names(struct at_page *page, struct at_buffer *data, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        at_buffer_printf(data, "%zu ", to - 1 - i);
        at_plot_label(data, page->results.rows[i].variant, LABEL_CHARACTERS);
        at_buffer_text(data, "\n");
    }
}

static void add_heads(struct at_page *page, struct at_buffer *data, size_t from, size_t to)
{
    at_buffer_text(data, "NaN NaN\n"); /* a block is never empty */
    for (size_t i = from; i < to; i++) {
        const struct at_result *r = &page->results.rows[i];
        for (size_t h = r->first_head; h < r->first_head + r->head_count; h++) {
            double value = page->results.head_rel_rmse[h];
            at_plot_number(data, value > 0 ? value : NAN);
            at_buffer_printf(data, " %zu\n", to - 1 - i);
        }
    }
}

/* What cannot be a dot on a log axis. */
static void add_remarks(struct at_page *page, struct at_buffer *data, size_t from, size_t to)
{
    at_buffer_text(data, "-9 \"\"\n");
    for (size_t i = from; i < to; i++) {
        double value = page->results.rows[i].rel_rmse;
        const char *remark = isnan(value)   ? "undefined"
                             : isinf(value) ? "infinite: outputs that are NaN or infinite"
                             : value == 0   ? "exactly 0"
                                            : NULL;
        if (remark)
            at_buffer_printf(data, "%zu \"%s\"\n", to - 1 - i, remark);
    }
}

enum at_status at_page_errors_figure(struct at_page *page, size_t from, size_t to, struct at_error *error)
{
    struct at_buffer settings = {0}, data = {0};
    double low = INFINITY, high = 0;
    for (size_t i = from; i < to; i++) {
        const struct at_result *r = &page->results.rows[i];
        const double values[] = {r->rel_rmse,        r->rel_rmse_95.low, r->rel_rmse_95.high,
                                 r->kernel_rel_rmse, r->kernel_95.low,   r->kernel_95.high};
        for (size_t v = 0; v < sizeof values / sizeof values[0]; v++)
            widen(&low, &high, values[v]);
        for (size_t h = r->first_head; h < r->first_head + r->head_count; h++)
            widen(&low, &high, page->results.head_rel_rmse[h]);
    }
    if (!(high > 0)) { /* nothing to draw; the table says why */
        at_buffer_text(page->text, "<p class=\"note\">No variant has a relative RMSE above 0 to draw.</p>\n");
        return AT_OK;
    }
    low /= 1.25;
    high *= 1.25;
    at_buffer_printf(&settings, "rows = %zu\nlowest = %.9g\nhighest = %.9g\n", to - from, low, high);
    at_plot_log_axis(&settings, "x", low, high);
    add_heads(page, &data, from, to);
    at_buffer_text(&data, "\n\n");
    for (size_t i = from; i < to; i++)
        add_point(&data, page->results.rows[i].rel_rmse, page->results.rows[i].rel_rmse_95, to - 1 - i);
    at_buffer_text(&data, "\n\n");
    for (size_t i = from; i < to; i++)
        add_point(&data, page->results.rows[i].kernel_rel_rmse, page->results.rows[i].kernel_95, to - 1 - i);
    at_buffer_text(&data, "\n\n");
    add_names(page, &data, from, to);
    at_buffer_text(&data, "\n\n");
    add_remarks(page, &data, from, to);
    enum at_status status =
        add_figure(page, "errors", &settings, &data, "Relative RMSE of each variant",
                   "Relative RMSE of each variant: the whole error (dot), the kernel's own part of it (diamond; what is left "
                   "is due to rounding the inputs), each with its interval, and the whole error of single heads (small dots).",
                   error);
    at_buffer_done(&settings);
    at_buffer_done(&data);
    return status;
}

static int64_t bin_run(const struct at_table *t, size_t i)
{
    return at_table_cell(t, i, "run")->integer;
}

/* The outline of one run's bins from `low` on, above the line `base`; heights are shares over `most`. */
static void add_ridge(struct at_buffer *data, const struct at_table *t, int64_t run, size_t base, double low, double most)
{
    bool begun = false;
    double x = 0;
    for (size_t i = 0; i < t->rows; i++) {
        if (bin_run(t, i) != run)
            continue;
        double height = 0.88 * at_cell_number(at_table_cell(t, i, "share")) / most;
        x = at_cell_number(at_table_cell(t, i, "log2_low"));
        if (x < low)
            continue;
        if (!begun)
            at_buffer_printf(data, "%g %zu\n", x, base);
        begun = true;
        at_buffer_printf(data, "%g %.6g\n%g %.6g\n", x, (double)base + height, x + 1, (double)base + height);
    }
    if (begun)
        at_buffer_printf(data, "%g %zu\n", x + 1, base);
    else
        at_buffer_text(data, "NaN NaN\n");
}

/* What a figure must span: from where all but 1 in 20 outputs of every run lie to the right, to the last of all. */
struct span {
    double low, high, most;
};

static void span_run(struct span *span, const struct at_table *t, int64_t run)
{
    double below = 0;
    for (size_t i = 0; i < t->rows; i++) {
        if (bin_run(t, i) != run)
            continue;
        double share = at_cell_number(at_table_cell(t, i, "share")), x = at_cell_number(at_table_cell(t, i, "log2_low"));
        below += share > 0 ? share : 0;
        if (!(share > 0))
            continue;
        span->low = below > 0.05 && x < span->low ? x : span->low;
        span->high = x + 1 > span->high ? x + 1 : span->high;
        span->most = share > span->most ? share : span->most;
    }
}

enum at_status at_page_histogram_figure(struct at_page *page, const struct at_table *t, size_t from, size_t to, struct at_error *error)
{
    struct span span = {INFINITY, -INFINITY, 0};
    for (size_t r = from; r < to; r++)
        span_run(&span, t, page->results.rows[r].run);
    if (!(span.most > 0) || !isfinite(span.low))
        return AT_OK;
    struct at_buffer settings = {0}, data = {0};
    at_buffer_printf(&settings, "rows = %zu\nlowest = %g\nhighest = %g\n", to - from, span.low - 1, span.high + 1);
    add_names(page, &data, from, to);
    for (size_t r = from; r < to; r++) {
        at_buffer_text(&data, "\n\n");
        add_ridge(&data, t, page->results.rows[r].run, to - 1 - r, span.low, span.most);
    }
    at_buffer_text(&data, "\n\nNaN NaN\n");
    for (size_t r = from; r < to; r++) {
        double largest = page->results.rows[r].max_rel;
        at_plot_number(&data, largest > 0 ? log2(largest) : NAN);
        at_buffer_printf(&data, " %zu\n", to - 1 - r);
    }
    enum at_status status =
        add_figure(page, "histogram", &settings, &data, "How errors are spread",
                   "Share of the outputs looked at by the size of their error, in powers of two of \u03a3 p\u00b7|v|: the further "
                   "right, the worse; the diamond is the largest. All ridges have one vertical scale. The axis begins where at "
                   "most 1 in 20 outputs of each variant lies further left. Errors of exactly 0 and outputs that are not "
                   "finite have no place on it.",
                   error);
    at_buffer_done(&settings);
    at_buffer_done(&data);
    return status;
}
