/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "cli/comparison.h"

#include "cli/grid.h"
#include "cli/output.h"
#include "reports/number.h"

#include <math.h>
#include <stdio.h>

static const char *shown(const struct at_comparison *c)
{
    if (!(c->adjusted <= 1 - at_interval_level))
        return "no difference";
    return c->test.a_smaller < c->test.b_smaller ? "smaller error" : "larger error";
}

static void add_row(struct at_grid *grid, const struct at_pool *pool, const struct at_comparison *c)
{
    char low[AT_NUMBER_SIZE], high[AT_NUMBER_SIZE], interval[2 * AT_NUMBER_SIZE + 8];
    at_number_print(c->ratio.interval.low, low);
    at_number_print(c->ratio.interval.high, high);
    snprintf(interval, sizeof interval, "%s to %s", low, high);
    at_grid_add(grid, pool->variant);
    at_grid_number(grid, (double)c->heads);
    at_grid_number(grid, c->ratio.ratio);
    at_grid_add(grid, *c->why ? AT_NO_VALUE : interval);
    at_grid_number(grid, c->p);
    at_grid_number(grid, c->adjusted);
    at_grid_add(grid, isnan(c->p) ? AT_NO_VALUE : shown(c));
}

static void print_case(const struct at_comparisons *r, size_t from, size_t to, const char *baseline)
{
    static const char *const headings[] = {"variant", ">K/V heads", ">error ratio", "95 %", ">p", ">p by Holm", "shown"};
    struct at_grid grid;
    at_say(stdout, "%s, beside %s", r->pools.rows[r->rows[from].pool].title, baseline);
    at_grid_init(&grid, sizeof headings / sizeof headings[0], headings);
    for (size_t i = from; i < to; i++)
        add_row(&grid, &r->pools.rows[r->rows[i].pool], &r->rows[i]);
    at_grid_print(&grid);
    at_grid_done(&grid);
    for (size_t i = from; i < to; i++)
        if (*r->rows[i].why)
            at_say(stdout, "%s: no interval: %s", r->pools.rows[r->rows[i].pool].variant, r->rows[i].why);
    puts("");
}

void at_comparisons_print(const struct at_comparisons *r, const char *baseline)
{
    for (size_t from = 0, to; from < r->count; from = to) {
        to = from;
        while (to < r->count && r->pools.rows[r->rows[to].pool].id == r->pools.rows[r->rows[from].pool].id)
            to++;
        print_case(r, from, to, baseline);
    }
    if (r->count)
        printf("Error ratio: geometric mean over key/value heads of RMSE over the baseline's on the same head. p: Wilcoxon's signed rank "
               "test,\n"
               "two-sided; by Holm: adjusted for all %zu comparisons shown, and 'shown' is at %g. Heads of one capture are not a sample.\n",
               r->count, 1 - at_interval_level);
}

json_t *at_comparisons_json(const struct at_comparisons *r, const char *baseline)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < r->count; i++) {
        const struct at_comparison *c = &r->rows[i];
        const struct at_interval *interval = &c->ratio.interval;
        json_t *limits = *c->why ? json_null() : json_pack("[o,o]", at_number_json(interval->low), at_number_json(interval->high));
        json_array_append_new(
            rows, json_pack("{s:o, s:o, s:o, s:I, s:o, s:o, s:o, s:o, s:o, s:o}", "case", at_text_json(r->pools.rows[c->pool].title),
                            "variant", at_text_json(r->pools.rows[c->pool].variant), "baseline", at_text_json(baseline), "key_heads",
                            (json_int_t)c->heads, "ratio", at_number_json(c->ratio.ratio), "ratio_interval", limits, "ratio_why",
                            *c->why ? at_text_json(c->why) : json_null(), "p", at_number_json(c->p), "p_holm", at_number_json(c->adjusted),
                            "shown", isnan(c->p) ? json_null() : at_text_json(shown(c))));
    }
    return rows;
}
