/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "reports/html.h"

#include "stats/rounded.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Of the whole error. gnuplot is started for each figure. */
enum { MEASURES = 2, FIGURES_MOST = 24 };
static const char *const metrics[MEASURES] = {"rel_rmse", "max_abs"};

struct measure {
    struct at_statements stated;
    bool there; /* some head has it */
};

/* "0.0507 to 0.0533", outwards. */
static void add_interval(struct at_page *page, struct at_interval interval, const char *aside)
{
    char low[AT_ROUNDED_SIZE], high[AT_ROUNDED_SIZE];
    if (isfinite(interval.low) && isfinite(interval.high))
        at_buffer_markup(page->text, "<td class=\"n\">%s to %s", at_rounded_print(interval.low, AT_ROUND_DOWN, low),
                         at_rounded_print(interval.high, AT_ROUND_UP, high));
    else
        at_buffer_text(page->text, "<td class=\"n\">&ndash;");
    at_buffer_markup(page->text, *aside ? "<span class=\"ci\">%s</span></td>" : "%s</td>", aside);
}

static void add_bound(struct at_page *page, const struct at_statement *s)
{
    char number[AT_ROUNDED_SIZE], share[AT_ROUNDED_SIZE];
    bool finite = s->has_bound && isfinite(s->bound.bound.high);
    at_buffer_markup(page->text, "<td class=\"n\">%s<span class=\"ci\">",
                     finite ? at_rounded_print(s->bound.bound.high, AT_ROUND_UP, number) : "\u2013");
    if (s->has_bound)
        at_buffer_markup(page->text, finite ? "%s of heads" : "not finite, %s of heads", at_percent_print(s->share, share));
    else if (s->needed)
        at_buffer_printf(page->text, "takes %" PRId64 " heads", s->needed);
    at_buffer_text(page->text, "</span></td>");
}

static void add_tail(struct at_page *page, const struct at_statement *s)
{
    char aside[96] = "", p[AT_ROUNDED_SIZE];
    static const struct at_interval none = {NAN, NAN};
    if (s->has_tail && isnan(s->level.interval.low))
        snprintf(aside, sizeof aside, "model rejected, p = %s", at_rounded_print(s->tail.p_value, AT_ROUND_NEAREST, p));
    else if (s->has_tail)
        snprintf(aside, sizeof aside, "1 head in %.10g, p = %s", s->level.period, at_rounded_print(s->tail.p_value, AT_ROUND_NEAREST, p));
    else if (s->heads < AT_TAIL_FEWEST)
        snprintf(aside, sizeof aside, "takes %d heads", AT_TAIL_FEWEST);
    add_interval(page, s->has_tail ? s->level.interval : none, aside);
}

static void add_row(struct at_page *page, const struct measure *m, size_t i)
{
    const struct at_statement *s = &m->stated.rows[i].statement;
    at_buffer_markup(page->text, "<td class=\"pair\">%s</td>", m->stated.metric->label);
    at_buffer_printf(page->text, "<td class=\"n\">%zu", s->heads);
    if (s->unknown)
        at_buffer_printf(page->text, "<span class=\"ci\">%zu unknown</span>", s->unknown);
    at_buffer_text(page->text, "</td>");
    add_bound(page, s);
    add_interval(page, s->median, "");
    add_interval(page, s->mean, "");
    add_tail(page, s);
    at_buffer_text(page->text, "</tr>\n");
}

/* The measures that some head has; NULL where none is left. */
static const struct measure *next_there(const struct measure *measures, const struct measure *after)
{
    const struct measure *m = after ? after + 1 : measures;
    while (m < measures + MEASURES && !m->there)
        m++;
    return m < measures + MEASURES ? m : NULL;
}

static void add_table(struct at_page *page, const struct measure *measures, size_t from, size_t to)
{
    const struct at_statements *first = &next_there(measures, NULL)->stated;
    int rows = 0;
    for (const struct measure *m = NULL; (m = next_there(measures, m));)
        rows++;
    at_buffer_text(page->text, "<div class=\"wide\"><table>\n<thead><tr><th scope=\"col\">Variant</th><th scope=\"col\">Measure</th>"
                               "<th scope=\"col\" class=\"n\">Heads</th><th scope=\"col\" class=\"n\">At most</th>"
                               "<th scope=\"col\" class=\"n\">Median</th><th scope=\"col\" class=\"n\">Mean</th>"
                               "<th scope=\"col\" class=\"n\">Exceeded by few, if the tail model holds</th></tr></thead>\n<tbody>\n");
    for (size_t i = from; i < to; i++) {
        at_buffer_printf(page->text, "<tr><th scope=\"row\" rowspan=\"%d\">", rows);
        at_buffer_markup(page->text, "%s</th>", first->pools.rows[i].variant);
        for (const struct measure *m = NULL; (m = next_there(measures, m));) {
            at_buffer_text(page->text, &m->stated == first ? "" : "<tr>");
            add_row(page, m, i);
        }
    }
    at_buffer_text(page->text, "</tbody></table></div>\n");
}

