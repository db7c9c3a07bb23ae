/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "cli/grid.h"

#include "cli/output.h"
#include "reports/query.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void at_grid_init(struct at_grid *grid, size_t columns, const char *const *headings)
{
    *grid = (struct at_grid){.columns = columns, .headings = headings};
}

void at_grid_add(struct at_grid *grid, const char *text)
{
    if (grid->cells == grid->capacity && !grid->failed) {
        size_t capacity = grid->capacity ? 2 * grid->capacity : 64;
        char **cells = realloc(grid->text, capacity * sizeof *cells);
        grid->failed = !cells;
        if (cells) {
            grid->text = cells;
            grid->capacity = capacity;
        }
    }
    char *copy = grid->failed ? NULL : strdup(text);
    if (!copy) {
        grid->failed = true;
        return;
    }
    at_clean(copy);
    grid->text[grid->cells++] = copy;
}

void at_grid_number(struct at_grid *grid, double value)
{
    char text[AT_NUMBER_SIZE];
    at_number_print(value, text);
    at_grid_add(grid, text);
}

/* Characters, not bytes: what UTF-8 continues is not counted. */
static size_t width_of(const char *text)
{
    size_t width = 0;
    for (; *text; text++)
        width += ((unsigned char)*text & 0xc0) != 0x80;
    return width;
}

static void print_cell(const char *text, size_t width, bool right, bool last)
{
    size_t pad = width - width_of(text);
    printf("%*s%s%*s", right ? (int)pad : 0, "", text, right || last ? 0 : (int)pad, "");
    fputs(last ? "\n" : "  ", stdout);
}

void at_grid_print(const struct at_grid *grid)
{
    size_t width[64] = {0};
    if (grid->failed || grid->columns > sizeof width / sizeof width[0]) {
        puts("(no memory for this table)");
        return;
    }
    for (size_t c = 0; c < grid->columns; c++)
        width[c] = width_of(grid->headings[c] + (grid->headings[c][0] == '>'));
    for (size_t i = 0; i < grid->cells; i++)
        if (width_of(grid->text[i]) > width[i % grid->columns])
            width[i % grid->columns] = width_of(grid->text[i]);
    for (size_t c = 0; c < grid->columns; c++)
        print_cell(grid->headings[c] + (grid->headings[c][0] == '>'), width[c], grid->headings[c][0] == '>', c + 1 == grid->columns);
    for (size_t i = 0; i < grid->cells; i++) {
        size_t c = i % grid->columns;
        print_cell(grid->text[i], width[c], grid->headings[c][0] == '>', c + 1 == grid->columns);
    }
}

void at_grid_done(struct at_grid *grid)
{
    for (size_t i = 0; i < grid->cells; i++)
        free(grid->text[i]);
    free(grid->text);
    *grid = (struct at_grid){0};
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), tail = strlen(end);
    return length >= tail && strcmp(text + length - tail, end) == 0;
}

static void add_cell(struct at_grid *grid, const struct at_table *table, size_t row, size_t column)
{
    const char *name = table->names[column];
    const struct at_cell *cell = &table->cells[row * table->columns + column];
    char text[AT_NUMBER_SIZE];
    if (cell->kind == AT_CELL_TEXT && ends_with(name, "sha256")) {
        snprintf(text, sizeof text, "%.12s", cell->text);
        at_grid_add(grid, text);
    } else if (cell->kind == AT_CELL_TEXT && strcmp(name, "revision") == 0) {
        at_revision_shorten(cell->text, text);
        at_grid_add(grid, text);
    } else if ((cell->kind == AT_CELL_INTEGER || cell->kind == AT_CELL_REAL) && ends_with(name, "_ns")) {
        at_duration_print(cell->real * 1e-9, text);
        at_grid_add(grid, text);
    } else if (at_seed_is_void(table, row, name)) {
        at_grid_add(grid, AT_NO_VALUE);
    } else if (strcmp(name, "scale") == 0 && cell->kind == AT_CELL_REAL && cell->real == 0) {
        at_grid_add(grid, "1/sqrt(dim)");
    } else if (cell->kind == AT_CELL_REAL && strcmp(name, "value") == 0 && at_table_column(table, "metric") >= 0) {
        at_value_print(at_table_cell(table, row, "metric")->text, cell->real, text);
        at_grid_add(grid, text);
    } else if (cell->kind == AT_CELL_REAL) {
        at_grid_number(grid, cell->real);
    } else {
        at_grid_add(grid, at_cell_print(cell, text));
    }
}

/* Columns that a column "shape" says in one word. */
static bool said_by_shape(const char *name)
{
    static const char *const names[] = {"batches", "heads_q", "heads_kv", "seq_q", "seq_k", "dim"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

void at_table_print(const struct at_table *table)
{
    char names[64][48];
    const char *headings[64] = {0};
    size_t shown[64], columns = 0;
    for (size_t c = 0; c < table->columns && columns < 64; c++) {
        if (strcmp(table->names[c], "text") == 0 || (at_table_column(table, "shape") >= 0 && said_by_shape(table->names[c])))
            continue;
        bool number = false;
        for (size_t r = 0; r < table->rows; r++)
            number |=
                table->cells[r * table->columns + c].kind == AT_CELL_INTEGER || table->cells[r * table->columns + c].kind == AT_CELL_REAL;
        int length = (int)strlen(table->names[c]) - (ends_with(table->names[c], "_ns") ? 3 : 0);
        snprintf(names[columns], sizeof names[columns], "%s%.*s", number ? ">" : "", length, table->names[c]);
        for (char *n = names[columns]; *n; n++)
            *n = *n == '_' ? ' ' : *n;
        headings[columns] = names[columns];
        shown[columns++] = c;
    }
    struct at_grid grid;
    at_grid_init(&grid, columns, headings);
    for (size_t r = 0; r < table->rows; r++)
        for (size_t c = 0; c < columns; c++)
            add_cell(&grid, table, r, shown[c]);
    at_grid_print(&grid);
    at_grid_done(&grid);
}
