/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "store/fact.h"

#define COUNT(columns) (sizeof(columns) / sizeof(columns)[0])

static enum at_status keep_budget(struct at_store *store, const struct at_budget_fact *fact, int64_t *ret_id, struct at_error *error)
{
    char created[32];
    const struct at_run_key *key = &fact->key;
    at_store_now(false, created);
    const struct at_store_column columns[] = {
        {"input", true, at_store_int(key->input)},
        {"variant", true, at_store_int(key->variant)},
        {"build", true, at_store_int(key->build)},
        {"device", true, at_store_int(key->device)},
        {"rows", true, at_store_int(key->rows)},
        {"rows_seed", true, at_store_uint(key->rows_seed)},
        {"oracle", true, at_store_text(key->oracle ? key->oracle : "")},
        {"metric", true, at_store_text(fact->metric)},
        {"advised", true, at_store_int(fact->advised)},
        {"value", false, at_store_real(fact->value)},
        {"none", false, at_store_real(fact->none)},
        {"expected", false, at_store_real(fact->expected)},
        {"created", false, at_store_text(created)},
    };
    return at_store_keep_fact(store, "budget", columns, COUNT(columns), ret_id, error);
}

static enum at_status keep_share(struct at_store *store, int64_t budget, const struct at_share_fact *fact, struct at_error *error)
{
    const struct at_store_column columns[] = {
        {"budget", true, at_store_int(budget)},
        {"rounding", true, at_store_text(fact->rounding)},
        {"label", false, at_store_text(fact->label)},
        {"alone", false, at_store_real(fact->alone)},
        {"without", false, at_store_real(fact->without)},
        {"share_alone", false, at_store_real(fact->share_alone)},
        {"share_removed", false, at_store_real(fact->share_removed)},
        {"expected", false, at_store_real(fact->expected)},
    };
    int64_t id;
    return at_store_keep_fact(store, "share", columns, COUNT(columns), &id, error);
}

static enum at_status keep_advice(struct at_store *store, int64_t budget, size_t nth, const struct at_advice_fact *fact,
                                  struct at_error *error)
{
    const struct at_store_column columns[] = {
        {"budget", true, at_store_int(budget)},         {"nth", true, at_store_int((int64_t)nth)},
        {"change", false, at_store_text(fact->change)}, {"rounding", false, at_store_text(fact->rounding)},
        {"widens", false, at_store_int(fact->widens)},  {"second", false, at_store_int(fact->second)},
        {"value", false, at_store_real(fact->value)},
    };
    int64_t id;
    return at_store_keep_fact(store, "advice", columns, COUNT(columns), &id, error);
}

enum at_status at_store_put_budget(struct at_store *store, const struct at_budget_fact *budget, const struct at_share_fact *shares,
                                   size_t share_count, const struct at_advice_fact *advices, size_t advice_count, int64_t *ret_id,
                                   struct at_error *error)
{
    int64_t id = 0;
    enum at_status status = at_store_begin(store, error);
    if (status != AT_OK)
        return status;
    status = keep_budget(store, budget, &id, error);
    for (size_t i = 0; i < share_count && status == AT_OK; i++)
        status = keep_share(store, id, &shares[i], error);
    for (size_t i = 0; i < advice_count && status == AT_OK; i++)
        status = keep_advice(store, id, i, &advices[i], error);
    status = at_store_end(store, status, error);
    if (status == AT_OK)
        *ret_id = id;
    return status;
}
