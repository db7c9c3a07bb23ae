/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/account_keep.h"

#include "study/machine.h"

#include <math.h>

enum at_status at_account_keeper_init(struct at_account_keeper *ret_keeper, struct at_store *store, enum at_simd simd,
                                      struct at_error *error)
{
    struct at_account_keeper keeper = {.store = store};
    enum at_status status = at_machine_put_build(store, &keeper.build, error);
    if (!status)
        status = at_machine_put_device(store, simd, &keeper.device, error);
    if (!status)
        *ret_keeper = keeper;
    return status;
}

static enum at_status put_input(const struct at_account_keeper *keeper, const struct at_account *account, int64_t *ret_id,
                                struct at_error *error)
{
    char spelling[AT_DISTRIBUTION_TEXT_SIZE];
    struct at_sha256 sha256;
    const struct at_input_fact fact = at_case_identify(account->c, account->inputs, spelling, &sha256);
    return at_store_put_input(keeper->store, &fact, ret_id, error);
}

static enum at_status put_variant(const struct at_account_keeper *keeper, const struct at_variant_choice *variant, int64_t *ret_id,
                                  struct at_error *error)
{
    char numerics[AT_NUMERICS_TEXT_SIZE];
    const struct at_variant_fact fact = {variant->name, numerics};
    at_numerics_print(&variant->numerics, numerics);
    return at_store_put_variant(keeper->store, &fact, ret_id, error);
}

static size_t list_shares(const struct at_account *account, struct at_share_fact ret_shares[AT_ROUNDING_COUNT])
{
    const struct at_budget *b = account->budget;
    const struct at_expectation *e = account->expectation;
    for (size_t i = 0; i < b->count; i++) {
        const struct at_budget_entry *entry = &b->entries[i];
        const double square = e->square[entry->rounding];
        ret_shares[i] = (struct at_share_fact){.rounding = at_roundings[entry->rounding].name,
                                               .label = at_roundings[entry->rounding].label,
                                               .alone = at_deviation_value(&entry->alone, b->metric),
                                               .without = at_deviation_value(&entry->without, b->metric),
                                               .share_alone = entry->share_alone,
                                               .share_removed = entry->share_removed,
                                               .expected = square > 0 ? sqrt(square / e->truth2) : NAN};
    }
    return b->count;
}

static size_t list_advices(const struct at_account *account, struct at_advice_fact ret_advices[AT_ADVICE_MOST])
{
    const struct at_advices *a = account->advices;
    for (size_t i = 0; a && i < a->count; i++)
        ret_advices[i] = (struct at_advice_fact){.change = a->list[i].change,
                                                 .rounding = at_roundings[a->list[i].rounding].name,
                                                 .widens = a->list[i].widens,
                                                 .second = a->list[i].second,
                                                 .value = at_deviation_value(&a->list[i].deviation, account->budget->metric)};
    return a ? a->count : 0;
}

enum at_status at_account_keep(const struct at_account_keeper *keeper, const struct at_account *account, struct at_error *error)
{
    const struct at_budget *b = account->budget;
    struct at_share_fact shares[AT_ROUNDING_COUNT];
    struct at_advice_fact advices[AT_ADVICE_MOST];
    struct at_budget_fact fact = {.key = {.build = keeper->build,
                                          .device = keeper->device,
                                          .rows = account->c->rows.count,
                                          .rows_seed = account->c->rows_seed,
                                          .oracle = account->oracle->oracle->name},
                                  .metric = at_deviations[b->metric].name,
                                  .advised = account->advices != NULL,
                                  .value = at_deviation_value(&b->whole, b->metric),
                                  .none = at_deviation_value(&b->none, b->metric),
                                  .expected = at_expectation_value(account->expectation)};
    int64_t id;
    enum at_status status = put_input(keeper, account, &fact.key.input, error);
    if (!status)
        status = put_variant(keeper, account->variant, &fact.key.variant, error);
    if (status)
        return status;
    size_t share_count = list_shares(account, shares), advice_count = list_advices(account, advices);
    return at_store_put_budget(keeper->store, &fact, shares, share_count, advices, advice_count, &id, error);
}
