/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "cli/break_table.h"

#include "cli/grid.h"
#include "cli/output.h"
#include "cli/verb.h"

#include "reports/spelling.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const kinds[] = {[AT_BREAK_NONE] = "met everywhere",
                                    [AT_BREAK_ALWAYS] = "not met anywhere",
                                    [AT_BREAK_LOST] = "lost",
                                    [AT_BREAK_GAINED] = "gained",
                                    [AT_BREAK_OPEN] = "cannot say"};

static void reason_of(const struct at_break_look *look, char ret_reason[static 128])
{
    *ret_reason = '\0';
    if (look->verdict != AT_CANNOT_SAY)
        return;
    if (!look->run)
        snprintf(ret_reason, 128, "not run");
    else if (isnan(look->value))
        snprintf(ret_reason, 128, "undefined");
    else if (look->undefined_rows > 0)
        snprintf(ret_reason, 128, "%" PRId64 " rows have no finite truth", look->undefined_rows);
    else
        snprintf(ret_reason, 128, "the truth's own radius (%.2g) could turn it", look->radius);
}

/* Whole numbers in full, not as 2e+04. */
static void print_x(double x, char ret_text[AT_PARAMETER_TEXT_SIZE])
{
    if (x == floor(x) && fabs(x) < 1e15)
        snprintf(ret_text, AT_PARAMETER_TEXT_SIZE, "%.0f", x);
    else
        at_parameter_print(x, ret_text);
}

static const struct at_break_look *look_at(const struct at_break *b, double x)
{
    size_t i = 0;
    while (i + 1 < b->count && b->looks[i].x != x)
        i++;
    return &b->looks[i];
}

void at_break_text(const struct at_break *b, char ret_text[AT_BREAK_TEXT_SIZE])
{
    char low[AT_PARAMETER_TEXT_SIZE], high[AT_PARAMETER_TEXT_SIZE], first[AT_PARAMETER_TEXT_SIZE], last[AT_PARAMETER_TEXT_SIZE],
        reason[128];
    const char *twice = b->once ? "" : "; it changes more than once, so this is one of several";
    print_x(b->low, low);
    print_x(b->high, high);
    print_x(b->looks[0].x, first);
    print_x(b->looks[b->count - 1].x, last);
    if (b->kind == AT_BREAK_LOST)
        snprintf(ret_text, AT_BREAK_TEXT_SIZE, "met at %s, not met at %s%s", low, high, twice);
    else if (b->kind == AT_BREAK_GAINED)
        snprintf(ret_text, AT_BREAK_TEXT_SIZE, "missed already at %s, where the range begins; not met at %s, met at %s%s", first, low, high,
                 twice);
    else if (b->kind != AT_BREAK_OPEN)
        snprintf(ret_text, AT_BREAK_TEXT_SIZE, "%s at all %zu places looked at, from %s to %s",
                 b->kind == AT_BREAK_NONE ? "met" : "not met", b->count, first, last);
    else {
        reason_of(look_at(b, b->high), reason);
        snprintf(ret_text, AT_BREAK_TEXT_SIZE, "cannot say at %s: %s%s%s%s", high, reason, isnan(b->low) ? "" : "; ",
                 isnan(b->low)                   ? ""
                 : b->looks[0].verdict == AT_MET ? "met up to "
                                                 : "not met up to ",
                 isnan(b->low) ? "" : low);
    }
}

/* "v-mean:mean=*,sigma=1" */
static void spelling_of(const struct at_break_question *q, char ret_text[AT_DISTRIBUTION_TEXT_SIZE + 1])
{
    char spelling[AT_DISTRIBUTION_TEXT_SIZE];
    size_t length = 0;
    at_distribution_print(&q->study->inputs[0].distribution, spelling);
    const char *value = at_spelling_value(spelling, q->axis.parameter->name, &length);
    if (value)
        snprintf(ret_text, AT_DISTRIBUTION_TEXT_SIZE + 1, "%.*s*%s", (int)(value - spelling), spelling, value + length);
    else
        strcpy(ret_text, spelling);
}

