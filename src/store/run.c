/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "store/fact.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define COUNT(columns) (sizeof(columns) / sizeof(columns)[0])

enum { KEY_COLUMNS = 7 };

static void key_columns(const struct at_run_key *key, struct at_store_column ret_columns[static KEY_COLUMNS])
{
    ret_columns[0] = (struct at_store_column){"input", true, at_store_int(key->input)};
    ret_columns[1] = (struct at_store_column){"variant", true, at_store_int(key->variant)};
    ret_columns[2] = (struct at_store_column){"build", true, at_store_int(key->build)};
    ret_columns[3] = (struct at_store_column){"device", true, at_store_int(key->device)};
    ret_columns[4] = (struct at_store_column){"rows", true, at_store_int(key->rows)};
    ret_columns[5] = (struct at_store_column){"rows_seed", true, at_store_uint(key->rows_seed)};
    ret_columns[6] = (struct at_store_column){"oracle", true, at_store_text(key->oracle ? key->oracle : "")};
}

enum at_status at_store_find_run(struct at_store *store, const struct at_run_key *key, int64_t *ret_id, struct at_error *error)
{
    struct at_store_column columns[KEY_COLUMNS];
    key_columns(key, columns);
    return at_store_find_fact(store, "run", columns, KEY_COLUMNS, ret_id, error);
}

static enum at_status insert_run(struct at_store *store, const struct at_run_fact *run, int64_t *ret_id, struct at_error *error)
{
    char created[32];
    at_store_now(false, created);
    struct at_store_column columns[] = {
        [KEY_COLUMNS] = {"study", false, at_store_int(run->key.study)},
        {"operands_sha256", false, at_store_text(run->operands_sha256)},
        {"output_sha256", false, at_store_text(run->output_sha256)},
        {"elements", false, at_store_int(run->elements)},
        {"saturated", false, at_store_int(run->saturated)},
        {"underflowed", false, at_store_int(run->underflowed)},
        {"p_elements", false, at_store_int(run->p_elements)},
        {"p_saturated", false, at_store_int(run->p_saturated)},
        {"p_underflowed", false, at_store_int(run->p_underflowed)},
        {"time_ns", false, at_store_int(run->time_ns)},
        {"created", false, at_store_text(created)},
        {"kernel", false, at_store_text(run->kernel)},
        {"gpu", false, at_store_int(run->gpu)},
    };
    key_columns(&run->key, columns);
    return at_store_insert_fact(store, "run", columns, COUNT(columns) - (run->kernel ? 0 : 2), ret_id, error); /* NULL: the twin */
}

enum at_status at_store_put_difference(struct at_store *store, const struct at_difference_fact *fact, int64_t *ret_id,
                                       struct at_error *error)
{
    char created[32];
    at_store_now(true, created);
    struct at_store_column columns[] = {
        [KEY_COLUMNS] = {"created", true, at_store_text(created)},
        {"study", false, at_store_int(fact->run.study)},
        {"kernel", false, at_store_text(fact->kernel)},
        {"gpu", false, at_store_int(fact->gpu)},
        {"operands_sha256", false, at_store_text(fact->operands_sha256)},
        {"output_sha256", false, at_store_text(fact->output_sha256)},
        {"twin_sha256", false, at_store_text(fact->twin_sha256)},
        {"outputs", false, at_store_int(fact->outputs)},
        {"differing", false, at_store_int(fact->differing)},
        {"detail", false, at_store_text(fact->detail)},
    };
    key_columns(&fact->run, columns);
    return at_store_put_fact(store, "difference", columns, COUNT(columns), ret_id, error);
}