static void add_sentences(struct at_page *page, const struct measure *measures, size_t from, size_t to)
{
    at_buffer_text(page->text, "<details><summary>In sentences</summary>\n<dl>\n");
    for (size_t i = from; i < to; i++) {
        at_buffer_markup(page->text, "<dt>%s</dt><dd><ul>\n", next_there(measures, NULL)->stated.pools.rows[i].variant);
        for (const struct measure *m = NULL; (m = next_there(measures, m));)
            for (int k = 0; k < AT_SAIDS; k++)
                at_buffer_markup(page->text, "<li>%s</li>\n", m->stated.rows[i].statement.said[k]);
        at_buffer_text(page->text, "</ul></dd>\n");
    }
    at_buffer_text(page->text, "</dl></details>\n");
}

enum kind { SPEAKS, TOO_FEW, NO_SAMPLE, KINDS };

/* Whether anything is said of other heads of the pool of rows [from, to), or why not. */
static enum kind kind_of(const struct measure *measures, size_t from, size_t to)
{
    enum kind kind = NO_SAMPLE;
    for (const struct measure *m = NULL; (m = next_there(measures, m));)
        for (size_t i = from; i < to; i++)
            if (m->stated.rows[i].statement.has_bound)
                return SPEAKS;
            else if (m->stated.rows[i].statement.sample)
                kind = TOO_FEW;
    return kind;
}

static void list_silent(struct at_page *page, const struct measure *measures, enum kind kind, const char *why)
{
    const struct at_pools *pools = &next_there(measures, NULL)->stated.pools;
    size_t count = 0;
    for (size_t from = 0, to; from < pools->count; from = to) {
        to = at_pools_next(pools, from);
        if (kind_of(measures, from, to) != kind)
            continue;
        at_buffer_text(page->text, count++ ? "; " : "<p class=\"note\">");
        at_buffer_markup(page->text, "%s%s", count > 1 ? "" : why, pools->rows[from].title);
    }
    at_buffer_text(page->text, count ? ".</p>\n" : "");
}

static enum at_status add_section(struct at_page *page, const struct measure *measures, struct at_error *error)
{
    enum at_status status = AT_OK;
    const int figures = page->figures;
    const struct at_statements *first = &next_there(measures, NULL)->stated;
    char few[160];
    int64_t fewest = 0;
    at_buffer_printf(
        page->text,
        "<section id=\"statements\">\n<h2>What these heads say of others</h2>\n<p class=\"note\">The whole error, one number "
        "for each key/value head, the worst of the query heads that read it, over the query rows looked at. Each bound and "
        "each interval speaks, at %.10g&#8202;%% confidence, of heads drawn from the same source, and of no other source, layer or "
        "model; that one of many is wrong is likelier. Means and tails are approximate. p: of the test of the tail's model; not "
        "to be rejected is no proof.</p>\n",
        100 * at_interval_level);
    for (size_t from = 0, to; from < first->pools.count && !status; from = to) {
        to = at_pools_next(&first->pools, from);
        if (kind_of(measures, from, to) != SPEAKS)
            continue;
        at_buffer_markup(page->text, "<h3>%s ", first->pools.rows[from].title);
        at_buffer_markup(page->text, "<small>heads from %s</small></h3>\n", first->rows[from].source);
        add_table(page, measures, from, to);
        if (page->figures - figures < FIGURES_MOST)
            status = at_page_tails_figure(page, first, from, to, error);
        add_sentences(page, measures, from, to);
    }
    at_order_fewest(AT_SIDE_UPPER, at_interval_level, at_statement_shares[0], 1, &fewest);
    snprintf(few, sizeof few, "Too few heads to bound even %.10g %% of the others, which takes %" PRId64 ": ", 100 * at_statement_shares[0],
             fewest);
    list_silent(page, measures, TOO_FEW, few);
    list_silent(page, measures, NO_SAMPLE, "Heads of a capture are no sample of others, and nothing is said of any: ");
    if (page->figures - figures == FIGURES_MOST)
        at_buffer_printf(page->text, "<p class=\"note\">No more than the first %d tails are drawn.</p>\n", FIGURES_MOST);
    at_buffer_text(page->text, "</section>\n");
    return status;
}

enum at_status at_page_statements(struct at_page *page, struct at_error *error)
{
    struct measure measures[MEASURES] = {0};
    const struct at_statement_question question = {.confidence = at_interval_level};
    enum at_status status = AT_OK;
    for (int m = 0; m < MEASURES && !status; m++) {
        struct at_filter filter = *page->filter;
        filter.metric = metrics[m];
        filter.against = "original";
        status = at_statements_load(page->store, &filter, &question, &measures[m].stated, error);
        measures[m].there = !status && measures[m].stated.pools.count;
        status = status == AT_ERR_UNDEFINED ? AT_OK : status;
    }
    if (!status && next_there(measures, NULL))
        status = add_section(page, measures, error);
    for (int m = 0; m < MEASURES; m++)
        at_statements_done(&measures[m].stated);
    return status;
}
