/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "store/internal.h"

#include <stdio.h>

static const char *const steps[] = {
    at_store_sql_schema,   at_store_sql_schema_2, at_store_sql_schema_3, at_store_sql_schema_4,
    at_store_sql_schema_5, at_store_sql_schema_6, at_store_sql_schema_7,
};

enum { VERSION = sizeof steps / sizeof steps[0] };

static const struct at_store_fact_table tables[] = {
    {"build", "sha256 = NEW.sha256"},
    {"device", "kind = NEW.kind AND name = NEW.name AND details = NEW.details"},
    {"study", "sha256 = NEW.sha256"},
    {"input", "source = NEW.source AND spelling = NEW.spelling AND label = NEW.label AND format = NEW.format AND seed = NEW.seed"
              " AND batch = NEW.batch AND heads_q = NEW.heads_q AND heads_kv = NEW.heads_kv AND seq_q = NEW.seq_q"
              " AND seq_k = NEW.seq_k AND dim = NEW.dim AND causal = NEW.causal AND scale = NEW.scale AND sha256 = NEW.sha256"},
    {"variant", "name = NEW.name AND numerics = NEW.numerics"},
    {"description", "source = NEW.source AND spelling = NEW.spelling AND label = NEW.label AND format = NEW.format AND seed = NEW.seed"
                    " AND batch = NEW.batch AND heads_q = NEW.heads_q AND heads_kv = NEW.heads_kv AND seq_q = NEW.seq_q"
                    " AND seq_k = NEW.seq_k AND dim = NEW.dim AND causal = NEW.causal AND scale = NEW.scale"},
    {"asked", "study = NEW.study AND nth = NEW.nth"},
    {"planned", "study = NEW.study AND description = NEW.description AND copy = NEW.copy AND variant = NEW.variant AND rows = NEW.rows"
                " AND rows_seed = NEW.rows_seed AND oracle = NEW.oracle"},
    {"found", "study = NEW.study AND description = NEW.description AND copy = NEW.copy AND input = NEW.input AND nth = NEW.nth"},
    {"run", "input = NEW.input AND variant = NEW.variant AND build = NEW.build AND device = NEW.device AND rows = NEW.rows"
            " AND rows_seed = NEW.rows_seed AND oracle = NEW.oracle"},
    {"reference", "run = NEW.run AND against = NEW.against"},
    {"measure", "reference = NEW.reference AND scope = NEW.scope AND metric = NEW.metric AND ifnull(batch, -1) = ifnull(NEW.batch, -1)"
                " AND ifnull(head, -1) = ifnull(NEW.head, -1) AND ifnull(row, -1) = ifnull(NEW.row, -1)"},
    {"histogram", "reference = NEW.reference"},
    {"probe", "build = NEW.build AND device = NEW.device AND name = NEW.name AND created = NEW.created"},
    {"difference", "input = NEW.input AND variant = NEW.variant AND build = NEW.build AND device = NEW.device AND rows = NEW.rows"
                   " AND rows_seed = NEW.rows_seed AND oracle = NEW.oracle AND created = NEW.created"},
    {"bench", "build = NEW.build AND device = NEW.device AND created = NEW.created"},
    {"ceiling", "bench = NEW.bench AND name = NEW.name AND nth = NEW.nth"},
    {"speed", "bench = NEW.bench AND variant = NEW.variant AND batch = NEW.batch AND heads_q = NEW.heads_q AND heads_kv = NEW.heads_kv"
              " AND seq_q = NEW.seq_q AND seq_k = NEW.seq_k AND dim = NEW.dim AND causal = NEW.causal"},
    {"ladder", "reference = NEW.reference"},
    {"readout", "sha256 = NEW.sha256 AND file = NEW.file AND tensor = NEW.tensor"},
    {"planned_readout", "planned = NEW.planned AND readout = NEW.readout AND nth = NEW.nth"},
    {"reading", "run = NEW.run AND readout = NEW.readout"},
    {"token_change", "reading = NEW.reading AND against = NEW.against AND batch = NEW.batch AND ifnull(head, -1) = ifnull(NEW.head, -1)"
                     " AND row = NEW.row"},
    {"budget", "input = NEW.input AND variant = NEW.variant AND build = NEW.build AND device = NEW.device AND rows = NEW.rows"
               " AND rows_seed = NEW.rows_seed AND oracle = NEW.oracle AND metric = NEW.metric AND advised = NEW.advised"},
    {"share", "budget = NEW.budget AND rounding = NEW.rounding"},
    {"advice", "budget = NEW.budget AND nth = NEW.nth"},
};

const int at_store_schema_version = VERSION;

const struct at_store_schema at_store_schema = {VERSION, steps, tables, sizeof tables / sizeof tables[0], at_store_sql_views};

/* INSERT OR REPLACE deletes the row it replaces without a DELETE trigger: the third trigger refuses the insert itself. */
bool at_store_guard_sql(const struct at_store_fact_table *table, char *ret_sql, size_t size)
{
    const char *name = table->name;
    int used = snprintf(ret_sql, size,
                        "CREATE TRIGGER %s_no_update BEFORE UPDATE ON %s BEGIN"
                        " SELECT RAISE(ABORT, 'facts are never changed: %s'); END;\n"
                        "CREATE TRIGGER %s_no_delete BEFORE DELETE ON %s BEGIN"
                        " SELECT RAISE(ABORT, 'facts are never deleted: %s'); END;\n"
                        "CREATE TRIGGER %s_no_replace BEFORE INSERT ON %s"
                        " WHEN EXISTS (SELECT 1 FROM %s WHERE id = NEW.id) OR EXISTS (SELECT 1 FROM %s WHERE %s) BEGIN"
                        " SELECT RAISE(ABORT, 'facts are stored once: %s'); END;\n",
                        name, name, name, name, name, name, name, name, name, name, table->same, name);
    return used >= 0 && (size_t)used < size;
}