static void print_looks(const struct at_break_question *q, const struct at_breaks *breaks)
{
    char x_heading[64], value[AT_NUMBER_SIZE], reason[128];
    const char *const headings[] = {"variant", x_heading, "requirement", ">value", "verdict", ">run", "reason"};
    struct at_grid grid;
    snprintf(x_heading, sizeof x_heading, ">%s", q->axis.parameter->name);
    at_grid_init(&grid, sizeof headings / sizeof headings[0], headings);
    for (size_t v = 0; v < breaks->count; v++)
        for (size_t i = 0; i < breaks->rows[v].count; i++) {
            const struct at_break_look *look = &breaks->rows[v].looks[i];
            char x[AT_PARAMETER_TEXT_SIZE], run[24];
            print_x(look->x, x);
            snprintf(run, sizeof run, "%" PRId64, look->run);
            at_number_print(look->value, value);
            reason_of(look, reason);
            at_grid_add(&grid, breaks->rows[v].variant);
            at_grid_add(&grid, x);
            at_grid_add(&grid, look->requirement);
            at_grid_add(&grid, value);
            at_grid_add(&grid, at_verdict_name(look->verdict));
            at_grid_add(&grid, look->run ? run : AT_NO_VALUE);
            at_grid_add(&grid, reason);
        }
    at_grid_print(&grid);
    at_grid_done(&grid);
}

void at_breaks_print(const struct at_break_question *q, const struct at_breaks *breaks)
{
    char spelling[AT_DISTRIBUTION_TEXT_SIZE + 1], text[AT_BREAK_TEXT_SIZE];
    spelling_of(q, spelling);
    print_looks(q, breaks);
    printf("\n");
    for (size_t v = 0; v < breaks->count; v++) {
        at_break_text(&breaks->rows[v], text);
        at_say(stdout, "%s: %s", breaks->rows[v].variant, text);
    }
    at_say(stdout,
           "%s: every requirement on the query rows looked at, of each seed. Between two places looked at one change at most is assumed.",
           spelling);
    printf("%" PRId64 " runs computed, %" PRId64 " found.\n", breaks->runs_done, breaks->runs_found);
}

static json_t *looks_json(const struct at_break *b)
{
    json_t *looks = json_array();
    for (size_t i = 0; i < b->count; i++) {
        const struct at_break_look *look = &b->looks[i];
        char reason[128];
        reason_of(look, reason);
        json_array_append_new(looks, json_pack("{s:o, s:s, s:s, s:o, s:o, s:o, s:s}", "x", at_number_json(look->x), "verdict",
                                               at_verdict_name(look->verdict), "requirement", look->requirement, "value",
                                               at_number_json(look->value), "radius", at_number_json(look->radius), "run",
                                               look->run ? json_integer((json_int_t)look->run) : json_null(), "reason", reason));
    }
    return looks;
}

json_t *at_breaks_json(const struct at_break_question *q, const struct at_breaks *breaks)
{
    json_t *rows = json_array();
    char spelling[AT_DISTRIBUTION_TEXT_SIZE + 1], text[AT_BREAK_TEXT_SIZE];
    spelling_of(q, spelling);
    for (size_t v = 0; v < breaks->count; v++) {
        const struct at_break *b = &breaks->rows[v];
        at_break_text(b, text);
        json_array_append_new(rows, json_pack("{s:o, s:s, s:s, s:s, s:o, s:o, s:b, s:s, s:o}", "variant", at_text_json(b->variant),
                                              "distribution", spelling, "over", q->axis.parameter->name, "kind", kinds[b->kind], "low",
                                              at_number_json(b->low), "high", at_number_json(b->high), "once", (int)b->once, "text", text,
                                              "looks", looks_json(b)));
    }
    return json_pack("{s:o, s:I, s:I}", "breaks", rows, "runs_done", (json_int_t)breaks->runs_done, "runs_found",
                     (json_int_t)breaks->runs_found);
}

int at_breaks_code(const struct at_breaks *breaks)
{
    int code = AT_EXIT_OK;
    for (size_t v = 0; v < breaks->count; v++) {
        if (breaks->rows[v].kind == AT_BREAK_OPEN)
            return AT_EXIT_CANNOT;
        if (breaks->rows[v].kind == AT_BREAK_ALWAYS || breaks->rows[v].kind == AT_BREAK_GAINED)
            code = AT_EXIT_NOT_MET;
    }
    return code;
}
