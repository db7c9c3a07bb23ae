/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "cli/budget_table.h"

#include "cli/grid.h"
#include "cli/output.h"
#include "reports/number.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Smaller shares, of either sign, are shown as such. */
#define LEAST_SHOWN 1e-5

/* "95.3 %", "< 0.001 %"; "–" for none. */
static void add_share(struct at_grid *grid, double share)
{
    char text[AT_NUMBER_SIZE];
    if (isnan(share))
        snprintf(text, sizeof text, AT_NO_VALUE);
    else if (share != 0 && fabs(share) < LEAST_SHOWN)
        snprintf(text, sizeof text, "< %g %%", 100 * LEAST_SHOWN);
    else
        snprintf(text, sizeof text, "%.3g %%", 100 * share);
    at_grid_add(grid, text);
}

static void add_row(struct at_grid *grid, const char *label, const char *events, const char *fields, double alone, double share_alone,
                    double without, double share_removed)
{
    at_grid_add(grid, label);
    at_grid_add(grid, events);
    at_grid_number(grid, alone);
    add_share(grid, share_alone);
    at_grid_number(grid, without);
    add_share(grid, share_removed);
    at_grid_add(grid, fields);
}

static void print_shares(const struct at_budget *b)
{
    static const char *const headings[] = {"rounding",          "events",         ">error of it alone", ">share alone",
                                           ">error without it", ">share removed", "governed by"};
    struct at_grid grid;
    at_grid_init(&grid, sizeof headings / sizeof headings[0], headings);
    for (size_t i = 0; i < b->count; i++) {
        const struct at_budget_entry *e = &b->entries[i];
        const struct at_rounding_info *r = &at_roundings[e->rounding];
        add_row(&grid, r->label, r->events, r->fields, at_deviation_value(&e->alone, b->metric), e->share_alone,
                at_deviation_value(&e->without, b->metric), e->share_removed);
    }
    add_row(&grid, "sum", "", "", NAN, b->sum_alone, NAN, b->sum_removed);
    add_row(&grid, "remainder: interaction", "", "", NAN, 1 - b->sum_alone, NAN, 1 - b->sum_removed);
    at_grid_print(&grid);
    at_grid_done(&grid);
}

/*
 * "66 % is K's quantisation (E5-E6): k.smooth=mean brings rel_rmse from 0.12 to 0.04, measured." Then what is better still, for whatever
 * rounding, and what 16 bits bring.
 */
static void print_best(const struct at_account *account, const struct at_budget_entry *lead)
{
    const struct at_advices *a = account->advices;
    const enum at_deviation_metric metric = account->budget->metric;
    const struct at_advice *of_lead = at_advice_best(a, metric, false, lead->rounding);
    const struct at_advice *narrow = at_advice_best(a, metric, false, AT_ROUNDING_COUNT);
    const struct at_advice *wide = at_advice_best(a, metric, true, AT_ROUNDING_COUNT);
    const struct at_rounding_info *rounding = &at_roundings[lead->rounding];
    const char *name = at_deviations[metric].name;
    bool alone = lead->share_alone >= AT_ADVICE_LEAST_SHARE;
    char value[AT_NUMBER_SIZE], then[AT_NUMBER_SIZE], what[200];
    snprintf(what, sizeof what, "%.3g %% %s %.80s (%.40s)", 100 * (alone ? lead->share_alone : lead->share_removed),
             alone ? "is" : "goes without", rounding->label, rounding->events);
    at_number_print(a->value, value);
    if (!narrow && !wide)
        at_say(stdout, "%s. None of these changes makes %s smaller.", what, name);
    if (of_lead) {
        at_number_print(at_deviation_value(&of_lead->deviation, metric), then);
        at_say(stdout, "%s: %s brings %s from %s to %s, measured.", what, of_lead->change, name, value, then);
    } else if (narrow || wide) {
        at_say(stdout, "%s: no change for it in these formats makes %s smaller.", what, name);
    }
    if (narrow && narrow != of_lead) {
        at_number_print(at_deviation_value(&narrow->deviation, metric), then);
        at_say(stdout, "Best of all: %s brings it from %s to %s, measured.", narrow->change, value, then);
    }
    if (wide) {
        at_number_print(at_deviation_value(&wide->deviation, metric), then);
        at_say(stdout, "In 16 bits %s brings it from %s to %s, measured.", wide->change, value, then);
    }
}

static void print_advice(const struct at_account *account)
{
    static const char *const headings[] = {"change", "for", ">error then", ">of the error now"};
    const struct at_advices *a = account->advices;
    const enum at_deviation_metric metric = account->budget->metric;
    const struct at_budget_entry *lead = at_advice_lead(account->budget);
    struct at_grid grid;
    if (!lead || !a->count) {
        at_say(stdout, "No field of the numerics that governs the leading rounding leaves anything to change.");
        return;
    }
    printf("\n");
    at_grid_init(&grid, sizeof headings / sizeof headings[0], headings);
    for (size_t i = 0; i < a->count; i++) {
        at_grid_add(&grid, a->list[i].change);
        at_grid_add(&grid, at_roundings[a->list[i].rounding].label);
        at_grid_number(&grid, at_deviation_value(&a->list[i].deviation, metric));
        add_share(&grid, fabs(at_deviation_value(&a->list[i].deviation, metric) / a->value));
    }
    at_grid_print(&grid);
    at_grid_done(&grid);
    print_best(account, lead);
}

