/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "reports/query.h"

#include "reports/buffer.h"
#include "reports/text.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static struct at_cell text_cell(const char *text)
{
    return text ? (struct at_cell){.kind = AT_CELL_TEXT, .text = text} : (struct at_cell){.kind = AT_CELL_NULL};
}

static struct at_cell id_cell(int64_t id)
{
    return id ? (struct at_cell){.kind = AT_CELL_INTEGER, .integer = id, .real = (double)id} : (struct at_cell){.kind = AT_CELL_NULL};
}

enum at_status at_query_run(struct at_store *store, const char *name, const struct at_filter *filter, struct at_table *ret_table,
                            struct at_error *error)
{
    const struct at_bind all[] = {
        {":study_id", id_cell(filter->study_id)},
        {":study", text_cell(filter->study)},
        {":case", text_cell(filter->label)},
        {":variant", text_cell(filter->variant)},
        {":metric", text_cell(filter->metric)},
        {":against", text_cell(filter->against)},
        {":bench", id_cell(filter->bench)},
    };
    enum { CHOSEN_BINDS = 4, ALL_BINDS = sizeof all / sizeof all[0] };
    char file[64];
    snprintf(file, sizeof file, "queries/%s.sql", name);
    const char *query = at_text_of(file);
    struct at_bind binds[ALL_BINDS];
    size_t count = 0;
    for (size_t i = 0; i < ALL_BINDS; i++)
        if (i < CHOSEN_BINDS || strstr(query, all[i].name))
            binds[count++] = all[i];
    struct at_buffer sql = {0};
    at_buffer_text(&sql, at_text_of("queries/chosen.sql"));
    at_buffer_text(&sql, query);
    enum at_status status = sql.failed ? at_fail(error, AT_ERR_MEMORY, "query %s: no memory", name)
                                       : at_store_query(store, sql.text, binds, count, ret_table, error);
    at_buffer_done(&sql);
    return status;
}

const struct at_cell *at_table_cell(const struct at_table *table, size_t row, const char *column)
{
    int index = at_table_column(table, column);
    assert(index >= 0 && row < table->rows);
    return &table->cells[row * table->columns + (size_t)index];
}
