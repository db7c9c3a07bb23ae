/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "store/fact.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define COUNT(columns) (sizeof(columns) / sizeof(columns)[0])

enum at_status at_store_put_build(struct at_store *store, const struct at_build_fact *fact, int64_t *ret_id, struct at_error *error)
{
    const struct at_store_column columns[] = {
        {"sha256", true, at_store_text(fact->sha256)},      {"version", false, at_store_text(fact->version)},
        {"revision", false, at_store_text(fact->revision)}, {"compiler", false, at_store_text(fact->compiler)},
        {"options", false, at_store_text(fact->options)},
    };
    return at_store_put_fact(store, "build", columns, COUNT(columns), ret_id, error);
}

enum at_status at_store_put_device(struct at_store *store, const struct at_device_fact *fact, int64_t *ret_id, struct at_error *error)
{
    const struct at_store_column columns[] = {
        {"kind", true, at_store_text(fact->kind)},
        {"name", true, at_store_text(fact->name)},
        {"details", true, at_store_text(fact->details)},
    };
    return at_store_put_fact(store, "device", columns, COUNT(columns), ret_id, error);
}

void at_store_study_columns(const struct at_study_fact *fact, struct at_store_column ret_columns[AT_STORE_STUDY_COLUMNS])
{
    ret_columns[0] = (struct at_store_column){"sha256", true, at_store_text(fact->sha256)};
    ret_columns[1] = (struct at_store_column){"name", false, at_store_text(fact->name)};
    ret_columns[2] = (struct at_store_column){"text", false, at_store_text(fact->text)};
}

enum at_status at_store_put_study(struct at_store *store, const struct at_study_fact *fact, int64_t *ret_id, struct at_error *error)
{
    struct at_store_column columns[AT_STORE_STUDY_COLUMNS];
    at_store_study_columns(fact, columns);
    return at_store_put_fact(store, "study", columns, COUNT(columns), ret_id, error);
}

void at_store_describe(const struct at_input_fact *fact, struct at_store_column ret_columns[AT_STORE_DESCRIPTION_COLUMNS])
{
    const struct at_problem *problem = &fact->problem;
    const struct at_store_column columns[AT_STORE_DESCRIPTION_COLUMNS] = {
        {"source", true, at_store_text(fact->source)},     {"spelling", true, at_store_text(fact->spelling)},
        {"label", true, at_store_text(fact->label)},       {"format", true, at_store_text(fact->format)},
        {"seed", true, at_store_uint(fact->seed)},         {"batch", true, at_store_int(problem->batch)},
        {"heads_q", true, at_store_int(problem->heads_q)}, {"heads_kv", true, at_store_int(problem->heads_kv)},
        {"seq_q", true, at_store_int(problem->seq_q)},     {"seq_k", true, at_store_int(problem->seq_k)},
        {"dim", true, at_store_int(problem->dim)},         {"causal", true, at_store_int(problem->causal)},
        {"scale", true, at_store_real(problem->scale)},
    };
    memcpy(ret_columns, columns, sizeof columns);
}

void at_store_input_columns(const struct at_input_fact *fact, struct at_store_column ret_columns[AT_STORE_INPUT_COLUMNS])
{
    at_store_describe(fact, ret_columns);
    ret_columns[AT_STORE_DESCRIPTION_COLUMNS] = (struct at_store_column){"sha256", true, at_store_text(fact->input_sha256)};
    ret_columns[AT_STORE_DESCRIPTION_COLUMNS + 1] = (struct at_store_column){"nan", false, at_store_int(fact->nan)};
    ret_columns[AT_STORE_DESCRIPTION_COLUMNS + 2] = (struct at_store_column){"infinite", false, at_store_int(fact->infinite)};
}

enum at_status at_store_put_input(struct at_store *store, const struct at_input_fact *fact, int64_t *ret_id, struct at_error *error)
{
    struct at_store_column columns[AT_STORE_INPUT_COLUMNS];
    at_store_input_columns(fact, columns);
    return at_store_put_fact(store, "input", columns, COUNT(columns), ret_id, error);
}

void at_store_now(bool microseconds, char ret_text[32])
{
    struct timespec now;
    struct tm utc;
    ret_text[0] = '\0';
    if (clock_gettime(CLOCK_REALTIME, &now) != 0 || !gmtime_r(&now.tv_sec, &utc))
        return;
    size_t used = strftime(ret_text, 32, "%Y-%m-%dT%H:%M:%S", &utc);
    if (microseconds)
        used += (size_t)snprintf(ret_text + used, 32 - used, ".%06ld", now.tv_nsec / 1000);
    snprintf(ret_text + used, 32 - used, "Z");
}

enum at_status at_store_put_probe(struct at_store *store, const struct at_probe_fact *fact, int64_t *ret_id, struct at_error *error)
{
    char created[32];
    at_store_now(true, created);
    const struct at_store_column columns[] = {
        {"build", true, at_store_int(fact->build)},          {"device", true, at_store_int(fact->device)},
        {"name", true, at_store_text(fact->name)},           {"instruction", false, at_store_text(fact->instruction)},
        {"seed", false, at_store_uint(fact->seed)},          {"verdict", false, at_store_text(fact->verdict)},
        {"asked", false, at_store_int(fact->asked)},         {"outputs", false, at_store_int(fact->outputs)},
        {"differing", false, at_store_int(fact->differing)}, {"detail", false, at_store_text(fact->detail)},
        {"time_ns", false, at_store_int(fact->time_ns)},     {"created", true, at_store_text(created)},
    };
    return at_store_put_fact(store, "probe", columns, COUNT(columns), ret_id, error);
}

enum at_status at_store_put_variant(struct at_store *store, const struct at_variant_fact *fact, int64_t *ret_id, struct at_error *error)
{
    const struct at_store_column columns[] = {
        {"name", true, at_store_text(fact->name)},
        {"numerics", true, at_store_text(fact->numerics)},
    };
    return at_store_put_fact(store, "variant", columns, COUNT(columns), ret_id, error);
}
