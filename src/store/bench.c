/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "store/fact.h"

#include <math.h>

#define COUNT(columns) (sizeof(columns) / sizeof(columns)[0])

static enum at_status insert_bench(struct at_store *store, const struct at_bench_fact *fact, int64_t *ret_id, struct at_error *error)
{
    char created[32];
    at_store_now(true, created);
    const struct at_store_column columns[] = {
        {"build", true, at_store_int(fact->build)},
        {"device", true, at_store_int(fact->device)},
        {"spelling", false, at_store_text(fact->spelling)},
        {"format", false, at_store_text(fact->format)},
        {"seed", false, at_store_uint(fact->seed)},
        {"repeats", false, at_store_int(fact->repeats)},
        {"pairs", false, at_store_int(fact->pairs)},
        {"rows", false, at_store_int(fact->rows)},
        {"rows_seed", false, at_store_uint(fact->rows_seed)},
        {"oracle", false, at_store_text(fact->oracle)},
        {"blas", false, fact->blas ? at_store_int(fact->blas) : at_store_text(NULL)},
        {"no_product", false, at_store_text(fact->no_product)},
        {"created", true, at_store_text(created)},
    };
    return at_store_insert_fact(store, "bench", columns, COUNT(columns), ret_id, error);
}

static enum at_status insert_ceiling(struct at_store *store, int64_t bench, const struct at_ceiling_fact *fact, struct at_error *error)
{
    const struct at_time_fact *time = &fact->time;
    const struct at_store_column columns[] = {
        {"bench", true, at_store_int(bench)},
        {"name", true, at_store_text(fact->name)},
        {"nth", true, at_store_int(fact->nth)},
        {"work", false, at_store_real(fact->work)},
        {"launches", false, at_store_int(time->launches)},
        {"min_ns", false, at_store_real(time->min_ns)},
        {"low_ns", false, at_store_real(time->low_ns)},
        {"median_ns", false, at_store_real(time->median_ns)},
        {"high_ns", false, at_store_real(time->high_ns)},
        {"max_ns", false, at_store_real(time->max_ns)},
    };
    int64_t id;
    return at_store_insert_fact(store, "ceiling", columns, COUNT(columns), &id, error);
}

static enum at_status insert_speed(struct at_store *store, int64_t bench, const struct at_speed_fact *fact, struct at_error *error)
{
    const struct at_problem *p = &fact->problem;
    const struct at_time_fact *alone = &fact->alone, *whole = &fact->whole;
    const struct at_store_column columns[] = {
        {"bench", true, at_store_int(bench)},
        {"variant", true, at_store_int(fact->variant)},
        {"batch", true, at_store_int(p->batch)},
        {"heads_q", true, at_store_int(p->heads_q)},
        {"heads_kv", true, at_store_int(p->heads_kv)},
        {"seq_q", true, at_store_int(p->seq_q)},
        {"seq_k", true, at_store_int(p->seq_k)},
        {"dim", true, at_store_int(p->dim)},
        {"causal", true, at_store_int(p->causal)},
        {"nth", false, at_store_int(fact->nth)},
        {"kernel", false, at_store_text(fact->kernel)},
        {"numerics", false, at_store_text(fact->numerics)},
        {"ceiling", false, at_store_text(fact->ceiling)},
        {"flop", false, at_store_real(fact->flop)},
        {"operand_bytes", false, at_store_int(fact->operand_bytes)},
        {"operand_sets", false, at_store_int(fact->operand_sets)},
        {"launches", false, at_store_int(alone->launches)},
        {"min_ns", false, at_store_real(alone->min_ns)},
        {"low_ns", false, at_store_real(alone->low_ns)},
        {"median_ns", false, at_store_real(alone->median_ns)},
        {"high_ns", false, at_store_real(alone->high_ns)},
        {"max_ns", false, at_store_real(alone->max_ns)},
        {"whole_launches", false, isnan(whole->median_ns) ? at_store_text(NULL) : at_store_int(whole->launches)},
        {"whole_min_ns", false, at_store_real(whole->min_ns)},
        {"whole_low_ns", false, at_store_real(whole->low_ns)},
        {"whole_median_ns", false, at_store_real(whole->median_ns)},
        {"whole_high_ns", false, at_store_real(whole->high_ns)},
        {"whole_max_ns", false, at_store_real(whole->max_ns)},
        {"rel_rmse", false, at_store_real(fact->rel_rmse)},
        {"rel_rmse_radius", false, at_store_real(fact->rel_rmse_radius)},
    };
    int64_t id;
    return at_store_insert_fact(store, "speed", columns, COUNT(columns), &id, error);
}

enum at_status at_store_put_bench(struct at_store *store, const struct at_bench_fact *bench, const struct at_ceiling_fact *ceilings,
                                  size_t ceiling_count, const struct at_speed_fact *speeds, size_t speed_count, int64_t *ret_id,
                                  struct at_error *error)
{
    int64_t id = 0;
    enum at_status status = at_store_begin(store, error);
    if (status != AT_OK)
        return status;
    status = insert_bench(store, bench, &id, error);
    for (size_t i = 0; i < ceiling_count && status == AT_OK; i++)
        status = insert_ceiling(store, id, &ceilings[i], error);
    for (size_t i = 0; i < speed_count && status == AT_OK; i++)
        status = insert_speed(store, id, &speeds[i], error);
    status = at_store_end(store, status, error);
    if (status == AT_OK)
        *ret_id = id;
    return status;
}
