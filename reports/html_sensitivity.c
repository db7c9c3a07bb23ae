/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "reports/html.h"

#include "reports/number.h"
#include "reports/plot.h"
#include "reports/sensitivity.h"

#include <math.h>
#include <string.h>

/* gnuplot is started for each figure. */
enum { FIGURES_MOST = 24, TICKS_MOST = 10 };

static const char caption[] =
    "Relative RMSE of the whole error: points are the geometric mean over heads, lines the fitted power laws; a dashed "
    "line is one that the heads reject.";

static void add_text_cell(struct at_page *page, const char *text)
{
    at_buffer_markup(page->text, "<td class=\"n\">%s</td>", text);
}

/* "0.4 to 1.2". */
static void add_pair_cell(struct at_page *page, double low, double high)
{
    char text[2 * AT_NUMBER_SIZE + 8], other[AT_NUMBER_SIZE];
    at_number_print(low, text);
    at_number_print(high, other);
    strcat(strcat(text, " to "), other);
    add_text_cell(page, text);
}

static void add_row(struct at_page *page, const struct at_sensitivity *s)
{
    char number[AT_NUMBER_SIZE], verdict[AT_SENSITIVITY_TEXT_SIZE];
    at_buffer_markup(page->text, "<tr><th scope=\"row\">%s</th>", s->swept->variant);
    at_sensitivity_verdict(s, AT_LAW_POWER, verdict);
    if (s->fitted) {
        at_page_cell(page, (struct at_statistic){s->law.exponent, s->law.interval});
        at_page_cell(page, (struct at_statistic){s->median.exponent, s->median.interval});
        add_pair_cell(page, s->bend.least, s->bend.most);
        at_number_print(s->bend.factor, number);
        add_text_cell(page, number);
        at_buffer_printf(page->text, "<td class=\"n\">%.10g to %.10g</td>", s->swept->x[0], s->swept->x[s->swept->points - 1]);
    } else {
        for (int i = 0; i < 5; i++)
            add_text_cell(page, AT_NO_VALUE);
    }
    at_buffer_printf(page->text, "<td class=\"n\">%zu</td><td class=\"n\">%zu</td>", s->swept->points, s->swept->heads);
    at_buffer_markup(page->text, at_sensitivity_bends(s) ? "<td class=\"bad\">%s</td></tr>\n" : "<td>%s</td></tr>\n", verdict);
}

static void add_table(struct at_page *page, const struct at_sensitivities *all, size_t from, size_t to)
{
    at_buffer_text(page->text,
                   "<div class=\"wide\"><table>\n<thead><tr><th scope=\"col\">Variant</th><th scope=\"col\" class=\"n\">Exponent"
                   "</th><th scope=\"col\" class=\"n\">By Theil and Sen</th><th scope=\"col\" class=\"n\">Between neighbours</th>"
                   "<th scope=\"col\" class=\"n\">Off the line, at most ×</th><th scope=\"col\" class=\"n\">Fitted on</th>"
                   "<th scope=\"col\" class=\"n\">Points</th><th scope=\"col\" class=\"n\">Heads</th>"
                   "<th scope=\"col\">Power law</th></tr></thead>\n<tbody>\n");
    for (size_t i = from; i < to; i++)
        add_row(page, &all->rows[i]);
    at_buffer_text(page->text, "</tbody></table></div>\n");
}

static double mean_at(const struct at_swept *s, size_t point)
{
    double sum = 0;
    for (size_t h = 0; h < s->heads; h++)
        sum += log(s->y[h * s->points + point]);
    return exp(sum / (double)s->heads);
}

struct frame {
    double low_x, high_x, low_y, high_y;
};

static void add_point(struct at_buffer *data, struct frame *frame, double x, double y)
{
    at_plot_number(data, x);
    at_buffer_text(data, " ");
    at_plot_number(data, y);
    at_buffer_text(data, "\n");
    frame->low_x = fmin(frame->low_x, x);
    frame->high_x = fmax(frame->high_x, x);
    frame->low_y = fmin(frame->low_y, y);
    frame->high_y = fmax(frame->high_y, y);
}

