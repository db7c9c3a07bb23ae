/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "store/fact.h"

#include <stdlib.h>
#include <string.h>

/* What sqlite3_stmt_readonly lets pass although it changes the connection. */
static int refuse_side_effects(void *context, int action, const char *a, const char *b, const char *c, const char *d)
{
    (void)context, (void)a, (void)b, (void)c, (void)d;
    switch (action) {
    case SQLITE_PRAGMA:
    case SQLITE_ATTACH:
    case SQLITE_DETACH:
    case SQLITE_TRANSACTION:
    case SQLITE_SAVEPOINT: return SQLITE_DENY;
    default: return SQLITE_OK;
    }
}

/* Whether anything but space, comments and semicolons follows the first statement. */
static bool more_follows(struct at_store *store, const char *tail)
{
    while (tail && *tail) {
        sqlite3_stmt *second = NULL;
        const char *rest = tail;
        int code = sqlite3_prepare_v2(store->db, tail, -1, &second, &rest);
        sqlite3_finalize(second);
        if (code != SQLITE_OK || second)
            return true;
        tail = rest == tail ? "" : rest;
    }
    return false;
}

static enum at_status prepare(struct at_store *store, const char *sql, sqlite3_stmt **ret_statement, struct at_error *error)
{
    const char *tail = NULL;
    int code = sqlite3_prepare_v2(store->db, sql, -1, ret_statement, &tail);
    if (code != SQLITE_OK && (code & 0xff) != SQLITE_AUTH)
        return at_fail_in(error, at_store_fail(store, code, error), "query");
    if (code != SQLITE_OK || !*ret_statement || !sqlite3_stmt_readonly(*ret_statement) || !sqlite3_column_count(*ret_statement))
        return at_fail(error, AT_ERR_ARGUMENT, "query: only a SELECT is run here, this is none: %.400s", sql);
    if (more_follows(store, tail))
        return at_fail(error, AT_ERR_ARGUMENT, "query: one SELECT at a time, more follows: %.400s", sql);
    return AT_OK;
}

static enum at_status bind_all(struct at_store *store, sqlite3_stmt *statement, const struct at_bind *binds, size_t bind_count,
                               struct at_error *error)
{
    for (size_t i = 0; i < bind_count; i++) {
        int place = sqlite3_bind_parameter_index(statement, binds[i].name);
        if (!place)
            return at_fail(error, AT_ERR_ARGUMENT, "query: it has no parameter %s: %.400s", binds[i].name, sqlite3_sql(statement));
        int code = at_store_bind(statement, place, &binds[i].value);
        if (code != SQLITE_OK)
            return at_store_fail(store, code, error);
    }
    for (int place = 1; place <= sqlite3_bind_parameter_count(statement); place++) {
        const char *name = sqlite3_bind_parameter_name(statement, place);
        bool bound = false;
        for (size_t i = 0; i < bind_count && name; i++)
            bound = bound || strcmp(binds[i].name, name) == 0;
        if (!bound)
            return at_fail(error, AT_ERR_ARGUMENT, "query: its parameter %s has no value: %.400s", name ? name : "?",
                           sqlite3_sql(statement));
    }
    return AT_OK;
}

/* false: no memory. */
static bool read_cell(sqlite3_stmt *statement, int column, struct at_cell *ret_cell)
{
    *ret_cell = (struct at_cell){.kind = AT_CELL_NULL};
    switch (sqlite3_column_type(statement, column)) {
    case SQLITE_NULL: return true;
    case SQLITE_INTEGER: *ret_cell = at_store_int(sqlite3_column_int64(statement, column)); return true;
    case SQLITE_FLOAT: *ret_cell = at_store_real(sqlite3_column_double(statement, column)); return true;
    default: break;
    }
    const unsigned char *text = sqlite3_column_text(statement, column);
    *ret_cell = at_store_text(text ? strdup((const char *)text) : NULL);
    return ret_cell->text;
}

static bool read_names(sqlite3_stmt *statement, struct at_table *table)
{
    table->columns = (size_t)sqlite3_column_count(statement);
    table->names = calloc(table->columns, sizeof *table->names);
    for (size_t i = 0; i < table->columns && table->names; i++) {
        const char *name = sqlite3_column_name(statement, (int)i);
        table->names[i] = name ? strdup(name) : NULL;
        if (!table->names[i])
            return false;
    }
    return table->names;
}

/* Makes room for one row more, all NULL; *room counts the rows that fit. */
static bool add_row(struct at_table *table, size_t *room)
{
    if (table->rows == *room) {
        size_t more = *room ? 2 * *room : 16;
        struct at_cell *cells = reallocarray(table->cells, more, table->columns * sizeof *cells);
        if (!cells)
            return false;
        table->cells = cells;
        *room = more;
    }
    memset(table->cells + table->rows * table->columns, 0, table->columns * sizeof *table->cells);
    table->rows++;
    return true;
}

/* SQLite's code: SQLITE_DONE when all rows are read. */
static int read_rows(sqlite3_stmt *statement, struct at_table *table)
{
    size_t room = 0;
    int code = SQLITE_NOMEM;
    if (!read_names(statement, table))
        return code;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        if (!add_row(table, &room))
            return SQLITE_NOMEM;
        for (size_t i = 0; i < table->columns; i++)
            if (!read_cell(statement, (int)i, &table->cells[(table->rows - 1) * table->columns + i]))
                return SQLITE_NOMEM;
    }
    return code;
}

enum at_status at_store_query(struct at_store *store, const char *sql, const struct at_bind *binds, size_t bind_count,
                              struct at_table *ret_table, struct at_error *error)
{
    sqlite3_stmt *statement = NULL;
    struct at_table table = {0};
    sqlite3_set_authorizer(store->db, refuse_side_effects, NULL);
    enum at_status status = prepare(store, sql, &statement, error);
    if (status == AT_OK)
        status = bind_all(store, statement, binds, bind_count, error);
    if (status == AT_OK) {
        int code = read_rows(statement, &table);
        if (code != SQLITE_DONE)
            status = at_fail_in(error, at_store_fail(store, code, error), "query");
    }
    sqlite3_finalize(statement);
    sqlite3_set_authorizer(store->db, NULL, NULL);
    if (status == AT_OK)
        *ret_table = table;
    else
        at_table_done(&table);
    return status;
}
