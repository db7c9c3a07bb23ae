/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "cli/verdict.h"

#include "cli/grid.h"
#include "cli/output.h"
#include "reports/interval.h"
#include "reports/number.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static void add_interval(struct at_grid *grid, struct at_interval interval)
{
    char low[AT_NUMBER_SIZE], high[AT_NUMBER_SIZE], text[2 * AT_NUMBER_SIZE + 8];
    if (isnan(interval.low)) {
        at_grid_add(grid, AT_NO_VALUE);
        return;
    }
    at_number_print(interval.low, low);
    at_number_print(interval.high, high);
    snprintf(text, sizeof text, "%s to %s", low, high);
    at_grid_add(grid, text);
}

/* Why the i-th result has no interval. */
static const char *why_no_interval(const struct at_results *results, size_t i)
{
    const struct at_result *r = &results->rows[i];
    if (isnan(r->rel_rmse))
        return "its relative RMSE is undefined";
    if (!(r->rel_rmse > 0) || isinf(r->rel_rmse))
        return r->rel_rmse > 0 ? "its relative RMSE is infinite" : "its relative RMSE is exactly 0";
    if (r->head_count == 0)
        return "the database holds no value of its heads";
    for (size_t h = r->first_head; h < r->first_head + r->head_count; h++)
        if (!(results->head_rel_rmse[h] > 0))
            return isnan(results->head_rel_rmse[h]) ? "the relative RMSE of a head is undefined" : "a head is exact, which hides its truth";
    return "its heads do not determine one";
}

/* Key/value heads over all batch elements, which are what the intervals draw from; -1 where the database does not say. */
static int64_t key_heads(const struct at_results *results, size_t i)
{
    const struct at_result *r = &results->rows[i];
    const struct at_cell *group = r->head_count ? at_table_cell(&results->heads, r->first_head, "head_group") : NULL;
    return group && group->kind == AT_CELL_INTEGER && group->integer > 0 ? (int64_t)r->head_count / group->integer : -1;
}

static void explain_intervals(const struct at_results *results, size_t from, size_t to)
{
    int64_t clusters = key_heads(results, from);
    if (clusters >= 0 && clusters < AT_INTERVAL_FEWEST) {
        printf("No intervals: they need %d key/value heads, here there %s %" PRId64 ".\n", AT_INTERVAL_FEWEST, clusters == 1 ? "is" : "are",
               clusters);
        return;
    }
    for (size_t i = from; i < to; i++)
        if (isnan(results->rows[i].rel_rmse_95.low))
            at_say(stdout, "No interval for %s: %s.", results->rows[i].variant, why_no_interval(results, i));
}

/* Whether kernels computed any of the case: then each line says by whom it is, for both may stand in one table. */
static bool any_kernel(const struct at_results *results, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        if (strcmp(results->rows[i].device_kind, "cpu") != 0)
            return true;
    return false;
}

static void print_case(const struct at_results *results, size_t from, size_t to)
{
    static const char *const headings[] = {"variant",    ">relative RMSE", ">95 % interval", ">of it the kernel", ">max error/sum p|v|",
                                           ">LSE error", ">non-finite",    "computed by"};
    enum { HEADINGS = sizeof headings / sizeof headings[0] };
    const struct at_result *first = &results->rows[from];
    struct at_grid grid;
    if (first->rows == first->seq_q)
        at_say(stdout, "%s: all %" PRId64 " query rows of each of %" PRId64 " heads", first->title, first->seq_q, first->heads);
    else
        at_say(stdout, "%s: %" PRId64 " of %" PRId64 " query rows of each of %" PRId64 " heads", first->title, first->rows, first->seq_q,
               first->heads);
    bool kernels = any_kernel(results, from, to);
    at_grid_init(&grid, kernels ? HEADINGS : HEADINGS - 1, headings);
    for (size_t i = from; i < to; i++) {
        const struct at_result *r = &results->rows[i];
        at_grid_add(&grid, r->variant);
        at_grid_number(&grid, r->rel_rmse);
        add_interval(&grid, r->rel_rmse_95);
        at_grid_number(&grid, r->kernel_rel_rmse);
        at_grid_number(&grid, r->max_rel);
        at_grid_number(&grid, r->lse_error);
        at_grid_number(&grid, r->nonfinite);
        char by[256];
        snprintf(by, sizeof by, "%s on %s", r->computed_by, r->device);
        if (kernels)
            at_grid_add(&grid, by);
    }
    at_grid_print(&grid);
    at_grid_done(&grid);
    explain_intervals(results, from, to);
    if (first->undefined_rows > 0)
        printf("%" PRId64 " rows have no finite truth and are left out.\n", first->undefined_rows);
    puts("");
}

void at_verdict_print(const struct at_results *results)
{
    for (size_t i = 0, next; i < results->count; i = next) {
        next = at_results_next_case(results, i);
        print_case(results, i, next);
    }
    if (results->count)
        printf("Errors are against the truth of the original inputs; 'of it the kernel' is against that of the rounded inputs. Maxima are\n"
               "over the rows looked at. Intervals: %g %%, bootstrap over key/value heads. A dash is undefined, never 0. A large LSE\n"
               "error beside a small KL (attest show --metric kl_mean) is a shift common to all scores of a row: it changes no weight.\n",
               100 * at_interval_level);
}

static json_t *interval_json(struct at_interval interval)
{
    return isnan(interval.low) ? json_null() : json_pack("[o,o]", at_number_json(interval.low), at_number_json(interval.high));
}

json_t *at_verdict_json(const struct at_results *results)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < results->count; i++) {
        const struct at_result *r = &results->rows[i];
        json_array_append_new(
            rows,
            json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:I}", "case",
                      at_text_json(r->title), "variant", at_text_json(r->variant), "study", at_text_json(r->study), "computed_by",
                      at_text_json(r->computed_by), "device_kind", at_text_json(r->device_kind), "device", at_text_json(r->device), "rows",
                      (json_int_t)r->rows, "seq_q", (json_int_t)r->seq_q, "seq_k", (json_int_t)r->seq_k, "heads", (json_int_t)r->heads,
                      "rel_rmse", at_number_json(r->rel_rmse), "rel_rmse_interval", interval_json(r->rel_rmse_95), "kernel_rel_rmse",
                      at_number_json(r->kernel_rel_rmse), "kernel_rel_rmse_interval", interval_json(r->kernel_95), "max_rel_sum_abs",
                      at_number_json(r->max_rel), "lse_error", at_number_json(r->lse_error), "nonfinite", at_count_json(r->nonfinite),
                      "saturated", at_number_json(r->saturated), "underflowed", at_number_json(r->underflowed), "undefined_rows",
                      (json_int_t)r->undefined_rows));
    }
    return rows;
}