/* The error that noise of the formats alone would make. */
static void print_expected(const struct at_account *account)
{
    const struct at_budget *b = account->budget;
    const double value = at_expectation_value(account->expectation), measured = at_deviation_value(&b->whole, AT_DEVIATION_REL_RMSE);
    char expected[AT_NUMBER_SIZE], ratio[AT_NUMBER_SIZE];
    at_number_print(value, expected);
    at_number_print(measured / value, ratio);
    at_say(stdout, "Expected of these numerics on these inputs, by noise of the formats: rel_rmse %s; measured / expected %s.", expected,
           ratio);
}

void at_budget_print(const struct at_account *account)
{
    const struct at_budget *b = account->budget;
    const struct at_problem *p = &account->c->problem;
    const char *plural = p->batch * p->heads_q == 1 ? "" : "s";
    char whole[AT_NUMBER_SIZE], none[AT_NUMBER_SIZE], seed[AT_NUMBER_SIZE] = "";
    if (!account->c->input->capture)
        snprintf(seed, sizeof seed, ", seed %" PRIu64, account->c->seed);
    at_number_print(at_deviation_value(&b->whole, b->metric), whole);
    at_number_print(at_deviation_value(&b->none, b->metric), none);
    at_say(stdout, "%s%s, %s: %" PRId64 " keys, d = %" PRId64 ", %" PRId64 " rows in each of %" PRId64 " head%s", account->c->input->label,
           seed, account->variant->name, p->seq_k, p->dim, account->c->rows.count, p->batch * p->heads_q, plural);
    at_say(stdout, "%s is %s with all roundings, %s with none; shares are of the %s", at_deviations[b->metric].name, whole, none,
           at_deviations[b->metric].share);
    print_shares(b);
    print_expected(account);
    if (account->advices)
        print_advice(account);
    printf("\n");
}

static json_t *shares_json(const struct at_budget *b)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < b->count; i++) {
        const struct at_budget_entry *e = &b->entries[i];
        const struct at_rounding_info *r = &at_roundings[e->rounding];
        json_array_append_new(
            rows, json_pack("{s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:o}", "rounding", r->name, "label", r->label, "events", r->events,
                            "fields", r->fields, "alone", at_number_json(at_deviation_value(&e->alone, b->metric)), "share_alone",
                            at_number_json(e->share_alone), "without", at_number_json(at_deviation_value(&e->without, b->metric)),
                            "share_removed", at_number_json(e->share_removed)));
    }
    return rows;
}

static json_t *expected_json(const struct at_expectation *e)
{
    json_t *parts = json_object();
    for (int r = 0; r < AT_ROUNDING_COUNT; r++)
        if (e->square[r] > 0)
            json_object_set_new(parts, at_roundings[r].name, at_number_json(sqrt(e->square[r] / e->truth2)));
    return json_pack("{s:o, s:o}", "rel_rmse", at_number_json(at_expectation_value(e)), "alone", parts);
}

static json_t *advice_json(const struct at_account *account)
{
    if (!account->advices)
        return json_null();
    json_t *rows = json_array();
    for (size_t i = 0; i < account->advices->count; i++) {
        const struct at_advice *a = &account->advices->list[i];
        json_array_append_new(rows, json_pack("{s:s, s:s, s:b, s:b, s:o}", "change", a->change, "rounding", at_roundings[a->rounding].name,
                                              "widens", a->widens, "second", a->second, "value",
                                              at_number_json(at_deviation_value(&a->deviation, account->budget->metric))));
    }
    return rows;
}

json_t *at_budget_json(const struct at_account *account)
{
    const struct at_budget *b = account->budget;
    const struct at_problem *p = &account->c->problem;
    json_t *seed = account->c->input->capture ? json_null() : json_integer((json_int_t)account->c->seed);
    return json_pack("{s:o, s:o, s:o, s:I, s:I, s:I, s:I, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "case",
                     at_text_json(account->c->input->label), "seed", seed, "variant", at_text_json(account->variant->name), "seq_q",
                     (json_int_t)p->seq_q, "seq_k", (json_int_t)p->seq_k, "heads", (json_int_t)(p->batch * p->heads_q), "rows",
                     (json_int_t)account->c->rows.count, "oracle", account->oracle->oracle->name, "metric", at_deviations[b->metric].name,
                     "all", at_number_json(at_deviation_value(&b->whole, b->metric)), "none",
                     at_number_json(at_deviation_value(&b->none, b->metric)), "shares", shares_json(b), "remainder_alone",
                     at_number_json(1 - b->sum_alone), "remainder_removed", at_number_json(1 - b->sum_removed), "expected",
                     expected_json(account->expectation), "advice", advice_json(account));
}