static enum at_status insert_reference(struct at_store *store, int64_t run, const struct at_reference_fact *fact, int64_t *ret_id,
                                       struct at_error *error)
{
    bool exact = isinf(fact->radius_log2) && fact->radius_log2 < 0; /* the radius is 0 */
    const struct at_store_column columns[] = {
        {"run", true, at_store_int(run)},
        {"against", true, at_store_text(fact->against)},
        {"operands_sha256", false, at_store_text(fact->operands_sha256)},
        {"oracle", false, at_store_text(fact->oracle)},
        {"truth_sha256", false, at_store_text(fact->truth_sha256)},
        {"precision_bits", false, at_store_int(fact->precision_bits)},
        {"radius_log2", false, exact ? at_store_text(NULL) : at_store_real(fact->radius_log2)},
        {"undefined_rows", false, at_store_int(fact->undefined_rows)},
        {"time_ns", false, at_store_int(fact->time_ns)},
    };
    return at_store_insert_fact(store, "reference", columns, COUNT(columns), ret_id, error);
}

static enum at_status insert_ladder(struct at_store *store, int64_t reference, const struct at_ladder_fact *ladder, struct at_error *error)
{
    const struct at_store_column columns[] = {
        {"reference", true, at_store_int(reference)},
        {"raised_by", false, at_store_text(ladder->raised_by)},
        {"raised_rows", false, at_store_int(ladder->raised_rows)},
        {"open_rows", false, at_store_int(ladder->open_rows)},
        {"smallest_log2", false, at_store_real(ladder->smallest_log2)},
        {"checked_by", false, at_store_text(ladder->checked_by)},
        {"checked_rows", false, at_store_int(ladder->checked_rows)},
        {"disagreement_log2", false, at_store_real(ladder->checked_by ? ladder->disagreement_log2 : NAN)},
        {"disagreement_share", false, at_store_real(ladder->checked_by ? ladder->disagreement_share : NAN)},
    };
    int64_t id;
    return ladder->known ? at_store_insert_fact(store, "ladder", columns, COUNT(columns), &id, error) : AT_OK;
}

static struct at_cell place_or_null(int64_t place)
{
    return place < 0 ? at_store_text(NULL) : at_store_int(place);
}

static const char *scope_name(enum at_scope scope)
{
    switch (scope) {
    case AT_SCOPE_ROW: return "row";
    case AT_SCOPE_HEAD: return "head";
    case AT_SCOPE_CASE: return "case";
    }
    return NULL;
}

static enum at_status insert_measures(struct at_store *store, const int64_t *references, size_t reference_count,
                                      const struct at_measure_fact *measures, size_t count, struct at_error *error)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(store->db, "INSERT INTO measure (reference, scope, batch, head, row, metric, value, radius)"
                                  " VALUES (?, ?, ?, ?, ?, ?, ?, ?)", -1, &statement, NULL);
    enum at_status status = code == SQLITE_OK ? AT_OK : at_store_fail(store, code, error);
    for (size_t i = 0; i < count && status == AT_OK; i++) {
        const struct at_measure_fact *measure = &measures[i];
        if (measure->reference < 0 || (size_t)measure->reference >= reference_count) {
            status = at_fail(error, AT_ERR_ARGUMENT, "%s: measure %zu of the run names reference %d of %zu: nothing was stored",
                             store->path, i, measure->reference, reference_count);
            break;
        }
        const struct at_cell values[] = {
            at_store_int(references[measure->reference]), at_store_text(scope_name(measure->scope)), place_or_null(measure->batch),
            place_or_null(measure->head), place_or_null(measure->row), at_store_text(measure->metric), at_store_real(measure->value),
            at_store_real(measure->radius),
        };
        for (size_t j = 0; j < COUNT(values) && code == SQLITE_OK; j++)
            code = at_store_bind(statement, (int)j + 1, &values[j]);
        if (code == SQLITE_OK)
            code = sqlite3_step(statement);
        if (code != SQLITE_DONE)
            status = at_store_fail(store, code, error);
        code = sqlite3_reset(statement);
    }
    sqlite3_finalize(statement);
    return status;
}

/* "[3,0,12]"; NULL: no memory. */
static char *counts_json(const struct at_histogram_fact *histogram)
{
    enum { LONGEST = 21 }; /* "-9223372036854775808," */
    size_t bins = histogram->bins > 0 ? (size_t)histogram->bins : 0;
    char *json = malloc(bins * LONGEST + sizeof "[]");
    if (!json)
        return NULL;
    char *end = json + sprintf(json, "[");
    for (size_t i = 0; i < bins; i++)
        end += sprintf(end, "%s%" PRId64, i ? "," : "", histogram->counts[i]);
    sprintf(end, "]");
    return json;
}

