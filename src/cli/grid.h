/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_CLI_GRID_H
#define AT_CLI_GRID_H

#include "reports/number.h"
#include "store/store.h"

#include <stdbool.h>
#include <stddef.h>

/* A table of texts with aligned columns. */
struct at_grid {
    size_t columns, cells, capacity;
    const char *const *headings; /* [columns]; a heading that begins with '>' stands above a right-aligned column; borrowed */
    char **text;                 /* [cells], row by row; owned */
    bool failed;                 /* no memory: the table prints a line that says so */
};

void at_grid_init(struct at_grid *grid, size_t columns, const char *const *headings);
void at_grid_add(struct at_grid *grid, const char *text); /* the next cell; copied */
void at_grid_number(struct at_grid *grid, double value); /* as at_number_print */
void at_grid_print(const struct at_grid *grid);
void at_grid_done(struct at_grid *grid);

/* A table as the database gave it: numbers to the right, digests shortened, times with units, no seed for a capture; columns called "text",
 * and those that a column "shape" says, are left out. */
void at_table_print(const struct at_table *table);

#endif
