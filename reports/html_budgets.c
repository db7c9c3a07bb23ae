/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "reports/html.h"

#include "reports/number.h"

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

static void add_number(struct at_buffer *b, double value)
{
    char text[AT_NUMBER_SIZE];
    at_number_print(value, text);
    at_buffer_markup(b, "<td class=\"n\">%s</td>", text);
}

/* A fraction of the whole error, in per cent. */
static void add_share(struct at_buffer *b, double share)
{
    char text[AT_NUMBER_SIZE];
    if (isnan(share))
        snprintf(text, sizeof text, "%s", AT_NO_VALUE);
    else
        snprintf(text, sizeof text, "%.3g %%", 100 * share);
    at_buffer_markup(b, "<td class=\"n\">%s</td>", text);
}

static void add_row(struct at_buffer *b, const char *label, double alone, double share_alone, double without, double share_removed,
                    double expected)
{
    at_buffer_markup(b, "<tr><th scope=\"row\">%s</th>", label);
    add_number(b, alone);
    add_share(b, share_alone);
    add_number(b, without);
    add_share(b, share_removed);
    add_number(b, expected);
    at_buffer_text(b, "</tr>\n");
}

/* "second, seed 7: fa3-fp8"; what a table says above its rows. */
static void add_head(struct at_buffer *b, const struct at_table *t, size_t row)
{
    char all[AT_NUMBER_SIZE], none[AT_NUMBER_SIZE];
    at_number_print(number(t, row, "all"), all);
    at_number_print(number(t, row, "none"), none);
    at_buffer_markup(b, "<h3>%s, %s <small>", text_of(t, row, "case"), text_of(t, row, "variant"));
    if (strcmp(text_of(t, row, "source"), "capture") != 0)
        at_buffer_markup(b, "seed %s, ", text_of(t, row, "seed"));
    at_buffer_printf(b, "%.0f keys, d %.0f, %.0f rows in each head</small></h3>\n", number(t, row, "seq_k"), number(t, row, "dim"),
                     number(t, row, "rows"));
    at_buffer_markup(b, "<p class=\"note\">%s is %s with all roundings, %s with none.</p>\n", text_of(t, row, "metric"), all, none);
}

static void add_shares(struct at_buffer *b, const struct at_table *t, size_t from, size_t to)
{
    static const char *const headings[] = {"Error of it alone", "Share alone", "Error without it", "Share removed", "Expected alone"};
    at_buffer_text(b, "<div class=\"wide\"><table>\n<thead><tr><th scope=\"col\">Rounding</th>");
    for (size_t i = 0; i < sizeof headings / sizeof headings[0]; i++)
        at_buffer_markup(b, "<th scope=\"col\" class=\"n\">%s</th>", headings[i]);
    at_buffer_text(b, "</tr></thead>\n<tbody>\n");
    for (size_t i = from; i < to; i++)
        add_row(b, text_of(t, i, "rounding"), number(t, i, "alone"), number(t, i, "share_alone"), number(t, i, "without"),
                number(t, i, "share_removed"), number(t, i, "expected"));
    add_row(b, "remainder: interaction", NAN, number(t, from, "remainder_alone"), NAN, number(t, from, "remainder_removed"), NAN);
    at_buffer_text(b, "</tbody></table></div>\n");
}

/* The changes of one budget, which may be another than that of the shares: the newest with changes. */
static void add_advice(struct at_buffer *b, const struct at_table *t, const struct at_table *shares, size_t row)
{
    static const char *const same[] = {"case", "seed", "variant", "metric"};
    bool begun = false;
    for (size_t i = 0; i < t->rows; i++) {
        bool of_it = number(t, i, "rows") == number(shares, row, "rows") && number(t, i, "seq_k") == number(shares, row, "seq_k");
        for (size_t c = 0; c < sizeof same / sizeof same[0]; c++)
            of_it = of_it && strcmp(text_of(t, i, same[c]), text_of(shares, row, same[c])) == 0;
        if (!of_it)
            continue;
        if (!begun)
            at_buffer_text(b, "<div class=\"wide\"><table>\n<thead><tr><th scope=\"col\">Change, measured</th><th scope=\"col\">For</th>"
                              "<th scope=\"col\" class=\"n\">Error then</th></tr></thead>\n<tbody>\n");
        begun = true;
        at_buffer_markup(b, "<tr><th scope=\"row\">%s%s</th><td>%s</td>", text_of(t, i, "change"),
                         number(t, i, "widens") != 0 ? " (16 bits)" : "", text_of(t, i, "rounding"));
        add_number(b, number(t, i, "value"));
        at_buffer_text(b, "</tr>\n");
    }
    if (begun)
        at_buffer_text(b, "</tbody></table></div>\n");
}

enum at_status at_page_budgets(struct at_page *page, struct at_error *error)
{
    struct at_table shares, advice;
    enum at_status status = at_query_run(page->store, "budgets", page->filter, &shares, error);
    if (status)
        return status;
    status = at_query_run(page->store, "advice", page->filter, &advice, error);
    if (status) {
        at_table_done(&shares);
        return status;
    }
    if (shares.rows)
        at_buffer_text(page->text,
                       "<section id=\"budgets\">\n<h2>Where the error comes from</h2>\n<p class=\"note\">Each rounding alone, and "
                       "all but it, by the twin (attest explain). Shares are of the whole error, for rel_rmse of its square. "
                       "What they do not add up to is interaction.</p>\n");
    for (size_t from = 0, to; from < shares.rows; from = to) {
        for (to = from + 1; to < shares.rows && number(&shares, to, "budget") == number(&shares, from, "budget");)
            to++;
        add_head(page->text, &shares, from);
        add_shares(page->text, &shares, from, to);
        add_advice(page->text, &advice, &shares, from);
    }
    if (shares.rows)
        at_buffer_text(page->text, "</section>\n");
    at_table_done(&shares);
    at_table_done(&advice);
    return AT_OK;
}
