/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "cli/fits_table.h"

#include "cli/grid.h"
#include "cli/output.h"
#include "reports/interval.h"
#include "stats/sentence.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* "0.5 (0.48 to 0.52)" */
static void add_estimate(struct at_grid *grid, const struct at_power_law *law)
{
    char value[AT_NUMBER_SIZE], low[AT_NUMBER_SIZE], high[AT_NUMBER_SIZE], text[3 * AT_NUMBER_SIZE + 16];
    at_number_print(law->exponent, value);
    at_number_print(law->interval.low, low);
    at_number_print(law->interval.high, high);
    if (isnan(law->interval.low))
        snprintf(text, sizeof text, isnan(law->exponent) ? "%s" : "%s (" AT_NO_VALUE ")", value);
    else
        snprintf(text, sizeof text, "%s (%s to %s)", value, low, high);
    at_grid_add(grid, text);
}

static void add_row(struct at_grid *grid, const struct at_sensitivity *s, enum at_law law)
{
    char least[AT_NUMBER_SIZE], most[AT_NUMBER_SIZE], text[AT_SENSITIVITY_TEXT_SIZE], pair[2 * AT_NUMBER_SIZE + 8];
    at_grid_add(grid, s->swept->variant);
    if (s->fitted) {
        add_estimate(grid, &s->law);
        add_estimate(grid, &s->median);
        at_number_print(s->bend.least, least);
        at_number_print(s->bend.most, most);
        snprintf(pair, sizeof pair, "%s to %s", least, most);
        at_grid_add(grid, pair);
        at_grid_number(grid, s->bend.factor);
        snprintf(pair, sizeof pair, "%.10g to %.10g", s->swept->x[0], s->swept->x[s->swept->points - 1]);
        at_grid_add(grid, pair);
    } else {
        for (int i = 0; i < 5; i++)
            at_grid_add(grid, AT_NO_VALUE);
    }
    at_grid_number(grid, (double)s->swept->points);
    at_grid_number(grid, (double)s->swept->heads);
    at_sensitivity_verdict(s, law, text);
    at_grid_add(grid, text);
}

static void print_left_out(const struct at_swept *s)
{
    if (s->points_out)
        at_say(stdout, "%s: %zu point%s left out, where a head has no logarithm: 0, undefined, infinite, or a radius above a 1024th of it",
               s->variant, s->points_out, s->points_out == 1 ? "" : "s");
    if (s->heads_out)
        at_say(stdout, "%s: %zu head%s left out, which not every point has", s->variant, s->heads_out, s->heads_out == 1 ? "" : "s");
    if (s->negative)
        at_say(stdout, "%s: the metric is below 0; what was fitted is its size", s->variant);
}

/* One sentence; false: refused. */
static bool print_reach(const struct at_sensitivity *s, enum at_law law, const char *metric, double at)
{
    struct at_reach r;
    struct at_error error;
    char text[AT_SENTENCE_SIZE];
    const struct at_subject subject = {metric, s->swept->title};
    if (at_sensitivity_reach(s, law, at, &r, &error)) {
        at_say(stdout, "%s: cannot say at %s = %.10g: %s", s->swept->variant, s->swept->over, at, error.message);
        return false;
    }
    if (at_sentence_reach(&r, at_interval_level, s->swept->over, at, s->swept->x[0], s->swept->x[s->swept->points - 1], subject, text)) {
        at_say(stdout, "%s: cannot say at %s = %.10g: its names are too long for a sentence", s->swept->variant, s->swept->over, at);
        return false;
    }
    at_say(stdout, "%s: %s", s->swept->variant, text);
    return true;
}

static bool same_sweep(const struct at_swept *a, const struct at_swept *b)
{
    return a->over == b->over && strcmp(a->title, b->title) == 0;
}

static void print_sweep(const struct at_sensitivities *all, size_t from, size_t to)
{
    static const char *const power[] = {"variant", ">exponent", ">by Theil and Sen", ">between neighbours", ">off the line", ">fitted on",
                                        ">points", ">heads",    "power law"};
    static const char *const exponential[] = {
        "variant", ">slope", ">by Theil and Sen", ">between neighbours", ">off the line", ">fitted on", ">points", ">heads", "exponential"};
    struct at_grid grid;
    at_say(stdout, "%s over %s", all->rows[from].swept->title, all->rows[from].swept->over);
    at_grid_init(&grid, sizeof power / sizeof power[0], all->law == AT_LAW_POWER ? power : exponential);
    for (size_t i = from; i < to; i++)
        add_row(&grid, &all->rows[i], all->law);
    at_grid_print(&grid);
    at_grid_done(&grid);
    for (size_t i = from; i < to; i++)
        print_left_out(all->rows[i].swept);
}

