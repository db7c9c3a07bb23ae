/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "reports/html.h"

#include <inttypes.h>
#include <math.h>

/* The statistics of a run, or NULL. */
static const struct at_row_statistics *find(const struct at_page *page, int64_t run)
{
    for (size_t i = 0; i < page->runs.count; i++)
        if (at_pool_run(&page->runs, &page->runs.rows[i], 0) == run)
            return &page->row[i];
    return NULL;
}

static void add_row(struct at_page *page, const char *variant, const struct at_row_statistics *s)
{
    at_buffer_markup(page->text, "<tr><th scope=\"row\">%s</th>", variant);
    at_buffer_printf(page->text, "<td class=\"n\">%" PRId64, s->defined);
    if (s->undefined)
        at_buffer_printf(page->text, "<span class=\"ci\">%" PRId64 " undefined</span>", s->undefined);
    at_buffer_text(page->text, "</td>");
    at_page_cell(page, s->mean);
    at_page_cell(page, s->median);
    at_page_cell(page, s->q95);
    at_page_cell(page, (struct at_statistic){s->worst, {NAN, NAN}});
    if (s->defined)
        at_buffer_printf(page->text,
                         "<td><span class=\"pair\">head %" PRId64 "/%" PRId64 "</span>, <span class=\"pair\">row %" PRId64
                         "</span></td></tr>\n",
                         s->worst_batch, s->worst_head, s->worst_row);
    else
        at_buffer_text(page->text, "<td></td></tr>\n");
}

void at_page_rows(struct at_page *page, size_t from, size_t to)
{
    int64_t rows = 0;
    for (size_t i = from; i < to; i++) {
        const struct at_row_statistics *s = find(page, page->results.rows[i].run);
        rows += s ? s->defined + s->undefined : 0;
    }
    if (rows == 0)
        return;
    at_buffer_text(page->text,
                   "<details><summary>Row by row</summary>\n<div class=\"wide\"><table class=\"small\">\n<caption>Relative RMSE of single "
                   "query rows, whole error, over the rows of all heads, with intervals. The worst row has none: no interval covers a "
                   "maximum.</caption>\n<thead><tr><th scope=\"col\">Variant</th><th scope=\"col\" class=\"n\">Rows</th>"
                   "<th scope=\"col\" class=\"n\">Mean</th><th scope=\"col\" class=\"n\">Median</th>"
                   "<th scope=\"col\" class=\"n\">95&#8202;% quantile</th><th scope=\"col\" class=\"n\">Worst row</th>"
                   "<th scope=\"col\">Batch/head and row of the worst</th></tr></thead>\n<tbody>\n");
    for (size_t i = from; i < to; i++) {
        const struct at_row_statistics *s = find(page, page->results.rows[i].run);
        if (s && s->defined + s->undefined)
            add_row(page, page->results.rows[i].variant, s);
    }
    at_buffer_text(page->text, "</tbody></table></div></details>\n");
}
