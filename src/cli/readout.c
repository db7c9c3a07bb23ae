/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "cli/readout.h"

#include "cli/grid.h"
#include "cli/output.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* "1.2e-3 (1.1e-3 to 1.3e-3)", each times `scale`. */
static void add_number(struct at_grid *grid, const struct at_read_number *number, double scale)
{
    char value[AT_NUMBER_SIZE], low[AT_NUMBER_SIZE], high[AT_NUMBER_SIZE], text[3 * AT_NUMBER_SIZE + 16];
    at_number_print(scale * number->value, value);
    at_number_print(scale * number->interval.low, low);
    at_number_print(scale * number->interval.high, high);
    if (isnan(number->interval.low))
        snprintf(text, sizeof text, isnan(number->value) ? "%s" : "%s (" AT_NO_VALUE ")", value);
    else
        snprintf(text, sizeof text, "%s (%s to %s)", value, low, high);
    at_grid_add(grid, text);
}

static void print_table(const struct at_readouts *r, size_t from, size_t to)
{
    static const char *const headings[] = {"variant", ">samples", ">KL mean",          ">median",       ">99 %",
                                           ">99.9 %", ">max",     ">top token same %", ">max |d logit|"};
    const struct at_read_statistics *first = &r->rows[from];
    char looked_at[AT_POOL_TEXT_SIZE], reason[AT_READ_REASON_SIZE];
    struct at_grid grid;
    at_pool_looked_at(at_pools_largest(&r->pools, first->pool, first->pool + 1), looked_at);
    at_say(stdout, "%s: %s", r->pools.rows[first->pool].title, looked_at);
    at_say(stdout, "%s, %" PRId64 " tokens x %" PRId64 ", %s, %" PRId64 " %s; %s", first->readout, first->tokens, first->width,
           first->heads ? "each head alone" : "all heads together", first->units, at_read_unit(first, first->units != 1),
           strcmp(first->against, "original") == 0 ? "whole error" : "the kernel's part");
    at_grid_init(&grid, sizeof headings / sizeof headings[0], headings);
    for (size_t i = from; i < to; i++) {
        const struct at_read_statistics *s = &r->rows[i];
        at_grid_add(&grid, r->pools.rows[s->pool].variant);
        at_grid_number(&grid, (double)s->samples);
        for (int k = 0; k < AT_READ_TOP; k++)
            add_number(&grid, &s->numbers[k], 1);
        at_grid_number(&grid, s->max);
        add_number(&grid, &s->numbers[AT_READ_TOP], 100);
        at_grid_number(&grid, s->max_logit);
    }
    at_grid_print(&grid);
    at_grid_done(&grid);
    for (size_t n = 0; at_readouts_reason(r, from, to, n, reason); n++)
        at_say(stdout, "No interval of %s.", reason);
    for (size_t i = from; i < to; i++) {
        const struct at_read_statistics *s = &r->rows[i];
        if (s->undefined)
            at_say(stdout, "%s: samples without a finite truth, left out: %" PRId64, r->pools.rows[s->pool].variant, s->undefined);
        if (s->open)
            at_say(stdout, "%s: samples whose top token the truth's radius leaves open, left out of its share: %" PRId64,
                   r->pools.rows[s->pool].variant, s->open);
    }
    puts("");
}

void at_readouts_print(const struct at_readouts *r)
{
    for (size_t from = 0, to; from < r->count; from = to) {
        to = at_readouts_next(r, from);
        print_table(r, from, to);
    }
    if (r->count)
        printf("KL(truth || kernel) of the distributions over tokens, nat. In brackets: %g %% intervals with sequences as their samples,\n"
               "or key/value heads where heads are read alone. The maximum has none: no interval covers a maximum. A dash is\n"
               "undefined, never 0.\n",
               100 * at_interval_level);
}

static bool set_number(json_t *object, const char *name, const struct at_read_number *number)
{
    char key[64];
    int failed = json_object_set_new(object, name, at_number_json(number->value));
    bool none = isnan(number->interval.low);
    snprintf(key, sizeof key, "%s_interval", name);
    failed |= json_object_set_new(
        object, key, none ? json_null() : json_pack("[o,o]", at_number_json(number->interval.low), at_number_json(number->interval.high)));
    snprintf(key, sizeof key, "%s_why", name);
    failed |= json_object_set_new(object, key, none ? at_text_json(number->why) : json_null());
    return failed == 0;
}

static json_t *row_json(const struct at_readouts *r, const struct at_read_statistics *s)
{
    static const char *const names[AT_READ_NUMBERS] = {"kl_mean", "kl_median", "kl_quantile_99", "kl_quantile_99_9", "top_unchanged"};
    const struct at_pool *pool = &r->pools.rows[s->pool];
    json_t *head = s->max_head < 0 ? json_null() : json_integer((json_int_t)s->max_head);
    json_t *where = json_pack("{s:I, s:I, s:o, s:I}", "run", (json_int_t)s->max_run, "batch", (json_int_t)s->max_batch, "head", head, "row",
                              (json_int_t)s->max_row);
    json_t *made = json_pack("{s:o, s:o, s:o, s:o, s:s, s:I, s:I, s:b, s:s, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:o}", "case",
                             at_text_json(pool->title), "variant", at_text_json(pool->variant), "readout", at_text_json(s->readout),
                             "sha256", at_text_json(s->sha256), "against", s->against, "tokens", (json_int_t)s->tokens, "width",
                             (json_int_t)s->width, "heads_alone", s->heads, "unit", at_read_unit(s, false), "units", (json_int_t)s->units,
                             "samples", (json_int_t)s->samples, "undefined", (json_int_t)s->undefined, "open", (json_int_t)s->open,
                             "kl_max", at_number_json(s->max), "kl_max_radius", at_number_json(s->max_radius), "max_at", where, "max_logit",
                             at_number_json(s->max_logit), "radius", at_number_json(s->radius));
    bool good = made;
    for (int k = 0; k < AT_READ_NUMBERS && good; k++)
        good = set_number(made, names[k], &s->numbers[k]);
    if (good)
        return made;
    json_decref(made);
    return NULL;
}

json_t *at_readouts_json(const struct at_readouts *r)
{
    json_t *rows = json_array();
    for (size_t i = 0; rows && i < r->count; i++)
        if (json_array_append_new(rows, row_json(r, &r->rows[i])) != 0) {
            json_decref(rows);
            rows = NULL;
        }
    return rows;
}
