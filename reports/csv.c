/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "reports/csv.h"

#include "reports/report.h"

#include <inttypes.h>
#include <string.h>

/* RFC 4180: quoted where it must be; a quote is doubled. */
static void add_text(struct at_buffer *b, const char *text)
{
    if (!strpbrk(text, ",\"\r\n")) {
        at_buffer_text(b, text);
        return;
    }
    at_buffer_text(b, "\"");
    for (const char *quote; (quote = strchr(text, '"')); text = quote + 1) {
        at_buffer_add(b, text, (size_t)(quote + 1 - text));
        at_buffer_text(b, "\"");
    }
    at_buffer_text(b, text);
    at_buffer_text(b, "\"");
}

static void add_cell(struct at_buffer *b, const struct at_cell *cell)
{
    switch (cell->kind) {
    case AT_CELL_NULL: break; /* undefined: an empty field, never 0 */
    case AT_CELL_INTEGER: at_buffer_printf(b, "%" PRId64, cell->integer); break;
    case AT_CELL_REAL: at_buffer_printf(b, "%.17g", cell->real); break;
    case AT_CELL_TEXT: add_text(b, cell->text); break;
    }
}

void at_csv_add(struct at_buffer *b, const struct at_table *table)
{
    for (size_t c = 0; c < table->columns; c++) {
        at_buffer_text(b, c ? "," : "");
        add_text(b, table->names[c]);
    }
    at_buffer_text(b, "\r\n");
    for (size_t r = 0; r < table->rows; r++) {
        for (size_t c = 0; c < table->columns; c++) {
            at_buffer_text(b, c ? "," : "");
            add_cell(b, &table->cells[r * table->columns + c]);
        }
        at_buffer_text(b, "\r\n");
    }
}

static enum at_status compose(struct at_store *store, const struct at_filter *filter, struct at_buffer *b, struct at_error *error)
{
    struct at_table table;
    enum at_status status = at_query_run(store, "results", filter, &table, error);
    if (status)
        return status;
    at_csv_add(b, &table);
    at_table_done(&table);
    return AT_OK;
}

const struct at_report at_report_csv = {
    .name = "csv",
    .summary = "every measure of every case as comma-separated values with all digits",
    .compose = compose,
};
