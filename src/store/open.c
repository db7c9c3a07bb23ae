/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "store/internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * What holds for every file that at_store_open has accepted, whatever is killed and whenever:
 * (1) A fact is in the file wholly or not at all: every insert happens in a transaction.          at_store_put_fact, at_store_put_run
 * (2) The application id, the schema and its version appear together, in the file itself.         at_store_migrate, before use_wal
 * (3) Once a put_ has returned, its fact survives SIGKILL and loss of power: synchronous = FULL.  prepare_to_write
 * (4) A stored fact never changes: triggers refuse UPDATE, DELETE and REPLACE.                    at_store_guard_sql
 * (5) Opening for reading changes no fact and no schema, and creates no database.                 connect_to_read, read_older
 * (6) A file that is refused keeps its content.                                                   at_store_probe, accept
 *
 *     nothing, empty ──at_store_migrate──► version n ──at_store_put_*──► version n, more facts
 *     version < n ─────at_store_migrate──► version n                    version > n: refused
 */

const struct at_store_options at_store_options_default = {&at_store_schema, 10000, INT64_C(16) << 20, 0};

static enum at_status pragma(struct at_store *store, const char *name, int value, struct at_error *error)
{
    char sql[96];
    snprintf(sql, sizeof sql, "PRAGMA %s = %d", name, value);
    return at_store_exec(store, sql, error);
}

