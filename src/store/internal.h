/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STORE_INTERNAL_H
#define AT_STORE_INTERNAL_H

/* What the files of the store share; nothing outside src/store and tests/store includes it. */

#include "store/store.h"

#include <sqlite3.h>

#ifdef __cplusplus
extern "C" {
#endif

struct at_store {
    sqlite3 *db;
    char *path; /* as given */
    enum at_store_mode mode;
};

/* A table of facts and the condition under which a stored row is the same fact as NEW. */
struct at_store_fact_table {
    const char *name;
    const char *same;
};

/* A schema: step i leads from version i to i + 1; the version is the number of steps. */
struct at_store_schema {
    int version;
    const char *const *steps;
    const struct at_store_fact_table *tables;
    size_t table_count;
    const char *views;
};

/* How a database is opened; at_store_options_default is what at_store_open uses, tests use others. */
struct at_store_options {
    const struct at_store_schema *schema;
    int busy_ms;         /* how long to wait for another process' lock */
    int64_t check_bytes; /* a file up to this size is checked page by page on opening */
    int max_pages;       /* 0: no limit */
};

enum { AT_STORE_APPLICATION_ID = 0x61747374 }; /* "atst", in the file's header */

extern const struct at_store_schema at_store_schema;
extern const struct at_store_options at_store_options_default;
extern const char at_store_sql_schema[], at_store_sql_schema_2[], at_store_sql_schema_3[], at_store_sql_schema_4[], at_store_sql_schema_5[],
    at_store_sql_schema_6[], at_store_sql_schema_7[], at_store_sql_views[];

/* This moment for a column `created`: UTC, ISO 8601, with microseconds or without. */
void at_store_now(bool microseconds, char ret_text[32]);

/* at_store_open with `options`. */
enum at_status at_store_open_with(const char *path, enum at_store_mode mode, const struct at_store_options *options,
                                  struct at_store **ret_store, struct at_error *error);

/* Says in one line why `store`'s last call into SQLite failed with `code`, and what helps; returns the status that fits. */
enum at_status at_store_fail(const struct at_store *store, int code, struct at_error *error);

/* Runs statements that give no rows. */
enum at_status at_store_exec(struct at_store *store, const char *sql, struct at_error *error);

/* The first column of the first row of `sql`, an integer. */
enum at_status at_store_integer(struct at_store *store, const char *sql, int64_t *ret_value, struct at_error *error);

/* BEGIN IMMEDIATE; waits for another writer. */
enum at_status at_store_begin(struct at_store *store, struct at_error *error);

/* Commits when `status` is AT_OK; else, and when the commit fails, rolls back. Returns the status of the whole. */
enum at_status at_store_end(struct at_store *store, enum at_status status, struct at_error *error);

/* What lies at a path, told without SQLite and without changing anything. */
enum at_store_found { AT_STORE_NOTHING, AT_STORE_EMPTY, AT_STORE_SQLITE };

/* Refuses what cannot become or be an attest database in this mode: paths, permissions, other kinds of file, truncated headers. */
enum at_status at_store_inspect(const char *path, enum at_store_mode mode, enum at_store_found *ret_found, struct at_error *error);

/* Size of the file `path` + `suffix` ("-wal"), 0 when there is none. */
int64_t at_store_file_bytes(const char *path, const char *suffix);

/* A URI for sqlite3_open_v2 in which no path is special (":memory:", "", '?'); caller frees. NULL: no memory. */
char *at_store_uri(const char *path, const char *query);

/* Brings the schema to `schema->version` in one transaction; a version above it is AT_ERR_VERSION, equal is fine. */
enum at_status at_store_migrate(struct at_store *store, const struct at_store_schema *schema, struct at_error *error);

enum at_status at_store_refuse_newer(const struct at_store *store, int64_t version, int known, struct at_error *error);

/* CREATE TRIGGER statements that keep `table` append-only, written into ret_sql[size]; false when they do not fit. */
bool at_store_guard_sql(const struct at_store_fact_table *table, char *ret_sql, size_t size);

#ifdef __cplusplus
}
#endif

#endif
