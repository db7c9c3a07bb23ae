/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "store/fact.h"

#define COUNT(columns) (sizeof(columns) / sizeof(columns)[0])

/* Runs one statement with its values in order; a row it gives is read into *ret_value, none leaves it. */
static enum at_status step(struct at_store *store, const char *sql, const struct at_cell *values, size_t count, int64_t *ret_value,
                           struct at_error *error)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL);
    for (size_t i = 0; i < count && code == SQLITE_OK; i++)
        code = at_store_bind(statement, (int)i + 1, &values[i]);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    enum at_status status = code == SQLITE_ROW || code == SQLITE_DONE ? AT_OK : at_store_fail(store, code, error);
    if (code == SQLITE_ROW)
        *ret_value = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return status;
}

static enum at_status keep_description(struct at_store *store, const struct at_input_fact *fact, int64_t *ret_id, struct at_error *error)
{
    struct at_store_column columns[AT_STORE_DESCRIPTION_COLUMNS];
    at_store_describe(fact, columns);
    return at_store_keep_fact(store, "description", columns, COUNT(columns), ret_id, error);
}

/* The study's text is the last of its name from now on. */
static enum at_status ask(struct at_store *store, int64_t study, struct at_error *error)
{
    static const char sql[] = "INSERT INTO asked (study, nth) SELECT ?1, (SELECT count(*) FROM asked WHERE study = ?1)"
                              " WHERE ?1 IS NOT (SELECT asked.study FROM asked JOIN study ON study.id = asked.study"
                              " WHERE study.name = (SELECT name FROM study WHERE id = ?1) ORDER BY asked.id DESC LIMIT 1)";
    const struct at_cell values[] = {at_store_int(study)};
    return step(store, sql, values, COUNT(values), NULL, error);
}

static enum at_status plan(struct at_store *store, int64_t study, const struct at_planned_fact *fact, struct at_error *error)
{
    int64_t description = 0, id;
    enum at_status status = keep_description(store, &fact->input, &description, error);
    if (status != AT_OK)
        return status;
    const struct at_store_column columns[] = {
        {"study", true, at_store_int(study)},
        {"description", true, at_store_int(description)},
        {"copy", true, at_store_int(fact->copy)},
        {"variant", true, at_store_int(fact->variant)},
        {"rows", true, at_store_int(fact->rows)},
        {"rows_seed", true, at_store_uint(fact->rows_seed)},
        {"oracle", true, at_store_text(fact->oracle)},
    };
    status = at_store_keep_fact(store, "planned", columns, COUNT(columns), &id, error);
    return status == AT_OK && fact->readout.sha256 ? at_store_plan_readout(store, id, &fact->readout, error) : status;
}

enum at_status at_store_put_plan(struct at_store *store, const struct at_study_fact *study, bool of_file,
                                 const struct at_planned_fact *planned, size_t count, int64_t *ret_study, struct at_error *error)
{
    struct at_store_column columns[AT_STORE_STUDY_COLUMNS];
    int64_t id = 0;
    at_store_study_columns(study, columns);
    enum at_status status = at_store_begin(store, error);
    if (status != AT_OK)
        return status;
    status = at_store_keep_fact(store, "study", columns, COUNT(columns), &id, error);
    if (status == AT_OK && of_file)
        status = ask(store, id, error);
    for (size_t i = 0; i < count && status == AT_OK; i++)
        status = plan(store, id, &planned[i], error);
    status = at_store_end(store, status, error);
    if (status == AT_OK)
        *ret_study = id;
    return status;
}