/* Opens and reads the schema, so that a lock, a damaged header or a missing permission shows here. */
static enum at_status connect(struct at_store *store, int flags, const char *query, const struct at_store_options *options, int *ret_code,
                              struct at_error *error)
{
    char *uri = at_store_uri(store->path, query);
    if (!uri)
        return at_fail(error, AT_ERR_MEMORY, "%s: no memory", store->path);
    sqlite3_close(store->db);
    store->db = NULL;
    int code = sqlite3_open_v2(uri, &store->db, flags | SQLITE_OPEN_URI | SQLITE_OPEN_EXRESCODE, NULL);
    free(uri);
    if (code == SQLITE_OK)
        code = sqlite3_busy_timeout(store->db, options->busy_ms);
    if (code == SQLITE_OK && at_store_file_bytes(store->path, "-wal")) /* invariant 6: until it is accepted its log stays as it is */
        code = sqlite3_db_config(store->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_exec(store->db, "SELECT count(*) FROM sqlite_master", NULL, NULL, NULL);
    *ret_code = code & 0xff;
    return code == SQLITE_OK ? AT_OK : at_store_fail(store, code, error);
}

/*
 * Reading a WAL database needs -shm beside it. Where that cannot be made (read-only folder or medium) and no log is left, the file is
 * complete and nobody writes it: it is read as immutable.
 */
static enum at_status connect_to_read(struct at_store *store, const struct at_store_options *options, struct at_error *error)
{
    int code;
    enum at_status status = connect(store, SQLITE_OPEN_READWRITE, "mode=rw", options, &code, error);
    bool denied = code == SQLITE_CANTOPEN || code == SQLITE_READONLY || code == SQLITE_IOERR;
    if (status == AT_OK || !denied)
        return status;
    if (at_store_file_bytes(store->path, "-wal") || at_store_file_bytes(store->path, "-journal"))
        return at_fail(error, AT_ERR_IO, "%s: cannot be read here, its newest facts lie in the -wal or -journal beside it: make the folder "
                       "writable, or copy all of these files into one that is", store->path);
    return connect(store, SQLITE_OPEN_READONLY, "mode=ro&immutable=1", options, &code, error);
}

/* Pages are checked one by one in small files only; in a large one a damaged page shows when it is read. */
static enum at_status check_pages(struct at_store *store, const struct at_store_options *options, struct at_error *error)
{
    int64_t pages, page_bytes, bytes = at_store_file_bytes(store->path, "");
    enum at_status status = at_store_exec(store, "BEGIN", error);
    if (status == AT_OK)
        status = at_store_integer(store, "PRAGMA page_count", &pages, error);
    if (status == AT_OK)
        status = at_store_integer(store, "PRAGMA page_size", &page_bytes, error);
    if (status == AT_OK && !at_store_file_bytes(store->path, "-wal") && bytes < pages * page_bytes)
        status = at_fail(error, AT_ERR_FORMAT, "%s: corrupt (truncated to %" PRId64 " of %" PRId64 " bytes): restore a copy, or move it "
                         "away and save what can be read with the sqlite3 program's .recover", store->path, bytes, pages * page_bytes);
    sqlite3_stmt *statement = NULL;
    if (status == AT_OK && bytes <= options->check_bytes) {
        int code = sqlite3_prepare_v2(store->db, "PRAGMA quick_check(1)", -1, &statement, NULL);
        code = code == SQLITE_OK ? sqlite3_step(statement) : code;
        const char *verdict = code == SQLITE_ROW ? (const char *)sqlite3_column_text(statement, 0) : NULL;
        if (!verdict)
            status = at_store_fail(store, code, error);
        else if (strcmp(verdict, "ok") != 0)
            status = at_fail(error, AT_ERR_FORMAT, "%s: corrupt (%.200s): restore a copy, or move it away and save what can be read "
                             "with the sqlite3 program's .recover", store->path,
                             strrchr(verdict, '\n') ? strrchr(verdict, '\n') + 1 : verdict);
    }
    sqlite3_finalize(statement);
    return at_store_end(store, status, error);
}

static enum at_status check_tables(struct at_store *store, const struct at_store_schema *schema, struct at_error *error)
{
    for (size_t i = 0; i < schema->table_count; i++) {
        char sql[128];
        int64_t found;
        snprintf(sql, sizeof sql, "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = '%s'", schema->tables[i].name);
        enum at_status status = at_store_integer(store, sql, &found, error);
        if (status != AT_OK)
            return status;
        if (!found)
            return at_fail(error, AT_ERR_FORMAT, "%s: the table %s is missing: restore a copy, or name another file", store->path,
                           schema->tables[i].name);
    }
    return AT_OK;
}

/* Whether the file is ours and whole; *ret_version is 0 for one without content. */
static enum at_status accept(struct at_store *store, const struct at_store_options *options, int64_t *ret_version, struct at_error *error)
{
    int64_t id, version, objects;
    enum at_status status = at_store_integer(store, "PRAGMA application_id", &id, error);
    if (status == AT_OK)
        status = at_store_integer(store, "PRAGMA user_version", &version, error);
    if (status == AT_OK)
        status = at_store_integer(store, "SELECT count(*) FROM sqlite_master", &objects, error);
    if (status != AT_OK)
        return status;
    bool empty = id == 0 && version == 0 && objects == 0;
    if (empty && store->mode == AT_STORE_READ)
        return at_fail(error, AT_ERR_FORMAT, "%s: no facts yet: store some with attest run first, or name another file", store->path);
    if (!empty && (id != AT_STORE_APPLICATION_ID || version < 1))
        return at_fail(error, AT_ERR_FORMAT, "%s: a SQLite database, but not one of attest (application id 0x%08x, version %" PRId64 "): "
                       "name another file", store->path, (unsigned)id, version);
    if (version > options->schema->version)
        return at_store_refuse_newer(store, version, options->schema->version, error);
    if (!empty)
        status = check_pages(store, options, error);
    if (status == AT_OK && version == options->schema->version)
        status = check_tables(store, options->schema, error);
    if (status == AT_OK)
        *ret_version = version;
    return status;
}

/* An older schema is read through a private, migrated copy (a temporary file that SQLite deletes); the file stays as it is. */
static enum at_status read_older(struct at_store *store, const struct at_store_schema *schema, struct at_error *error)
{
    struct at_store copy = {.path = store->path, .mode = AT_STORE_READ};
    int code = sqlite3_open_v2("", &copy.db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_EXRESCODE, NULL);
    sqlite3_backup *backup = code == SQLITE_OK ? sqlite3_backup_init(copy.db, "main", store->db, "main") : NULL;
    if (backup) {
        sqlite3_backup_step(backup, -1);
        code = sqlite3_backup_finish(backup);
    } else if (code == SQLITE_OK) {
        code = sqlite3_extended_errcode(copy.db);
    }
    enum at_status status = code == SQLITE_OK ? at_store_migrate(&copy, schema, error) : at_store_fail(&copy, code, error);
    sqlite3 *unused = status == AT_OK ? store->db : copy.db;
    if (status == AT_OK)
        store->db = copy.db;
    sqlite3_close(unused);
    return status;
}

/* SQLite does not wait for a lock when it changes the journal mode: this does. A file system without shared memory keeps its journal. */
static enum at_status use_wal(struct at_store *store, const struct at_store_options *options, struct at_error *error)
{
    enum { PAUSE_MS = 10 };
    for (int waited_ms = 0;; waited_ms += PAUSE_MS) {
        int code = sqlite3_exec(store->db, "PRAGMA journal_mode = WAL", NULL, NULL, NULL);
        if (code == SQLITE_OK)
            return AT_OK;
        if ((code & 0xff) != SQLITE_BUSY || waited_ms >= options->busy_ms)
            return at_store_fail(store, code, error);
        usleep(PAUSE_MS * 1000);
    }
}

/* Ends with an empty transaction of the writing kind, so that what prevents writing shows before hours of computing. */
static enum at_status prepare_to_write(struct at_store *store, const struct at_store_options *options, int64_t version,
                                       struct at_error *error)
{
    enum at_status status = pragma(store, "synchronous", 2, error);
    if (status == AT_OK && options->max_pages)
        status = pragma(store, "max_page_count", options->max_pages, error);
    if (status == AT_OK && version < options->schema->version)
        status = at_store_migrate(store, options->schema, error);
    if (status == AT_OK)
        status = pragma(store, "foreign_keys", 1, error);
    if (status == AT_OK)
        status = use_wal(store, options, error);
    if (status == AT_OK)
        status = at_store_begin(store, error);
    return at_store_end(store, status, error);
}

enum at_status at_store_open_with(const char *path, enum at_store_mode mode, const struct at_store_options *options,
                                  struct at_store **ret_store, struct at_error *error)
{
    enum at_store_found found;
    enum at_status status = at_store_inspect(path, mode, &found, error);
    if (status != AT_OK)
        return status;
    struct at_store *store = calloc(1, sizeof *store);
    char *copy = strdup(path);
    if (!store || !copy) {
        free(store);
        free(copy);
        return at_fail(error, AT_ERR_MEMORY, "%s: no memory", path);
    }
    *store = (struct at_store){NULL, copy, mode};
    int code;
    int64_t version = 0;
    if (mode == AT_STORE_READ)
        status = connect_to_read(store, options, error);
    else
        status = connect(store, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, "mode=rwc", options, &code, error);
    if (status == AT_OK)
        status = accept(store, options, &version, error);
    if (status == AT_OK && mode == AT_STORE_WRITE)
        status = prepare_to_write(store, options, version, error);
    if (status == AT_OK && mode == AT_STORE_READ && version < options->schema->version)
        status = read_older(store, options->schema, error);
    if (status == AT_OK && mode == AT_STORE_READ)
        status = pragma(store, "query_only", 1, error);
    if (status == AT_OK) {
        sqlite3_db_config(store->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
        *ret_store = store;
    } else {
        at_store_close(store);
    }
    return status;
}

enum at_status at_store_open(const char *path, enum at_store_mode mode, struct at_store **ret_store, struct at_error *error)
{
    return at_store_open_with(path, mode, &at_store_options_default, ret_store, error);
}

/* The last connection to close a WAL database checkpoints it; that may fail on a full disk and loses nothing: the log stays. */
struct at_store *at_store_close(struct at_store *store)
{
    if (store) {
        sqlite3_close(store->db);
        free(store->path);
        free(store);
    }
    return NULL;
}
