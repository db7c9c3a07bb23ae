/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "cli/grid.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* What `print` wrote to standard output. */
static void captured(void (*print)(void), char *text, size_t size)
{
    char path[] = "/tmp/attest-grid.XXXXXX";
    int file = mkstemp(path), kept = dup(STDOUT_FILENO);
    assert_true(file >= 0 && kept >= 0);
    fflush(stdout);
    dup2(file, STDOUT_FILENO);
    print();
    fflush(stdout);
    dup2(kept, STDOUT_FILENO);
    ssize_t length = pread(file, text, size - 1, 0);
    assert_true(length >= 0);
    text[length] = '\0';
    close(file);
    close(kept);
    unlink(path);
}

static void print_grid(void)
{
    static const char *const headings[] = {"name", ">value"};
    struct at_grid grid;
    at_grid_init(&grid, 2, headings);
    at_grid_add(&grid, "\u03a3\u03a3\u03a3\u03a3\u03a3");
    at_grid_number(&grid, 0.0236);
    at_grid_add(&grid, "a\x1b[31m\n");
    at_grid_number(&grid, NAN);
    at_grid_print(&grid);
    at_grid_done(&grid);
}

static void columns_stand_in_line(void **state)
{
    (void)state;
    char text[512];
    captured(print_grid, text, sizeof text);
    assert_string_equal(text, "name       value\n"
                              "\u03a3\u03a3\u03a3\u03a3\u03a3    2.36e-2\n"
                              "a [31m         \u2013\n");
}

static void print_table(void)
{
    char names[][16] = {"case", "shape", "dim", "time_ns", "output_sha256", "text", "value"}, *pointers[7];
    for (int i = 0; i < 7; i++)
        pointers[i] = names[i];
    struct at_cell cells[] = {{.kind = AT_CELL_TEXT, .text = "a"},
                              {.kind = AT_CELL_TEXT, .text = "1x2"},
                              {.kind = AT_CELL_INTEGER, .integer = 64},
                              {.kind = AT_CELL_INTEGER, .integer = 1500000, .real = 1.5e6},
                              {.kind = AT_CELL_TEXT, .text = "0123456789abcdef"},
                              {.kind = AT_CELL_TEXT, .text = "long"},
                              {.kind = AT_CELL_NULL}};
    const struct at_table table = {.columns = 7, .rows = 1, .names = pointers, .cells = cells};
    at_table_print(&table);
}

static void tables_are_shown_for_people(void **state)
{
    (void)state;
    char text[512];
    captured(print_table, text, sizeof text);
    assert_string_equal(text, "case  shape    time  output sha256  value\n"
                              "a     1x2    1.5 ms  0123456789ab   \u2013\n");
}

static void print_captures(void)
{
    char names[][16] = {"source", "seed", "scale", "metric", "value"}, *pointers[5];
    for (int i = 0; i < 5; i++)
        pointers[i] = names[i];
    struct at_cell cells[] = {{.kind = AT_CELL_TEXT, .text = "capture"},      {.kind = AT_CELL_INTEGER},
                              {.kind = AT_CELL_REAL, .real = 0},              {.kind = AT_CELL_TEXT, .text = "cosine_min"},
                              {.kind = AT_CELL_REAL, .real = 0.999982},       {.kind = AT_CELL_TEXT, .text = "distribution"},
                              {.kind = AT_CELL_INTEGER},                      {.kind = AT_CELL_REAL, .real = 0.5},
                              {.kind = AT_CELL_TEXT, .text = "rel_rmse"},     {.kind = AT_CELL_REAL, .real = 0x1.ffffffffffff9p-1}};
    const struct at_table table = {.columns = 5, .rows = 2, .names = pointers, .cells = cells};
    at_table_print(&table);
}

static void captures_have_no_seed_and_errors_three_digits(void **state)
{
    (void)state;
    char text[512];
    captured(print_captures, text, sizeof text);
    assert_string_equal(text, "source        seed        scale  metric         value\n"
                              "capture          \u2013  1/sqrt(dim)  cosine_min  0.999982\n"
                              "distribution     0        0.500  rel_rmse        1.00\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(captures_have_no_seed_and_errors_three_digits),
        cmocka_unit_test(columns_stand_in_line),
        cmocka_unit_test(tables_are_shown_for_people),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
