/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

void at_table_done(struct at_table *table)
{
    for (size_t i = 0; i < table->columns && table->names; i++)
        free(table->names[i]);
    for (size_t i = 0; i < table->rows * table->columns && table->cells; i++)
        free((char *)(uintptr_t)table->cells[i].text);
    free(table->names);
    free(table->cells);
    *table = (struct at_table){0};
}

int at_table_column(const struct at_table *table, const char *name)
{
    for (size_t i = 0; i < table->columns; i++)
        if (strcmp(table->names[i], name) == 0)
            return (int)i;
    return -1;
}
