/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "reports/html.h"

#include "reports/number.h"
#include "stats/stats.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

enum { WORST = 3 };

/* The head of `r` with the largest defined value below that of `below` (or of the same value and after it); -1 if none. */
static int64_t next_worst(const struct at_page *page, const struct at_result *r, int64_t below)
{
    const double *value = page->results.head_rel_rmse;
    int64_t best = -1;
    for (int64_t h = (int64_t)r->first_head; h < (int64_t)(r->first_head + r->head_count); h++) {
        bool under = below < 0 || value[h] < value[below] || (value[h] == value[below] && h > below);
        if (!isnan(value[h]) && under && (best < 0 || value[h] > value[best]))
            best = h;
    }
    return best;
}

static void add_worst(struct at_page *page, const struct at_result *r)
{
    int64_t head = -1;
    for (int i = 0; i < WORST && (head = next_worst(page, r, head)) >= 0; i++) {
        char number[AT_NUMBER_SIZE];
        at_number_print(page->results.head_rel_rmse[head], number);
        at_buffer_printf(page->text, "%s", i ? ", " : "");
        at_buffer_printf(page->text, "<span class=\"pair\">%" PRId64 "/%" PRId64 ":&nbsp;%s</span>",
                         at_table_cell(&page->results.heads, (size_t)head, "batch")->integer,
                         at_table_cell(&page->results.heads, (size_t)head, "head")->integer, number);
    }
}

static void add_number(struct at_page *page, double value)
{
    char text[AT_NUMBER_SIZE];
    at_number_print(value, text);
    at_buffer_markup(page->text, "<td class=\"n\">%s</td>", text);
}

void at_page_heads(struct at_page *page, size_t from, size_t to)
{
    if (page->results.rows[from].head_count < 2)
        return;
    at_buffer_text(page->text,
                   "<details><summary>Head by head</summary>\n<div class=\"wide\"><table class=\"small\">\n<caption>Relative RMSE of "
                   "single heads, whole error. Worst heads as batch/head: value.</caption>\n<thead><tr><th scope=\"col\">Variant</th>"
                   "<th scope=\"col\" class=\"n\">Heads</th><th scope=\"col\" class=\"n\">Smallest</th><th scope=\"col\" class=\"n\">"
                   "Median</th><th scope=\"col\" class=\"n\">Largest</th><th scope=\"col\">Worst heads</th></tr></thead>\n<tbody>\n");
    for (size_t i = from; i < to; i++) {
        const struct at_result *r = &page->results.rows[i];
        struct at_summary s;
        if (at_stats_summary(page->results.head_rel_rmse + r->first_head, r->head_count, &s))
            s = (struct at_summary){.min = NAN, .median = NAN, .max = NAN};
        at_buffer_markup(page->text, "<tr><th scope=\"row\">%s</th>", r->variant);
        add_number(page, (double)r->head_count);
        add_number(page, s.min);
        add_number(page, s.median);
        add_number(page, s.max);
        at_buffer_text(page->text, "<td>");
        add_worst(page, r);
        at_buffer_text(page->text, "</td></tr>\n");
    }
    at_buffer_text(page->text, "</tbody></table></div></details>\n");
}
