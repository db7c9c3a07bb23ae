/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "reports/html.h"

#include "reports/plot.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS = 60 }; /* of a curve */

static const char caption[] =
    "Relative RMSE of the whole error, of each variant over the median of its heads, so that tails stand side by side. Points are heads, "
    "lines the fitted tails, a dashed line one that is rejected; a cross is the bound: "
    "with "
    "its confidence the share above is no larger; a bar is the interval of the level that few exceed, if the tail holds.";

/* What was drawn so far; x is in units of the variant's median. */
struct frame {
    double low_x, high_x, low_y, unit;
};

static bool is_drawn(double x)
{
    return x > 0 && isfinite(x);
}

static void add_point(struct at_buffer *data, struct frame *frame, double x, double share)
{
    x /= frame->unit;
    at_plot_number(data, is_drawn(x) ? x : NAN);
    at_buffer_text(data, " ");
    at_plot_number(data, share);
    at_buffer_text(data, "\n");
    if (!is_drawn(x) || !(share > 0))
        return;
    frame->low_x = fmin(frame->low_x, x);
    frame->high_x = fmax(frame->high_x, x);
    frame->low_y = fmin(frame->low_y, share);
}

static int descending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x < y) - (x > y);
}

/* Of n heads the i-th largest, from 0, with the share (i + 1/2)/n above it; one of which nothing is known is the largest. */
static enum at_status add_heads(struct at_buffer *data, struct frame *frame, const struct at_units *units)
{
    double *sorted = malloc((units->count + 1) * sizeof *sorted);
    if (!sorted)
        return AT_ERR_MEMORY;
    for (size_t i = 0; i < units->count; i++)
        sorted[i] = isnan(units->high[i]) ? INFINITY : units->high[i];
    qsort(sorted, units->count, sizeof *sorted, descending);
    frame->unit = units->count ? sorted[units->count / 2] : NAN;
    for (size_t i = 0; i < units->count; i++)
        add_point(data, frame, sorted[i], ((double)i + 0.5) / (double)units->count);
    free(sorted);
    return AT_OK;
}

/* From the median of the fitted distribution to the level. */
static void add_tail(struct at_buffer *data, struct frame *frame, const struct at_statement *s)
{
    for (int i = 0; i <= STEPS; i++) {
        double share = 0.5 * pow(2 / s->level.period, (double)i / STEPS);
        add_point(data, frame, s->has_tail ? at_gev_inverse(&s->tail.gev, -log1p(-share)) : NAN, s->has_tail ? share : NAN);
    }
}

static void add_level(struct at_buffer *data, struct frame *frame, const struct at_statement *s)
{
    double low = s->level.interval.low / frame->unit, high = s->level.interval.high / frame->unit;
    bool holds = s->has_tail && is_drawn(low) && is_drawn(high);
    const double numbers[] = {s->level.value / frame->unit, 1 / s->level.period, low, high};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        at_plot_number(data, holds ? numbers[i] : NAN);
        at_buffer_text(data, i + 1 < sizeof numbers / sizeof numbers[0] ? " " : "\n");
    }
    frame->high_x = holds ? fmax(frame->high_x, high) : frame->high_x;
}

static enum at_status add_series(const struct at_statements *stated, size_t from, size_t to, struct at_buffer *names,
                                 struct at_buffer *data, struct frame *frame)
{
    enum at_status status = AT_OK;
    for (size_t i = from; i < to && !status; i++) {
        const struct at_statement *s = &stated->rows[i].statement;
        bool rejected = s->has_tail && isnan(s->level.interval.low);
        at_buffer_text(data, i > from ? "\n\n" : "");
        at_buffer_printf(names, "rejected[%zu] = %d\nnames[%zu] = ", i - from + 1, rejected, i - from + 1);
        at_plot_label(names, stated->pools.rows[i].variant, 30);
        at_buffer_text(names, "\n");
        status = add_heads(data, frame, &stated->rows[i].units);
        at_buffer_text(data, "\n\n");
        add_tail(data, frame, s);
        at_buffer_text(data, "\n\n");
        add_point(data, frame, s->has_bound ? s->bound.bound.high : NAN, 1 - s->share);
        at_buffer_text(data, "\n\n");
        add_level(data, frame, s);
    }
    return status;
}

/* Logarithmic where errors differ by more than a linear axis shows. */
static void add_axis(struct at_buffer *settings, double low, double high)
{
    bool wide = high > 10 * low;
    at_buffer_text(settings, wide ? "scale = \" (log scale)\"\nset logscale x\n" : "scale = \"\"\n");
    if (wide)
        at_plot_log_axis(settings, "x", low / 1.1, high * 1.1);
    else
        at_buffer_printf(settings, "set xrange [%.9g:%.9g]\n", low - 0.03 * (high - low), high + 0.03 * (high - low));
}

enum at_status at_page_tails_figure(struct at_page *page, const struct at_statements *stated, size_t from, size_t to,
                                    struct at_error *error)
{
    struct at_buffer settings = {0}, data = {0}, names = {0}, svg = {0};
    struct frame frame = {INFINITY, 0, 1, NAN};
    size_t tails = 0;
    for (size_t i = from; i < to; i++)
        tails += stated->rows[i].statement.has_tail;
    if (!tails)
        return AT_OK;
    enum at_status status = add_series(stated, from, to, &names, &data, &frame);
    if (status)
        at_fail(error, status, "page: no memory for the heads of %.100s", stated->pools.rows[from].title);
    at_buffer_printf(&settings, "count = %zu\narray names[%zu]\narray rejected[%zu]\nwhat = ", to - from, to - from, to - from);
    at_plot_label(&settings, stated->metric->label, 40);
    at_buffer_text(&settings, "\n");
    at_buffer_text(&settings, names.text ? names.text : "");
    if (!status && frame.high_x > 0) {
        add_axis(&settings, frame.low_x, frame.high_x);
        at_plot_log_axis(&settings, "y", frame.low_y / 1.5, 1);
        status = at_plot_draw("tails", &settings, &data, &svg, error);
    }
    if (!status && svg.text)
        at_page_figure(page, svg.text, "Errors of heads and their tails", caption);
    page->text->failed |= names.failed || svg.failed;
    at_buffer_done(&settings);
    at_buffer_done(&data);
    at_buffer_done(&names);
    at_buffer_done(&svg);
    return status;
}
