/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/kpi_readings.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* As in reports/queries/readouts.sql. */
static const char query[] =
    "WITH asked AS ("
    " SELECT input, variant, rows, rows_seed, readout, max(run) AS run FROM plan"
    " WHERE readout IS NOT NULL AND CASE WHEN :study_id IS NULL THEN counts ELSE study = :study_id END"
    "  AND (:study IS NULL OR name = :study)"
    " GROUP BY input, variant, rows, rows_seed, readout)"
    " SELECT counted.id AS run, readout.id AS readout, readout.file || ':' || readout.tensor AS name, token_change.id AS sample,"
    "  token_change.batch AS batch, token_change.head AS head, token_change.head / (input.heads_q / input.heads_kv) AS key_head,"
    "  token_change.row AS row, token_change.kl AS kl, token_change.kl_radius AS kl_radius, token_change.top_unchanged AS top_unchanged"
    " FROM json_each(:runs) AS wanted JOIN run AS counted ON counted.id = wanted.value JOIN input ON input.id = counted.input"
    " JOIN asked ON asked.input = counted.input AND asked.variant = counted.variant AND asked.rows = counted.rows"
    "  AND asked.rows_seed = counted.rows_seed"
    " JOIN readout ON readout.id = asked.readout LEFT JOIN reading ON reading.run = asked.run AND reading.readout = asked.readout"
    " LEFT JOIN token_change ON token_change.reading = reading.id AND token_change.against = :against"
    " ORDER BY counted.id, readout.id, token_change.batch, token_change.head, token_change.row";

enum { RUN, READOUT, NAME, SAMPLE, BATCH, HEAD, KEY_HEAD, ROW, KL, KL_RADIUS, TOP_UNCHANGED, COLUMNS };

enum at_status at_kpi_readings_load(struct at_store *store, const struct at_kpi_runs *runs, const struct at_gate_filter *filter,
                                    const char *against, struct at_kpi_readings *ret_readings, struct at_error *error)
{
    struct at_cell id = {
        .kind = filter->study_id ? AT_CELL_INTEGER : AT_CELL_NULL, .integer = filter->study_id, .real = (double)filter->study_id};
    const struct at_bind binds[] = {{":against", {.kind = AT_CELL_TEXT, .text = against}},
                                    {":study_id", id},
                                    {":study", {.kind = filter->study ? AT_CELL_TEXT : AT_CELL_NULL, .text = filter->study}}};
    return at_kpi_runs_query(runs, store, query, binds, sizeof binds / sizeof binds[0], &ret_readings->table, error);
}

void at_kpi_readings_done(struct at_kpi_readings *readings)
{
    at_table_done(&readings->table);
}

static const struct at_cell *cells_of(const struct at_kpi_readings *readings, size_t i)
{
    return &readings->table.cells[i * COLUMNS];
}

static double real_or_nan(const struct at_cell *cell)
{
    return cell->kind == AT_CELL_NULL ? NAN : cell->real;
}

static int64_t integer_or_none(const struct at_cell *cell)
{
    return cell->kind == AT_CELL_NULL ? -1 : cell->integer;
}

struct at_kpi_sample at_kpi_sample_at(const struct at_kpi_readings *readings, size_t i)
{
    const struct at_cell *c = cells_of(readings, i);
    struct at_kpi_sample sample = {.run = c[RUN].integer, .readout = c[READOUT].integer, .name = c[NAME].text};
    if (c[SAMPLE].kind == AT_CELL_NULL)
        return sample;
    sample.read = true;
    sample.batch = c[BATCH].integer;
    sample.head = integer_or_none(&c[HEAD]);
    sample.row = c[ROW].integer;
    sample.key_head = integer_or_none(&c[KEY_HEAD]);
    sample.kl = real_or_nan(&c[KL]);
    sample.kl_radius = real_or_nan(&c[KL_RADIUS]);
    sample.top_unchanged = (int)integer_or_none(&c[TOP_UNCHANGED]);
    return sample;
}

/* The first row whose run is not below `run`. */
static size_t lower_bound(const struct at_kpi_readings *readings, int64_t run)
{
    size_t low = 0, high = readings->table.rows;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (cells_of(readings, middle)[RUN].integer < run)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void at_kpi_readings_of(const struct at_kpi_readings *readings, int64_t run, size_t *ret_from, size_t *ret_to)
{
    *ret_from = lower_bound(readings, run);
    *ret_to = lower_bound(readings, run + 1);
}
