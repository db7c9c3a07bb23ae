/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "reports/html.h"

#include "reports/interval.h"
#include "reports/number.h"
#include "stats/heads.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* The row of [from, to) with the smallest (sign 1) or largest (sign -1) defined value; NULL if none is defined. */
static const struct at_result *extreme(const struct at_page *page, size_t from, size_t to, int sign,
                                       double (*value)(const struct at_result *))
{
    const struct at_result *best = NULL;
    for (size_t i = from; i < to; i++) {
        const struct at_result *r = &page->results.rows[i];
        if (!isnan(value(r)) && (!best || sign * value(r) < sign * value(best)))
            best = r;
    }
    return best;
}

static double rel_rmse_of(const struct at_result *r)
{
    return r->rel_rmse;
}

static double max_rel_of(const struct at_result *r)
{
    return r->max_rel;
}

static void say_extreme(struct at_page *page, const char *words, const struct at_result *r, double value)
{
    char number[AT_NUMBER_SIZE];
    at_number_print(value, number);
    at_buffer_markup(page->text, "%s <b class=\"n\">%s</b> (%s)", words, number, r->variant);
}

static void say_case(struct at_page *page, size_t from, size_t to)
{
    const struct at_result *first = &page->results.rows[from];
    const struct at_result *low = extreme(page, from, to, 1, rel_rmse_of), *high = extreme(page, from, to, -1, rel_rmse_of);
    const struct at_result *worst = extreme(page, from, to, -1, max_rel_of);
    char looked_at[AT_LOOKED_AT_SIZE], number[AT_NUMBER_SIZE];
    at_page_looked_at(first, looked_at);
    at_buffer_printf(page->text, "<li><a href=\"#case-%zu\">", from);
    at_buffer_markup(page->text, "%s</a>, %s: ", first->title, looked_at);
    if (!low) {
        at_buffer_text(page->text, "no variant has a defined relative RMSE.");
    } else if (low == high) {
        say_extreme(page, "relative RMSE", low, low->rel_rmse);
        at_buffer_text(page->text, ".");
    } else {
        say_extreme(page, "relative RMSE from", low, low->rel_rmse);
        say_extreme(page, " to", high, high->rel_rmse);
        at_buffer_text(page->text, ".");
    }
    if (worst) {
        at_number_print(worst->max_rel, number);
        at_buffer_markup(page->text,
                         " The largest error of an output looked at is <b class=\"n\">%s</b> of its <span class=\"formula\">"
                         "&Sigma;&#8202;p&middot;|v|</span> (%s).",
                         number, worst->variant);
    }
    for (size_t i = from; i < to; i++) {
        const struct at_result *r = &page->results.rows[i];
        if (!(r->nonfinite > 0))
            continue;
        at_number_print(r->nonfinite, number);
        at_buffer_markup(page->text, " <strong class=\"bad\">%s gave %s outputs that are NaN or infinite.</strong>", r->variant, number);
    }
    if (first->undefined_rows > 0)
        at_buffer_printf(page->text,
                         " <strong class=\"bad\">%" PRId64 " rows have no finite truth, because of NaN or infinity in the inputs, "
                         "and are left out.</strong>",
                         first->undefined_rows);
    at_buffer_text(page->text, "</li>\n");
}

/* How sharp the truth was for what was measured with it, and what a sharper one said. */
static void say_ladder(struct at_page *page, const struct at_table *t, size_t i)
{
    const struct at_cell *smallest = at_table_cell(t, i, "smallest_log2"), *by = at_table_cell(t, i, "raised_by");
    const struct at_cell *with = at_table_cell(t, i, "checked_by"), *share = at_table_cell(t, i, "disagreement_share");
    int64_t open = at_table_cell(t, i, "open_rows")->integer;
    if (smallest->kind != AT_CELL_NULL)
        at_buffer_printf(page->text, "; the smallest error measured with it is 2<sup>%d</sup> of that", (int)floor(smallest->real));
    if (by->kind != AT_CELL_NULL)
        at_buffer_markup(page->text, "; rows that it left open were solved again by the oracle %s", by->text);
    if (open > 0)
        at_buffer_printf(page->text, "; <strong class=\"bad\">%" PRId64 " rows of a truth are open still</strong>", open);
    if (with->kind != AT_CELL_NULL && share->kind != AT_CELL_NULL) {
        char number[AT_NUMBER_SIZE];
        at_number_print(share->real, number);
        at_buffer_markup(page->text, "; rows drawn at random agree with the oracle %s: the largest difference is %s of what both allow",
                         with->text, number);
    }
}

