/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "store/fact.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

enum { SQL_BYTES = 1024 };

struct at_cell at_store_text(const char *text)
{
    return (struct at_cell){.kind = text ? AT_CELL_TEXT : AT_CELL_NULL, .text = text};
}

struct at_cell at_store_int(int64_t value)
{
    return (struct at_cell){.kind = AT_CELL_INTEGER, .integer = value, .real = (double)value};
}

struct at_cell at_store_uint(uint64_t value)
{
    return at_store_int((int64_t)value);
}

struct at_cell at_store_real(double value)
{
    return (struct at_cell){.kind = isnan(value) ? AT_CELL_NULL : AT_CELL_REAL, .real = value};
}

int at_store_bind(sqlite3_stmt *statement, int place, const struct at_cell *value)
{
    switch (value->kind) {
    case AT_CELL_NULL: return sqlite3_bind_null(statement, place);
    case AT_CELL_INTEGER: return sqlite3_bind_int64(statement, place, value->integer);
    case AT_CELL_REAL: return sqlite3_bind_double(statement, place, value->real);
    case AT_CELL_TEXT: return sqlite3_bind_text(statement, place, value->text, -1, SQLITE_STATIC);
    }
    return SQLITE_MISUSE;
}

/* Table and column names are ours, so that the buffer's size is a matter of the schema. */
__attribute__((format(printf, 3, 4))) static void append(char *sql, size_t *used, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int count = vsnprintf(sql + *used, SQL_BYTES - *used, format, args);
    va_end(args);
    assert(count >= 0 && (size_t)count < SQL_BYTES - *used);
    *used += (size_t)count;
}

/* Prepares, binds the columns in order (the key alone, or all) and steps once; the caller finalizes *ret_statement in any case. */
static int step_once(struct at_store *store, const char *sql, const struct at_store_column *columns, size_t count, bool key_only,
                     sqlite3_stmt **ret_statement)
{
    int code = sqlite3_prepare_v2(store->db, sql, -1, ret_statement, NULL);
    int place = 1;
    for (size_t i = 0; i < count && code == SQLITE_OK; i++)
        if (columns[i].key || !key_only)
            code = at_store_bind(*ret_statement, place++, &columns[i].value);
    return code == SQLITE_OK ? sqlite3_step(*ret_statement) : code;
}

enum at_status at_store_find_fact(struct at_store *store, const char *table, const struct at_store_column *columns, size_t count,
                                  int64_t *ret_id, struct at_error *error)
{
    char sql[SQL_BYTES];
    size_t used = 0;
    append(sql, &used, "SELECT id FROM %s WHERE ", table);
    const char *between = "";
    for (size_t i = 0; i < count; i++) {
        if (!columns[i].key)
            continue;
        append(sql, &used, "%s%s = ?", between, columns[i].name);
        between = " AND ";
    }
    sqlite3_stmt *statement = NULL;
    int code = step_once(store, sql, columns, count, true, &statement);
    enum at_status status = AT_OK;
    if (code == SQLITE_ROW)
        *ret_id = sqlite3_column_int64(statement, 0);
    else
        status = code == SQLITE_DONE ? AT_ERR_NOT_FOUND : at_store_fail(store, code, error);
    sqlite3_finalize(statement);
    return status;
}

enum at_status at_store_insert_fact(struct at_store *store, const char *table, const struct at_store_column *columns, size_t count,
                                    int64_t *ret_id, struct at_error *error)
{
    char sql[SQL_BYTES];
    size_t used = 0;
    append(sql, &used, "INSERT INTO %s (", table);
    for (size_t i = 0; i < count; i++)
        append(sql, &used, "%s%s", i ? ", " : "", columns[i].name);
    append(sql, &used, ") VALUES (");
    for (size_t i = 0; i < count; i++)
        append(sql, &used, i ? ", ?" : "?");
    append(sql, &used, ")");
    sqlite3_stmt *statement = NULL;
    int code = step_once(store, sql, columns, count, false, &statement);
    enum at_status status = AT_OK;
    if (code == SQLITE_DONE)
        *ret_id = sqlite3_last_insert_rowid(store->db);
    else
        status = at_store_fail(store, code, error);
    sqlite3_finalize(statement);
    return status;
}

enum at_status at_store_keep_fact(struct at_store *store, const char *table, const struct at_store_column *columns, size_t count,
                                  int64_t *ret_id, struct at_error *error)
{
    enum at_status status = at_store_find_fact(store, table, columns, count, ret_id, error);
    return status == AT_ERR_NOT_FOUND ? at_store_insert_fact(store, table, columns, count, ret_id, error) : status;
}

enum at_status at_store_put_fact(struct at_store *store, const char *table, const struct at_store_column *columns, size_t count,
                                 int64_t *ret_id, struct at_error *error)
{
    enum at_status status = at_store_find_fact(store, table, columns, count, ret_id, error);
    if (status != AT_ERR_NOT_FOUND)
        return status;
    status = at_store_begin(store, error);
    if (status != AT_OK)
        return status;
    int64_t id; /* looked up again under the lock: another process may have been faster */
    status = at_store_keep_fact(store, table, columns, count, &id, error);
    status = at_store_end(store, status, error);
    if (status == AT_OK)
        *ret_id = id;
    return status;
}
