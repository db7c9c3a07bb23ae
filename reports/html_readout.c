/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "reports/html.h"
#include "reports/number.h"
#include "reports/readout.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

static void add_row(struct at_page *page, const struct at_readouts *r, const struct at_read_statistics *s)
{
    char text[AT_NUMBER_SIZE];
    at_buffer_markup(page->text, "<tr><th scope=\"row\">%s</th>", r->pools.rows[s->pool].variant);
    at_buffer_printf(page->text, "<td class=\"n\">%" PRId64, s->samples);
    if (s->undefined)
        at_buffer_printf(page->text, "<span class=\"ci\">%" PRId64 " undefined</span>", s->undefined);
    at_buffer_text(page->text, "</td>");
    for (int k = 0; k < AT_READ_TOP; k++)
        at_page_cell(page, (struct at_statistic){s->numbers[k].value, s->numbers[k].interval});
    at_page_cell(page, (struct at_statistic){s->max, {NAN, NAN}});
    at_number_print(100 * s->numbers[AT_READ_TOP].value, text);
    at_buffer_markup(page->text, isnan(s->numbers[AT_READ_TOP].value) ? "<td class=\"n\">%s" : "<td class=\"n\">%s&#8202;%%", text);
    if (!isnan(s->numbers[AT_READ_TOP].interval.low))
        at_buffer_printf(page->text, "<span class=\"ci\">%.4g to %.4g&#8202;%%</span>", 100 * s->numbers[AT_READ_TOP].interval.low,
                         100 * s->numbers[AT_READ_TOP].interval.high);
    if (s->open)
        at_buffer_printf(page->text, "<span class=\"ci\">%" PRId64 " left open</span>", s->open);
    at_buffer_text(page->text, "</td>");
    at_page_cell(page, (struct at_statistic){s->max_logit, {NAN, NAN}});
    at_buffer_text(page->text, "</tr>\n");
}

static void add_table(struct at_page *page, const struct at_readouts *r, size_t from, size_t to)
{
    const struct at_read_statistics *first = &r->rows[from];
    const struct at_pool *pool = &r->pools.rows[first->pool];
    char reason[AT_READ_REASON_SIZE];
    at_buffer_markup(page->text, "<h3>%s ", pool->title);
    at_buffer_markup(page->text, "<small>%s, ", first->readout);
    at_buffer_printf(page->text, "%" PRId64 " tokens, %s, %" PRId64 " %s, %s</small></h3>\n", first->tokens,
                     first->heads ? "each head alone" : "all heads together", first->units, at_read_unit(first, first->units != 1),
                     strcmp(first->against, "original") == 0 ? "whole error" : "the kernel&#8217;s part");
    at_buffer_text(page->text,
                   "<div class=\"wide\"><table>\n<thead><tr><th scope=\"col\">Variant</th><th scope=\"col\" class=\"n\">Samples</th>"
                   "<th scope=\"col\" class=\"n\">KL mean</th><th scope=\"col\" class=\"n\">Median</th>"
                   "<th scope=\"col\" class=\"n\">99&#8202;%</th><th scope=\"col\" class=\"n\">99.9&#8202;%</th>"
                   "<th scope=\"col\" class=\"n\">Max</th><th scope=\"col\" class=\"n\">Top token unchanged</th>"
                   "<th scope=\"col\" class=\"n\">Largest change of a logit</th></tr></thead>\n<tbody>\n");
    for (size_t i = from; i < to; i++)
        add_row(page, r, &r->rows[i]);
    at_buffer_text(page->text, "</tbody></table></div>\n");
    for (size_t n = 0; at_readouts_reason(r, from, to, n, reason); n++)
        at_buffer_markup(page->text, "<p class=\"note\">No interval of %s.</p>\n", reason);
}

enum at_status at_page_readouts(struct at_page *page, struct at_error *error)
{
    struct at_readouts r;
    enum at_status status = at_readouts_load(page->store, page->filter, &r, error);
    if (status)
        return status;
    if (r.count)
        at_buffer_text(
            page->text,
            "<section id=\"readouts\">\n<h2>What tokens see</h2>\n<p class=\"note\">KL divergence in nat of the distribution over "
            "tokens, truth against kernel, where a readout matrix makes logits of the outputs; the share of samples with the "
            "same most likely token. The maximum has no interval: none covers it.</p>\n");
    for (size_t from = 0, to; from < r.count; from = to) {
        to = at_readouts_next(&r, from);
        add_table(page, &r, from, to);
    }
    if (r.count)
        at_buffer_text(page->text, "</section>\n");
    at_readouts_done(&r);
    return AT_OK;
}