/* Variants of rows [from, to) that were fitted; returns how many. */
static size_t add_series(const struct at_sensitivities *all, size_t from, size_t to, struct at_buffer *names, struct at_buffer *data,
                         struct frame *frame)
{
    size_t count = 0;
    for (size_t i = from; i < to; i++) {
        const struct at_sensitivity *s = &all->rows[i];
        if (!s->fitted)
            continue;
        double first = s->swept->x[0], last = s->swept->x[s->swept->points - 1];
        at_buffer_text(data, count++ ? "\n\n" : "");
        at_buffer_printf(names, "bends[%zu] = %d\nnames[%zu] = ", count, at_sensitivity_bends(s), count);
        at_plot_label(names, s->swept->variant, 30);
        at_buffer_text(names, "\n");
        for (size_t p = 0; p < s->swept->points; p++)
            add_point(data, frame, s->swept->x[p], mean_at(s->swept, p));
        at_buffer_text(data, "\n\n");
        add_point(data, frame, first, at_sensitivity_at(s, AT_LAW_POWER, first));
        add_point(data, frame, last, at_sensitivity_at(s, AT_LAW_POWER, last));
    }
    return count;
}

/* Ticks at the points themselves, where they are few. */
static void add_ticks(const struct at_sensitivities *all, size_t from, size_t to, struct at_buffer *settings)
{
    while (from < to && !all->rows[from].fitted)
        from++;
    const struct at_swept *s = all->rows[from].swept;
    at_buffer_text(settings, s->points <= TICKS_MOST ? "set xtics (" : "");
    for (size_t p = 0; p < s->points && s->points <= TICKS_MOST; p++)
        at_buffer_printf(settings, "%s\"%.10g\" %.10g", p ? ", " : "", s->x[p], s->x[p]);
    at_buffer_text(settings, s->points <= TICKS_MOST ? ")\n" : "");
}

static enum at_status add_figure(struct at_page *page, const struct at_sensitivities *all, size_t from, size_t to, struct at_error *error)
{
    struct at_buffer settings = {0}, data = {0}, names = {0}, svg = {0};
    struct frame frame = {INFINITY, 0, INFINITY, 0};
    enum at_status status = AT_OK;
    size_t count = add_series(all, from, to, &names, &data, &frame);
    if (count) {
        at_buffer_printf(&settings, "count = %zu\narray names[%zu]\narray bends[%zu]\nwhat = ", count, count, count);
        at_plot_label(&settings, all->rows[from].swept->over, 30);
        at_buffer_text(&settings, "\n");
        at_buffer_text(&settings, names.text ? names.text : "");
        at_plot_log_axis(&settings, "x", frame.low_x / 1.2, frame.high_x * 1.2);
        add_ticks(all, from, to, &settings);
        at_plot_log_axis(&settings, "y", frame.low_y / 1.25, frame.high_y * 1.25);
        status = at_plot_draw("sensitivity", &settings, &data, &svg, error);
    }
    if (!status && svg.text)
        at_page_figure(page, svg.text, "Error along a sweep", caption);
    page->text->failed |= names.failed || svg.failed;
    at_buffer_done(&settings);
    at_buffer_done(&data);
    at_buffer_done(&names);
    at_buffer_done(&svg);
    return status;
}

static bool same_sweep(const struct at_swept *a, const struct at_swept *b)
{
    return a->over == b->over && strcmp(a->title, b->title) == 0;
}

enum at_status at_page_sensitivity(struct at_page *page, struct at_error *error)
{
    struct at_sensitivities all;
    struct at_filter filter = *page->filter;
    const struct at_swept_question everything = {.from = -INFINITY, .to = INFINITY};
    filter.metric = "rel_rmse";
    filter.against = "original";
    enum at_status status = at_sensitivities_load(page->store, &filter, &everything, AT_LAW_POWER, &all, error);
    if (status)
        return status;
    size_t count = all.swepts.count, sweeps = 0;
    if (count)
        at_buffer_text(page->text,
                       "<section id=\"sensitivity\">\n<h2>Sensitivity</h2>\n<p class=\"note\">How the relative RMSE of the whole error "
                       "grows along each sweep, as a power law; the smaller figures are 95 % intervals over key/value heads. An "
                       "exponent speaks about the range it was fitted on.</p>\n");
    for (size_t from = 0, to; !status && from < count; from = to) {
        for (to = from + 1; to < count && same_sweep(all.rows[to].swept, all.rows[from].swept);)
            to++;
        at_buffer_markup(page->text, "<h3>%s <small>%s</small></h3>\n", all.rows[from].swept->over, all.rows[from].swept->title);
        add_table(page, &all, from, to);
        if (sweeps++ < FIGURES_MOST)
            status = add_figure(page, &all, from, to, error);
    }
    if (sweeps > FIGURES_MOST)
        at_buffer_printf(page->text, "<p class=\"note\">The first %d sweeps are drawn.</p>\n", FIGURES_MOST);
    if (count)
        at_buffer_text(page->text, "</section>\n");
    at_sensitivities_done(&all);
    return status;
}
