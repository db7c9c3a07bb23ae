/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "store/internal.h"

#include <errno.h>
#include <string.h>

struct cause {
    int code; /* SQLite's primary code */
    enum at_status status;
    const char *what, *remedy;
};

static const struct cause causes[] = {
    {SQLITE_BUSY, AT_ERR_BUSY, "locked by another process", "wait until that has ended, then repeat; nothing was changed"},
    {SQLITE_LOCKED, AT_ERR_BUSY, "locked by another process", "wait until that has ended, then repeat; nothing was changed"},
    {SQLITE_CORRUPT, AT_ERR_FORMAT, "corrupt",
     "restore a copy, or move it away and save what can be read with the sqlite3 program's .recover"},
    {SQLITE_NOTADB, AT_ERR_FORMAT, "not a SQLite database, or its header is damaged", "name another file, or restore a copy"},
    {SQLITE_FULL, AT_ERR_FULL, "no space left on its disk", "free some and repeat; all that was stored before is whole"},
    {SQLITE_READONLY, AT_ERR_IO, "read-only", "make the file and its folder writable, or name another file"},
    {SQLITE_CANTOPEN, AT_ERR_IO, "cannot be opened", "check the permissions of the file, its -wal and -shm and their folder"},
    {SQLITE_PERM, AT_ERR_IO, "cannot be opened", "check the permissions of the file, its -wal and -shm and their folder"},
    {SQLITE_IOERR, AT_ERR_IO, "the system refused to read or write", "check the disk and repeat; all that was stored before is whole"},
    {SQLITE_NOMEM, AT_ERR_MEMORY, "no memory", "free some and repeat"},
    {SQLITE_TOOBIG, AT_ERR_ARGUMENT, "a text is too long to be stored", "shorten it"},
    {SQLITE_CONSTRAINT, AT_ERR_ARGUMENT, "the schema refuses this fact", "correct it; nothing was stored"},
    {SQLITE_INTERRUPT, AT_ERR_INTERRUPTED, "interrupted", "repeat"},
};

static const struct cause moved = {SQLITE_READONLY_DBMOVED, AT_ERR_IO, "was removed or replaced during the run",
                                   "its facts went with it; run the same command again"};
static const struct cause other = {SQLITE_ERROR, AT_ERR_ARGUMENT, "SQLite refuses the statement", "correct it"};

static bool means_no_room(int system_errno)
{
    return system_errno == EDQUOT || system_errno == EFBIG || system_errno == ENOSPC;
}

static const struct cause *cause_of(int primary)
{
    for (size_t i = 0; i < sizeof causes / sizeof causes[0]; i++)
        if (causes[i].code == primary)
            return &causes[i];
    return &other;
}

enum at_status at_store_fail(const struct at_store *store, int code, struct at_error *error)
{
    int last_errno = errno, system_errno = store->db ? sqlite3_system_errno(store->db) : 0;
    /* SQLite takes only ENOSPC for a full disk; a quota and a limit on file sizes are one too, and so is no room for -shm. Of a failed
     * COMMIT it keeps no errno: then the thread's own still holds it. */
    bool full = (code & 0xff) == SQLITE_IOERR &&
                (means_no_room(system_errno) || means_no_room(last_errno) || code == SQLITE_IOERR_SHMSIZE);
    bool is_moved = (code & 0xff) == SQLITE_READONLY && store->db && sqlite3_extended_errcode(store->db) == SQLITE_READONLY_DBMOVED;
    const struct cause *cause = is_moved ? &moved : cause_of(full ? SQLITE_FULL : code & 0xff);
    bool last = store->db && (sqlite3_errcode(store->db) & 0xff) == (code & 0xff);
    const char *detail = last ? sqlite3_errmsg(store->db) : sqlite3_errstr(code);
    bool by_system = (code & 0xff) == SQLITE_IOERR || (code & 0xff) == SQLITE_CANTOPEN;
    if (by_system && system_errno)
        return at_fail(error, cause->status, "%s: %s (%s: %s): %s", store->path, cause->what, detail, strerror(system_errno),
                       cause->remedy);
    return at_fail(error, cause->status, "%s: %s (%s): %s", store->path, cause->what, detail, cause->remedy);
}

enum at_status at_store_exec(struct at_store *store, const char *sql, struct at_error *error)
{
    int code = sqlite3_exec(store->db, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? AT_OK : at_store_fail(store, code, error);
}

enum at_status at_store_integer(struct at_store *store, const char *sql, int64_t *ret_value, struct at_error *error)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    enum at_status status = AT_OK;
    if (code == SQLITE_ROW)
        *ret_value = sqlite3_column_int64(statement, 0);
    else
        status = at_store_fail(store, code == SQLITE_DONE ? SQLITE_CORRUPT : code, error);
    sqlite3_finalize(statement);
    return status;
}

enum at_status at_store_begin(struct at_store *store, struct at_error *error)
{
    return at_store_exec(store, "BEGIN IMMEDIATE", error);
}

enum at_status at_store_end(struct at_store *store, enum at_status status, struct at_error *error)
{
    if (status == AT_OK)
        status = at_store_exec(store, "COMMIT", error);
    if (status != AT_OK && !sqlite3_get_autocommit(store->db))
        sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
    return status;
}