static enum at_status insert_histogram(struct at_store *store, const int64_t *references, size_t reference_count,
                                       const struct at_histogram_fact *histogram, struct at_error *error)
{
    if (histogram->reference < 0 || (size_t)histogram->reference >= reference_count)
        return at_fail(error, AT_ERR_ARGUMENT, "%s: a histogram of the run names reference %d of %zu: nothing was stored", store->path,
                       histogram->reference, reference_count);
    char *counts = counts_json(histogram);
    if (!counts)
        return at_fail(error, AT_ERR_MEMORY, "%s: no memory for a histogram of %d bins", store->path, histogram->bins);
    const struct at_store_column columns[] = {
        {"reference", true, at_store_int(references[histogram->reference])},
        {"first", false, at_store_int(histogram->first)},
        {"counts", false, at_store_text(counts)},
        {"zeros", false, at_store_int(histogram->zeros)},
        {"nonfinite", false, at_store_int(histogram->nonfinite)},
        {"below", false, at_store_int(histogram->below)},
        {"above", false, at_store_int(histogram->above)},
    };
    int64_t id;
    enum at_status status = at_store_insert_fact(store, "histogram", columns, COUNT(columns), &id, error);
    free(counts);
    return status;
}

/* A run that is stored is read out with the outputs that it has. */
static enum at_status check_output(struct at_store *store, int64_t id, const struct at_run_fact *run, struct at_error *error)
{
    const struct at_store_column columns[] = {{"id", true, at_store_int(id)}, {"output_sha256", true, at_store_text(run->output_sha256)}};
    int64_t same;
    enum at_status status = at_store_find_fact(store, "run", columns, COUNT(columns), &same, error);
    if (status != AT_ERR_NOT_FOUND)
        return status;
    return at_fail(error, AT_ERR_FORMAT,
                   "%s: run %" PRId64 " is stored with another output than the same program gave now, so its readout is"
                   " not stored; find out why with attest verify --run %" PRId64,
                   store->path, id, id);
}

enum at_status at_store_put_run(struct at_store *store, const struct at_run_fact *run, const struct at_reference_fact *references,
                                size_t reference_count, const struct at_measure_fact *measures, size_t measure_count,
                                const struct at_histogram_fact *histograms, size_t histogram_count, int64_t *ret_id,
                                struct at_error *error)
{
    int64_t *ids = calloc(reference_count + 1, sizeof *ids);
    if (!ids)
        return at_fail(error, AT_ERR_MEMORY, "%s: no memory for a run with %zu references", store->path, reference_count);
    int64_t id;
    enum at_status status = at_store_begin(store, error);
    if (status != AT_OK)
        goto done;
    status = at_store_find_run(store, &run->key, &id, error);
    if (status == AT_ERR_NOT_FOUND) {
        status = insert_run(store, run, &id, error);
        for (size_t i = 0; i < reference_count && status == AT_OK; i++)
            status = insert_reference(store, id, &references[i], &ids[i], error);
        for (size_t i = 0; i < reference_count && status == AT_OK; i++)
            status = insert_ladder(store, ids[i], &references[i].ladder, error);
        if (status == AT_OK)
            status = insert_measures(store, ids, reference_count, measures, measure_count, error);
        for (size_t i = 0; i < histogram_count && status == AT_OK; i++)
            status = insert_histogram(store, ids, reference_count, &histograms[i], error);
    } else if (status == AT_OK && run->reading.readout) {
        status = check_output(store, id, run, error);
    }
    if (status == AT_OK)
        status = at_store_keep_reading(store, id, &run->reading, references, reference_count, error);
    if (status == AT_OK)
        status = at_store_plan_run(store, &run->key, error);
    status = at_store_end(store, status, error);
    if (status == AT_OK)
        *ret_id = id;
done:
    free(ids);
    return status;
}