void at_fits_print(const struct at_sensitivities *all, const struct at_filter *filter, const double *at, size_t count, bool *ret_refused)
{
    *ret_refused = false;
    printf("%s, %s, %s\n\n", filter->metric, strcmp(filter->against, "original") == 0 ? "whole error" : "the kernel's part",
           all->law == AT_LAW_POWER ? "y = factor x^exponent" : "y = factor e^(slope x)");
    for (size_t from = 0, to; from < all->swepts.count; from = to) {
        for (to = from + 1; to < all->swepts.count && same_sweep(all->rows[to].swept, all->rows[from].swept);)
            to++;
        print_sweep(all, from, to);
        for (size_t i = from; i < to; i++)
            for (size_t a = 0; a < count; a++)
                *ret_refused |= !print_reach(&all->rows[i], all->law, filter->metric, at[a]);
        puts("");
    }
    printf("In brackets: %g %% intervals, by heads (Student's, of their own lines); with one head, by points. An exponent speaks about the "
           "range\n"
           "it was fitted on. Off the line: by what factor a point lies off it at most. Rejected with p %g or below.\n",
           100 * at_interval_level, AT_BEND_LEVEL);
}

static json_t *pair_json(double low, double high)
{
    return isnan(low) ? json_null() : json_pack("[o, o]", at_number_json(low), at_number_json(high));
}

static json_t *reach_json(const struct at_sensitivity *s, enum at_law law, double at, bool *ret_refused)
{
    struct at_reach r;
    struct at_error error;
    if (at_sensitivity_reach(s, law, at, &r, &error) == AT_OK)
        return json_pack("{s:o, s:o, s:o, s:o, s:n}", "at", at_number_json(at), "value", at_number_json(r.value), "interval",
                         pair_json(r.line.low, r.line.high), "bent_interval", pair_json(r.bent.low, r.bent.high), "refused");
    *ret_refused = true;
    return json_pack("{s:o, s:n, s:n, s:n, s:o}", "at", at_number_json(at), "value", "interval", "bent_interval", "refused",
                     at_text_json(error.message));
}

static json_t *points_json(const struct at_swept *s)
{
    json_t *points = json_array();
    for (size_t p = 0; p < s->points; p++) {
        json_t *y = json_array();
        for (size_t h = 0; h < s->heads; h++)
            json_array_append_new(y, at_number_json(s->y[h * s->points + p]));
        json_array_append_new(points, json_pack("{s:o, s:o}", "x", at_number_json(s->x[p]), "y", y));
    }
    return points;
}

static json_t *row_json(const struct at_sensitivity *s, enum at_law law, const struct at_filter *filter)
{
    char verdict[AT_SENSITIVITY_TEXT_SIZE];
    double none = s->fitted ? 1 : NAN;
    at_sensitivity_verdict(s, law, verdict);
    json_t *made =
        json_pack("{s:o, s:s, s:o, s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:b, s:b, s:s}", "inputs", at_text_json(s->swept->title), "over",
                  s->swept->over, "variant", at_text_json(s->swept->variant), "metric", filter->metric, "against", filter->against, "law",
                  law == AT_LAW_POWER ? "power" : "exponential", "points", (json_int_t)s->swept->points, "heads",
                  (json_int_t)s->swept->heads, "points_left_out", (json_int_t)s->swept->points_out, "heads_left_out",
                  (json_int_t)s->swept->heads_out, "negative", (int)s->swept->negative, "by_heads", (int)s->by_heads, "verdict", verdict);
    json_t *fit =
        json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "exponent", at_number_json(none * s->law.exponent), "interval",
                  s->fitted ? pair_json(s->law.interval.low, s->law.interval.high) : json_null(), "factor",
                  at_number_json(none * s->law.factor), "median_exponent", at_number_json(none * s->median.exponent), "median_interval",
                  s->fitted ? pair_json(s->median.interval.low, s->median.interval.high) : json_null(), "p_value",
                  at_number_json(none * s->bend.p_value), "off_the_line", at_number_json(none * s->bend.factor), "between_neighbours",
                  s->fitted ? pair_json(s->bend.least, s->bend.most) : json_null(), "data", points_json(s->swept));
    if (!made || !fit || json_object_update_new(made, fit)) {
        json_decref(made);
        return NULL;
    }
    return made;
}

json_t *at_fits_json(const struct at_sensitivities *all, const struct at_filter *filter, const double *at, size_t count, bool *ret_refused)
{
    json_t *rows = json_array();
    *ret_refused = false;
    for (size_t i = 0; rows && i < all->swepts.count; i++) {
        json_t *row = row_json(&all->rows[i], all->law, filter), *values = json_array();
        for (size_t a = 0; a < count; a++)
            json_array_append_new(values, reach_json(&all->rows[i], all->law, at[a], ret_refused));
        json_object_set_new(row, "at", values);
        if (json_array_append_new(rows, row)) {
            json_decref(rows);
            return NULL;
        }
    }
    return rows;
}
