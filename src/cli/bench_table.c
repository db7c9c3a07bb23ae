/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "cli/bench_table.h"

#include "cli/grid.h"
#include "cli/output.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum at_status at_bench_tables_load(struct at_store *store, const struct at_filter *filter, struct at_bench_tables *ret_tables,
                                    struct at_error *error)
{
    const struct at_filter all = {.bench = filter->bench}; /* ceilings belong to no variant */
    *ret_tables = (struct at_bench_tables){.speeds = {.rows = 0}};
    enum at_status status = at_query_run(store, "bench", filter, &ret_tables->speeds, error);
    return status ? status : at_query_run(store, "ceilings", &all, &ret_tables->ceilings, error);
}

void at_bench_tables_done(struct at_bench_tables *t)
{
    at_table_done(&t->speeds);
    at_table_done(&t->ceilings);
}

static double number(const struct at_table *table, size_t row, const char *column)
{
    return at_cell_number(at_table_cell(table, row, column));
}

static int64_t whole(const struct at_table *table, size_t row, const char *column)
{
    return at_table_cell(table, row, column)->integer;
}

static const char *text(const struct at_table *table, size_t row, const char *column)
{
    return at_table_cell(table, row, column)->text;
}

/* Whether both rows stand in one table. */
static bool together(const struct at_table *t, size_t a, size_t b)
{
    return whole(t, a, "dim") == whole(t, b, "dim") && whole(t, a, "causal") == whole(t, b, "causal") &&
           strcmp(text(t, a, "device"), text(t, b, "device")) == 0 && strcmp(text(t, a, "spelling"), text(t, b, "spelling")) == 0 &&
           strcmp(text(t, a, "format"), text(t, b, "format")) == 0;
}

static bool any(const struct at_table *t, size_t from, size_t to, const char *column)
{
    bool found = false;
    for (size_t i = from; i < to; i++)
        found |= !isnan(number(t, i, column));
    return found;
}

/* "812.4", in microseconds. */
static void print_time(double time_ns, char ret_text[AT_NUMBER_SIZE])
{
    if (isnan(time_ns))
        snprintf(ret_text, AT_NUMBER_SIZE, "%s", AT_NO_VALUE);
    else
        snprintf(ret_text, AT_NUMBER_SIZE, "%.1f", time_ns / 1e3);
}

static void add_time(struct at_grid *grid, double time_ns)
{
    char value[AT_NUMBER_SIZE];
    print_time(time_ns, value);
    at_grid_add(grid, value);
}

/* "80.1 to 81.3": the quartiles. */
static void add_quartiles(struct at_grid *grid, const struct at_table *t, size_t row)
{
    char low[AT_NUMBER_SIZE], high[AT_NUMBER_SIZE], both[2 * AT_NUMBER_SIZE + 8];
    print_time(number(t, row, "low_ns"), low);
    print_time(number(t, row, "high_ns"), high);
    snprintf(both, sizeof both, "%s to %s", low, high);
    at_grid_add(grid, both);
}

static void add_row(struct at_grid *grid, const struct at_table *t, size_t row, bool with_prepare, bool with_error)
{
    char heads[64];
    at_grid_number(grid, number(t, row, "seq_k"));
    snprintf(heads, sizeof heads, "%" PRId64 " x %" PRId64, whole(t, row, "batches"), whole(t, row, "heads_q"));
    at_grid_add(grid, heads);
    at_grid_add(grid, text(t, row, "variant"));
    add_time(grid, number(t, row, "min_ns"));
    add_time(grid, number(t, row, "median_ns"));
    add_quartiles(grid, t, row);
    at_grid_number(grid, number(t, row, "tflops"));
    at_grid_number(grid, number(t, row, "share"));
    if (with_prepare) {
        add_time(grid, number(t, row, "whole_median_ns"));
        at_grid_number(grid, number(t, row, "whole_tflops"));
        at_grid_number(grid, number(t, row, "whole_share"));
    }
    if (with_error)
        at_grid_number(grid, number(t, row, "rel_rmse"));
    at_grid_number(grid, number(t, row, "bench"));
}

static void print_group(const struct at_table *t, size_t from, size_t to)
{
    const char *headings[16] = {">keys", "heads", "variant", ">least \u00b5s", ">median \u00b5s", "quartiles", ">TFLOP/s", ">share"};
    size_t columns = 8;
    bool with_prepare = any(t, from, to, "whole_median_ns"), with_error = any(t, from, to, "rel_rmse");
    struct at_grid grid;
    if (with_prepare) {
        headings[columns++] = ">prepared \u00b5s";
        headings[columns++] = ">TFLOP/s";
        headings[columns++] = ">share";
    }
    if (with_error)
        headings[columns++] = ">relative RMSE";
    headings[columns++] = ">bench";
    at_say(stdout, "%s, d %" PRId64 ", %s, inputs %s in %s", text(t, from, "device"), whole(t, from, "dim"),
           whole(t, from, "causal") ? "causal" : "not causal", text(t, from, "spelling"), text(t, from, "format"));
    at_grid_init(&grid, columns, headings);
    for (size_t i = from; i < to; i++)
        add_row(&grid, t, i, with_prepare, with_error);
    at_grid_print(&grid);
    at_grid_done(&grid);
    puts("");
}

static void print_ceilings(const struct at_table *t)
{
    char median[AT_NUMBER_SIZE], least[AT_NUMBER_SIZE], most[AT_NUMBER_SIZE];
    for (size_t i = 0; i < t->rows; i++) {
        at_number_print(number(t, i, "median"), median);
        at_number_print(number(t, i, "least"), least);
        at_number_print(number(t, i, "most"), most);
        at_say(stdout, "bench %" PRId64 ", %s: %s %s (%s to %s, measured %" PRId64 " times)", whole(t, i, "bench"), text(t, i, "ceiling"),
               median, text(t, i, "unit"), least, most, whole(t, i, "rounds"));
    }
}

void at_bench_tables_print(const struct at_bench_tables *tables)
{
    const struct at_table *t = &tables->speeds;
    for (size_t from = 0, to; from < t->rows; from = to) {
        for (to = from + 1; to < t->rows && together(t, from, to);)
            to++;
        print_group(t, from, to);
    }
    print_ceilings(&tables->ceilings);
    if (t->rows)
        puts(
            "A share is of the bf16 or e4m3 product of the same bench: only numbers of one bench may be divided by one another. A dash was "
            "not measured.");
}
