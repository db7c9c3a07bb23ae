/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "store/internal.h"

#include <inttypes.h>
#include <stdio.h>

enum { SQL_BYTES = 4096 };

enum at_status at_store_refuse_newer(const struct at_store *store, int64_t version, int known, struct at_error *error)
{
    return at_fail(error, AT_ERR_VERSION, "%s: written by a newer attest (schema version %" PRId64 ", this one knows %d): update attest, "
                   "or name another file", store->path, version, known);
}

/* Views and triggers hold no facts: they are dropped before the steps, which may rebuild tables, and made anew after them. */
static enum at_status drop_derived(struct at_store *store, struct at_error *error)
{
    for (;;) {
        sqlite3_stmt *statement = NULL;
        int code = sqlite3_prepare_v2(store->db, "SELECT type, name FROM sqlite_master WHERE type IN ('view', 'trigger') LIMIT 1", -1,
                                      &statement, NULL);
        char sql[SQL_BYTES] = "";
        if (code == SQLITE_OK)
            code = sqlite3_step(statement);
        if (code == SQLITE_ROW)
            sqlite3_snprintf(sizeof sql, sql, "DROP %s \"%w\"", sqlite3_column_text(statement, 0), sqlite3_column_text(statement, 1));
        sqlite3_finalize(statement);
        if (code == SQLITE_DONE)
            return AT_OK;
        enum at_status status = code == SQLITE_ROW ? at_store_exec(store, sql, error) : at_store_fail(store, code, error);
        if (status != AT_OK)
            return status;
    }
}

static enum at_status add_derived(struct at_store *store, const struct at_store_schema *schema, struct at_error *error)
{
    enum at_status status = AT_OK;
    for (size_t i = 0; i < schema->table_count && status == AT_OK; i++) {
        char sql[SQL_BYTES];
        if (!at_store_guard_sql(&schema->tables[i], sql, sizeof sql))
            return at_fail(error, AT_ERR_UNSUPPORTED, "%s: the triggers of table %s are longer than %d bytes", store->path,
                           schema->tables[i].name, SQL_BYTES);
        status = at_store_exec(store, sql, error);
    }
    return status == AT_OK ? at_store_exec(store, schema->views, error) : status;
}

/* A step runs without foreign keys, so that it may rebuild tables; what it leaves must satisfy them. */
static enum at_status check_foreign_keys(struct at_store *store, struct at_error *error)
{
    int64_t broken;
    enum at_status status = at_store_integer(store, "SELECT count(*) FROM pragma_foreign_key_check", &broken, error);
    if (status == AT_OK && broken)
        status = at_fail(error, AT_ERR_FORMAT, "%s: %" PRId64 " facts point to facts that do not exist: restore a copy", store->path,
                         broken);
    return status;
}

static enum at_status step_up(struct at_store *store, const struct at_store_schema *schema, int64_t from, struct at_error *error)
{
    enum at_status status = drop_derived(store, error);
    for (int64_t version = from; version < schema->version && status == AT_OK; version++)
        status = at_store_exec(store, schema->steps[version], error);
    if (status == AT_OK)
        status = add_derived(store, schema, error);
    if (status == AT_OK)
        status = check_foreign_keys(store, error);
    char sql[128];
    snprintf(sql, sizeof sql, "PRAGMA application_id = %d; PRAGMA user_version = %d", AT_STORE_APPLICATION_ID, schema->version);
    return status == AT_OK ? at_store_exec(store, sql, error) : status;
}

enum at_status at_store_migrate(struct at_store *store, const struct at_store_schema *schema, struct at_error *error)
{
    enum at_status status = at_store_exec(store, "PRAGMA foreign_keys = OFF", error);
    if (status == AT_OK)
        status = at_store_begin(store, error);
    if (status != AT_OK)
        return status;
    int64_t version; /* read again under the lock: another process may have been faster */
    status = at_store_integer(store, "PRAGMA user_version", &version, error);
    if (status == AT_OK && version > schema->version)
        status = at_store_refuse_newer(store, version, schema->version, error);
    if (status == AT_OK && version < schema->version)
        status = step_up(store, schema, version, error);
    status = at_store_end(store, status, error);
    return status == AT_OK ? at_store_exec(store, "PRAGMA foreign_keys = ON", error) : status;
}