enum at_status at_store_put_found(struct at_store *store, int64_t study, int64_t copy, const struct at_input_fact *fact, int64_t *ret_id,
                                  struct at_error *error)
{
    static const char sql[] = "INSERT INTO found (study, description, copy, input, nth) SELECT ?1, ?2, ?3, ?4, (SELECT count(*) FROM found"
                              " WHERE study = ?1 AND description = ?2 AND copy = ?3 AND input = ?4)"
                              " WHERE ?4 IS NOT (SELECT input FROM latest_input WHERE study = (SELECT name FROM study WHERE id = ?1)"
                              " AND description = ?2 AND copy = ?3)";
    struct at_store_column columns[AT_STORE_INPUT_COLUMNS];
    int64_t id = 0, description = 0;
    at_store_input_columns(fact, columns);
    enum at_status status = at_store_begin(store, error);
    if (status != AT_OK)
        return status;
    status = at_store_keep_fact(store, "input", columns, COUNT(columns), &id, error);
    if (status == AT_OK)
        status = keep_description(store, fact, &description, error);
    const struct at_cell values[] = {at_store_int(study), at_store_int(description), at_store_int(copy), at_store_int(id)};
    if (status == AT_OK)
        status = step(store, sql, values, COUNT(values), NULL, error);
    status = at_store_end(store, status, error);
    if (status == AT_OK)
        *ret_id = id;
    return status;
}

#define DESCRIPTION "source, spelling, label, format, seed, batch, heads_q, heads_kv, seq_q, seq_k, dim, causal, scale"

/* An input that was never found under the study's name is one more of its description. */
static enum at_status find_copy(struct at_store *store, const struct at_run_key *key, int64_t *ret_description, int64_t *ret_copy,
                                struct at_error *error)
{
    static const char describe[] = "INSERT INTO description (" DESCRIPTION ") SELECT " DESCRIPTION " FROM input WHERE id = ?1"
                                   " EXCEPT SELECT " DESCRIPTION " FROM description";
    static const char described[] = "SELECT description.id FROM input JOIN description USING (" DESCRIPTION ") WHERE input.id = ?1";
    static const char copy_of[] = "SELECT found.copy FROM found JOIN study ON study.id = found.study WHERE found.input = ?1 AND"
                                  " found.description = ?2 AND study.name = (SELECT name FROM study WHERE id = ?3) ORDER BY 1 LIMIT 1";
    static const char next_copy[] = "SELECT ifnull(max(copy) + 1, 0) FROM latest_input WHERE description = ?2"
                                    " AND study = (SELECT name FROM study WHERE id = ?3) AND ?1";
    static const char find[] = "INSERT INTO found (study, description, copy, input, nth) VALUES (?3, ?2, ?4, ?1, 0)";
    struct at_cell values[] = {at_store_int(key->input), at_store_int(0), at_store_int(key->study), at_store_int(0)};
    int64_t description = 0, copy = -1;
    enum at_status status = step(store, describe, values, 1, NULL, error);
    if (status == AT_OK)
        status = step(store, described, values, 1, &description, error);
    values[1] = at_store_int(description);
    if (status == AT_OK)
        status = step(store, copy_of, values, 3, &copy, error);
    if (status == AT_OK && copy < 0) {
        status = step(store, next_copy, values, 3, &copy, error);
        values[3] = at_store_int(copy);
        if (status == AT_OK)
            status = step(store, find, values, 4, NULL, error);
    }
    *ret_description = description;
    *ret_copy = copy;
    return status;
}

enum at_status at_store_plan_run(struct at_store *store, const struct at_run_key *key, struct at_error *error)
{
    static const char sql[] = "INSERT INTO planned (study, description, copy, variant, rows, rows_seed, oracle)"
                              " SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7 WHERE NOT EXISTS (SELECT 1 FROM planned JOIN found USING (description,"
                              " copy) WHERE planned.study = ?1 AND found.input = ?8 AND planned.variant = ?4 AND planned.rows = ?5"
                              " AND planned.rows_seed = ?6 AND planned.oracle = ?7)";
    int64_t description, copy;
    enum at_status status = find_copy(store, key, &description, &copy, error);
    if (status != AT_OK)
        return status;
    const struct at_cell values[] = {at_store_int(key->study), at_store_int(description), at_store_int(copy), at_store_int(key->variant),
                                     at_store_int(key->rows), at_store_uint(key->rows_seed), at_store_text(key->oracle ? key->oracle : ""),
                                     at_store_int(key->input)};
    return step(store, sql, values, COUNT(values), NULL, error);
}
