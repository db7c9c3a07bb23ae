/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "cli/checked.h"

#include "cli/grid.h"
#include "cli/output.h"
#include "cli/verb.h"
#include "study/check_spread.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Bad rows of a head that are listed one by one. */
enum { LISTED = 8 };

int at_checked_exit(const struct at_check *check)
{
    return check->verdict == AT_CHECK_BUG ? AT_EXIT_NOT_MET : check->verdict == AT_CHECK_CANNOT_SAY ? AT_EXIT_CANNOT : AT_EXIT_OK;
}

static const struct at_check_row *row_of(const struct at_check *c, int64_t head, int64_t row)
{
    return &c->row[head * c->rows + row];
}

static void add_integer(struct at_grid *grid, int64_t value)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRId64, value);
    at_grid_add(grid, text);
}

static void print_heads(const struct at_check *c)
{
    static const char *const headings[] = {">batch",    ">head",      ">measured", ">expected", ">ratio", ">of inputs",
                                           ">expected", ">worst row", ">ratio",    ">bad rows", "verdict"};
    struct at_grid grid;
    at_grid_init(&grid, sizeof headings / sizeof headings[0], headings);
    for (int64_t i = 0; i < c->heads; i++) {
        const struct at_check_head *h = &c->head[i];
        add_integer(&grid, h->b);
        add_integer(&grid, h->h);
        at_grid_number(&grid, h->dequantised.measured);
        at_grid_number(&grid, h->dequantised.expected);
        at_grid_number(&grid, h->dequantised.ratio);
        at_grid_number(&grid, h->original.measured);
        at_grid_number(&grid, h->original.expected);
        if (h->worst < 0)
            at_grid_add(&grid, AT_NO_VALUE);
        else
            add_integer(&grid, c->row_index[h->worst]);
        at_grid_number(&grid, h->worst < 0 ? NAN : row_of(c, i, h->worst)->dequantised.ratio);
        add_integer(&grid, h->bad);
        at_grid_add(&grid, at_check_verdict_name(h->verdict));
    }
    at_grid_print(&grid);
    at_grid_done(&grid);
}

/* "rows 3, 17 and 40 more"; "all 64 rows"; "no row alone"; "log-sum-exps of 3 of 64 rows". */
static void name_rows(const struct at_check *c, int64_t head, char *text, size_t size)
{
    const struct at_check_head *h = &c->head[head];
    size_t used = 0;
    int64_t listed = 0;
    if (h->bad == 0 && h->lse_bad) {
        snprintf(text, size, "log-sum-exps of %" PRId64 " of %" PRId64 " rows", h->lse_bad, c->rows);
        return;
    }
    if (h->bad == 0 || h->bad == c->rows) {
        snprintf(text, size, h->bad ? "all %" PRId64 " rows" : "no row alone", c->rows);
        return;
    }
    used = (size_t)snprintf(text, size, "row%s ", h->bad == 1 ? "" : "s");
    for (int64_t i = 0; i < c->rows && listed < LISTED; i++)
        if (row_of(c, head, i)->bad)
            used += (size_t)snprintf(text + used, size - used, "%s%" PRId64, listed++ ? ", " : "", c->row_index[i]);
    if (h->bad > listed)
        snprintf(text + used, size - used, " and %" PRId64 " more", h->bad - listed);
}

static void print_bugs(const struct at_check *c)
{
    for (int64_t i = 0; i < c->heads; i++) {
        const struct at_check_head *h = &c->head[i];
        char rows[256], ratio[AT_NUMBER_SIZE];
        if (h->verdict != AT_CHECK_BUG)
            continue;
        name_rows(c, i, rows, sizeof rows);
        at_number_print(h->worst < 0 ? NAN : row_of(c, i, h->worst)->dequantised.ratio, ratio);
        at_say(stdout, "bug in head %" PRId64 " of batch %" PRId64 ", %s, ratio up to %s: %s (%s)", h->h, h->b, rows, ratio, h->pattern,
               h->evidence);
    }
}

static void print_rules(const struct at_check *c, bool accepts, const char *heading)
{
    char line[1024] = "";
    size_t used = 0;
    for (size_t i = 0; i < at_rule_count && used < sizeof line; i++)
        if (c->rule[i].asked && c->rule[i].accepts == accepts)
            used += (size_t)snprintf(line + used, sizeof line - used, "%s%s", used ? ", " : "", c->rule[i].rule->name);
    at_say(stdout, "%s: %s", heading, used ? line : "none");
}

static void print_bounds(const struct at_shown_check *shown)
{
    const struct at_check *c = shown->check;
    char row[AT_NUMBER_SIZE], head[AT_NUMBER_SIZE], lse[AT_NUMBER_SIZE], from[64];
    at_say(stdout, "expected: %s", c->expected_by);
    if (!c->controls && !c->by_model)
        return;
    snprintf(from, sizeof from, c->by_model ? "the model's spread in %d settings" : "%d schedules",
             c->by_model ? (int)at_check_spread_count : c->controls);
    at_number_print(c->bounds.row, row);
    at_number_print(c->bounds.head, head);
    at_number_print(c->bounds.lse, lse);
    at_say(stdout, "A correct kernel stays below a ratio of %s in each row and %s in each head%s%s%s but for a chance of %g (%s).", row,
           head, c->has_lse ? ", and its log-sum-exps within what their rows leave, " : "", c->has_lse ? lse : "",
           c->has_lse ? " at the most," : "", shown->question->level, from);
}

