/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#ifndef AT_STORE_FACT_H
#define AT_STORE_FACT_H

/* Facts as columns: found by their natural key, inserted once. */

#include "store/internal.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One column of a fact; the key columns together are its natural key. */
struct at_store_column {
    const char *name;
    bool key;
    struct at_cell value;
};

struct at_cell at_store_text(const char *text);       /* NULL pointer: NULL */
struct at_cell at_store_int(int64_t value);
struct at_cell at_store_uint(uint64_t value);         /* its bits */
struct at_cell at_store_real(double value);           /* NaN: NULL */
int at_store_bind(sqlite3_stmt *statement, int place, const struct at_cell *value); /* SQLite's code */

/* AT_ERR_NOT_FOUND (without a message) when no fact of this key is stored. */
enum at_status at_store_find_fact(struct at_store *store, const char *table, const struct at_store_column *columns, size_t count,
                                  int64_t *ret_id, struct at_error *error);

/* Inside a transaction. */
enum at_status at_store_insert_fact(struct at_store *store, const char *table, const struct at_store_column *columns, size_t count,
                                    int64_t *ret_id, struct at_error *error);

/* Finds or inserts, inside a transaction. */
enum at_status at_store_keep_fact(struct at_store *store, const char *table, const struct at_store_column *columns, size_t count,
                                  int64_t *ret_id, struct at_error *error);

/* Inside a transaction: what the study of `key` asks for holds this run afterwards. */
enum at_status at_store_plan_run(struct at_store *store, const struct at_run_key *key, struct at_error *error);

/* Inside a transaction: the planned run is to be read out with it from now on. */
enum at_status at_store_plan_readout(struct at_store *store, int64_t planned, const struct at_readout_fact *readout,
                                     struct at_error *error);

/* Inside a transaction: puts the reading of a run, unless it is there. `against` of each reference the facts count by. */
enum at_status at_store_keep_reading(struct at_store *store, int64_t run, const struct at_reading_fact *reading,
                                     const struct at_reference_fact *references, size_t reference_count, struct at_error *error);

/* The columns of facts; those of a description are the first of an input's, without its digest and counts. */
enum { AT_STORE_STUDY_COLUMNS = 3, AT_STORE_DESCRIPTION_COLUMNS = 13, AT_STORE_INPUT_COLUMNS = AT_STORE_DESCRIPTION_COLUMNS + 3 };
void at_store_study_columns(const struct at_study_fact *fact, struct at_store_column ret_columns[AT_STORE_STUDY_COLUMNS]);
void at_store_describe(const struct at_input_fact *fact, struct at_store_column ret_columns[AT_STORE_DESCRIPTION_COLUMNS]);
void at_store_input_columns(const struct at_input_fact *fact, struct at_store_column ret_columns[AT_STORE_INPUT_COLUMNS]);

/* Finds, or inserts in a transaction of its own. */
enum at_status at_store_put_fact(struct at_store *store, const char *table, const struct at_store_column *columns, size_t count,
                                 int64_t *ret_id, struct at_error *error);

#ifdef __cplusplus
}
#endif

#endif
