/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "store/fact.h"

#define COUNT(columns) (sizeof(columns) / sizeof(columns)[0])

enum { READOUT_COLUMNS = 6 };

static void readout_columns(const struct at_readout_fact *fact, struct at_store_column ret_columns[static READOUT_COLUMNS])
{
    ret_columns[0] = (struct at_store_column){"sha256", true, at_store_text(fact->sha256)};
    ret_columns[1] = (struct at_store_column){"file", true, at_store_text(fact->file)};
    ret_columns[2] = (struct at_store_column){"tensor", true, at_store_text(fact->tensor)};
    ret_columns[3] = (struct at_store_column){"format", false, at_store_text(fact->format)};
    ret_columns[4] = (struct at_store_column){"tokens", false, at_store_int(fact->tokens)};
    ret_columns[5] = (struct at_store_column){"width", false, at_store_int(fact->width)};
}

/* Binds in order and steps once. */
static enum at_status step(struct at_store *store, sqlite3_stmt *statement, const struct at_cell *values, size_t count,
                           struct at_error *error)
{
    int code = SQLITE_OK;
    for (size_t i = 0; i < count && code == SQLITE_OK; i++)
        code = at_store_bind(statement, (int)i + 1, &values[i]);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    enum at_status status = code == SQLITE_DONE ? AT_OK : at_store_fail(store, code, error);
    sqlite3_reset(statement);
    return status;
}

enum at_status at_store_plan_readout(struct at_store *store, int64_t planned, const struct at_readout_fact *readout, struct at_error *error)
{
    static const char sql[] = "INSERT INTO planned_readout (planned, readout, nth) SELECT ?1, ?2, (SELECT count(*) FROM planned_readout"
                              " WHERE planned = ?1 AND readout = ?2) WHERE ?2 IS NOT (SELECT readout FROM planned_readout"
                              " WHERE planned = ?1 ORDER BY id DESC LIMIT 1)";
    struct at_store_column columns[READOUT_COLUMNS];
    int64_t id = 0;
    sqlite3_stmt *statement = NULL;
    readout_columns(readout, columns);
    enum at_status status = at_store_keep_fact(store, "readout", columns, READOUT_COLUMNS, &id, error);
    if (status != AT_OK)
        return status;
    const struct at_cell values[] = {at_store_int(planned), at_store_int(id)};
    int code = sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL);
    status = code == SQLITE_OK ? step(store, statement, values, COUNT(values), error) : at_store_fail(store, code, error);
    sqlite3_finalize(statement);
    return status;
}

enum at_status at_store_find_reading(struct at_store *store, int64_t run, const struct at_readout_fact *readout, int64_t *ret_id,
                                     struct at_error *error)
{
    struct at_store_column columns[READOUT_COLUMNS];
    int64_t id = 0;
    readout_columns(readout, columns);
    enum at_status status = at_store_find_fact(store, "readout", columns, READOUT_COLUMNS, &id, error);
    if (status != AT_OK)
        return status;
    const struct at_store_column key[] = {{"run", true, at_store_int(run)}, {"readout", true, at_store_int(id)}};
    return at_store_find_fact(store, "reading", key, COUNT(key), ret_id, error);
}

static enum at_status insert_tokens(struct at_store *store, int64_t reading, const struct at_reading_fact *fact,
                                    const struct at_reference_fact *references, size_t reference_count, struct at_error *error)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(store->db,
                                  "INSERT INTO token_change (reading, against, batch, head, row, kl, kl_radius, top_unchanged,"
                                  " max_logit, logit_radius) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                                  -1, &statement, NULL);
    enum at_status status = code == SQLITE_OK ? AT_OK : at_store_fail(store, code, error);
    for (size_t i = 0; i < fact->count && status == AT_OK; i++) {
        const struct at_token_fact *token = &fact->tokens[i];
        if (token->reference < 0 || (size_t)token->reference >= reference_count) {
            status = at_fail(error, AT_ERR_ARGUMENT, "%s: sample %zu of the readout names reference %d of %zu: nothing was stored",
                             store->path, i, token->reference, reference_count);
            break;
        }
        const struct at_cell values[] = {
            at_store_int(reading),           at_store_text(references[token->reference].against),
            at_store_int(token->batch),      token->head < 0 ? at_store_text(NULL) : at_store_int(token->head),
            at_store_int(token->row),        at_store_real(token->kl),
            at_store_real(token->kl_radius), token->top_unchanged < 0 ? at_store_text(NULL) : at_store_int(token->top_unchanged),
            at_store_real(token->max_logit), at_store_real(token->logit_radius),
        };
        status = step(store, statement, values, COUNT(values), error);
    }
    sqlite3_finalize(statement);
    return status;
}

enum at_status at_store_keep_reading(struct at_store *store, int64_t run, const struct at_reading_fact *reading,
                                     const struct at_reference_fact *references, size_t reference_count, struct at_error *error)
{
    struct at_store_column columns[READOUT_COLUMNS];
    int64_t readout = 0, id = 0;
    if (!reading->readout)
        return AT_OK;
    readout_columns(reading->readout, columns);
    enum at_status status = at_store_keep_fact(store, "readout", columns, READOUT_COLUMNS, &readout, error);
    const struct at_store_column key[] = {{"run", true, at_store_int(run)}, {"readout", true, at_store_int(readout)}};
    if (status == AT_OK)
        status = at_store_find_fact(store, "reading", key, COUNT(key), &id, error);
    if (status != AT_ERR_NOT_FOUND)
        return status;
    status = at_store_insert_fact(store, "reading", key, COUNT(key), &id, error);
    return status == AT_OK ? insert_tokens(store, id, reading, references, reference_count, error) : status;
}