static enum at_status say_truth(struct at_page *page, struct at_error *error)
{
    struct at_table t;
    enum at_status status = at_query_run(page->store, "truths", page->filter, &t, error);
    if (status)
        return status;
    at_buffer_text(page->text, "<p>The truth comes from ");
    for (size_t i = 0; i < t.rows; i++) {
        const struct at_cell *radius = at_table_cell(&t, i, "radius_log2");
        char bits[AT_NUMBER_SIZE];
        const char *precision = at_cell_print(at_table_cell(&t, i, "precision_bits"), bits);
        at_buffer_text(page->text, i ? "; and from " : "");
        at_buffer_markup(page->text, "the oracle %s, with a working precision of up to %s bits: ", at_table_cell(&t, i, "oracle")->text,
                         precision);
        if (radius->kind == AT_CELL_NULL)
            at_buffer_text(page->text, "its own error is 0");
        else
            at_buffer_printf(page->text,
                             "its own error is at most 2<sup>%d</sup> of <span class=\"formula\">&Sigma;&#8202;p&middot;|v|</span> for "
                             "every output looked at "
                             "that has a finite truth",
                             (int)ceil(radius->real));
        say_ladder(page, &t, i);
    }
    at_buffer_text(page->text, ".</p>\n");
    at_table_done(&t);
    return AT_OK;
}

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

enum at_status at_page_summary(struct at_page *page, struct at_error *error)
{
    struct at_table variants;
    const struct at_results *r = &page->results;
    enum at_status status = at_query_run(page->store, "variants", page->filter, &variants, error);
    if (status)
        return status;
    at_buffer_markup(page->text, "<header>\n<p class=\"brand\">attest</p>\n<h1>%s</h1>\n",
                     page->filter->study ? page->filter->study : "Accuracy of low-precision attention");
    at_buffer_printf(page->text, "<p class=\"lead\">%zu variant%s of attention on %zu case%s of inputs, %zu run%s.</p>\n", variants.rows,
                     plural(variants.rows), r->cases, plural(r->cases), r->count, plural(r->count));
    at_table_done(&variants);
    at_buffer_text(page->text,
                   "<nav><a href=\"#overview\">Overview</a> <a href=\"#cases\">Case by case</a> <a href=\"#provenance\">Provenance</a> "
                   "<a href=\"#glossary\">Glossary</a></nav>\n</header>\n<section id=\"summary\">\n<h2>What was found</h2>\n<ul>\n");
    for (size_t from = 0, to; from < r->count; from = to) {
        to = at_results_next_case(r, from);
        say_case(page, from, to);
    }
    at_buffer_text(page->text, "</ul>\n");
    status = say_truth(page, error);
    at_buffer_printf(
        page->text,
        "<p class=\"note\">Errors and maxima are those of the query rows looked at; of other rows and inputs this page says nothing, of "
        "other heads only under &ldquo;What these heads say of others&rdquo;. Intervals hold %g&#8202;%% and come from drawing key/value "
        "heads with replacement (bootstrap with %d resamples: of pooled errors studentised from %d heads on, else bias-corrected and "
        "accelerated) where nothing else is said: they show how much heads differ, and need at least %d. A dash is an undefined "
        "value.</p>\n</section>\n",
        100 * at_interval_level, AT_INTERVAL_RESAMPLES, AT_HEADS_FEWEST, AT_INTERVAL_FEWEST);
    return status;
}