void at_checked_print(const struct at_shown_check *shown)
{
    const struct at_check *c = shown->check;
    int64_t bad = 0, heads = 0;
    print_heads(c);
    print_bugs(c);
    print_bounds(shown);
    print_rules(c, true, "Rules of the field that accept this output");
    print_rules(c, false, "Rules that reject it");
    for (int64_t i = 0; i < c->heads; i++) {
        heads += c->head[i].verdict == AT_CHECK_BUG;
        bad += c->head[i].bad;
    }
    if (c->verdict == AT_CHECK_BUG)
        at_say(stdout, "bug: in %" PRId64 " of %" PRId64 " heads, %" PRId64 " of %" PRId64 " rows.", heads, c->heads, bad,
               c->heads * c->rows);
    else if (c->verdict == AT_CHECK_CANNOT_SAY)
        at_say(stdout, "cannot say: %s.", c->reason);
    else
        at_say(stdout, "%s: %" PRId64 " rows of %" PRId64 " heads%s.", at_check_verdict_name(c->verdict), c->rows, c->heads,
               c->verdict == AT_CHECK_SAME_BITS ? " have the twin's bits" : "");
}

static json_t *error_json(const struct at_check_error *e)
{
    return json_pack("{so so so}", "measured", at_number_json(e->measured), "expected", at_number_json(e->expected), "ratio",
                     at_number_json(e->ratio));
}

static json_t *lse_json(const struct at_check_lse *e)
{
    return json_pack("{so so so}", "error", at_number_json(e->error), "low", at_number_json(e->low), "high", at_number_json(e->high));
}

static json_t *rows_json(const struct at_check *c, int64_t head)
{
    json_t *rows = json_array();
    for (int64_t i = 0; i < c->rows; i++) {
        const struct at_check_row *r = row_of(c, head, i);
        json_array_append_new(rows, json_pack("{sI so so sb sb sb}", "row", (json_int_t)c->row_index[i], "dequantised",
                                              error_json(&r->dequantised), "lse", lse_json(&r->lse), "defined", r->defined, "bad", r->bad,
                                              "lse_bad", r->lse_bad));
    }
    return rows;
}

static json_t *heads_json(const struct at_check *c)
{
    json_t *heads = json_array();
    for (int64_t i = 0; i < c->heads; i++) {
        const struct at_check_head *h = &c->head[i];
        bool bug = h->verdict == AT_CHECK_BUG;
        json_array_append_new(heads,
                              json_pack("{sI sI ss so so sI sI sI so sI so so so}", "batch", (json_int_t)h->b, "head", (json_int_t)h->h,
                                        "verdict", at_check_verdict_name(h->verdict), "dequantised", error_json(&h->dequantised),
                                        "original", error_json(&h->original), "bad_rows", (json_int_t)h->bad, "undefined_rows",
                                        (json_int_t)h->undefined, "nonfinite", (json_int_t)h->nonfinite, "differing",
                                        h->differing < 0 ? json_null() : json_integer(h->differing), "lse_bad_rows", (json_int_t)h->lse_bad,
                                        "pattern", bug ? at_text_json(h->pattern) : json_null(), "evidence",
                                        bug ? at_text_json(h->evidence) : json_null(), "rows", rows_json(c, i)));
    }
    return heads;
}

static json_t *rules_json(const struct at_check *c)
{
    json_t *rules = json_array();
    for (size_t i = 0; i < at_rule_count; i++) {
        const struct at_check_rule *r = &c->rule[i];
        json_array_append_new(rules,
                              json_pack("{ss so so}", "rule", r->rule->name, "accepts", r->asked ? json_boolean(r->accepts) : json_null(),
                                        "not_asked", r->asked ? json_null() : at_text_json(r->why_not)));
    }
    return rules;
}

json_t *at_checked_json(const struct at_shown_check *shown)
{
    const struct at_check *c = shown->check;
    const struct at_study *study = shown->question->study;
    char numerics[AT_NUMERICS_TEXT_SIZE];
    at_numerics_print(&c->numerics, numerics);
    json_t *bounds = json_pack("{so so so}", "row", at_number_json(c->bounds.row), "head", at_number_json(c->bounds.head), "lse",
                               at_number_json(c->bounds.lse));
    return json_pack("{ss so so so ss ss ss sf si so so so}", "verdict", at_check_verdict_name(c->verdict), "reason",
                     *c->reason ? at_text_json(c->reason) : json_null(), "case", at_text_json(study->inputs[0].label), "variant",
                     at_text_json(study->variants[0].name), "numerics", numerics, "oracle", c->oracle->name, "expected", c->expected_by,
                     "level", shown->question->level, "controls", c->controls, "bounds", bounds, "heads", heads_json(c), "rules",
                     rules_json(c));
}
