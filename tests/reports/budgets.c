/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "tests/reports/budgets.h"

#include "store/store.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static int64_t variant_of(struct at_store *store, const char *name)
{
    int64_t id;
    assert_int_equal(at_store_put_variant(store, &(struct at_variant_fact){name, "numerics"}, &id, NULL), AT_OK);
    return id;
}

void budgets_add(const char *path)
{
    struct at_store *store;
    struct at_run_key key = {.rows = 8, .rows_seed = 1, .oracle = "certified"};
    int64_t id, newer;
    const struct at_input_fact input = {"distribution", "plain:x=1", "plain", "fp16", 7, {1, 1, 1, 64, 96, 32, false, 0}, "abc", 0, 0};
    assert_int_equal(at_store_open(path, AT_STORE_WRITE, &store, NULL), AT_OK);
    assert_int_equal(at_store_put_build(store, &(struct at_build_fact){"b1", "0.1", "r", "c", "{}"}, &key.build, NULL), AT_OK);
    assert_int_equal(at_store_put_build(store, &(struct at_build_fact){"b2", "0.2", "r", "c", "{}"}, &newer, NULL), AT_OK);
    assert_int_equal(at_store_put_device(store, &(struct at_device_fact){"cpu", "some", "{}"}, &key.device, NULL), AT_OK);
    assert_int_equal(at_store_put_input(store, &input, &key.input, NULL), AT_OK);
    key.variant = variant_of(store, "good");
    const struct at_budget_fact old = {.key = key, .metric = "rel_rmse", .advised = true, .value = 8, .expected = 2};
    const struct at_share_fact old_share = {"old", "old", 1, 2, 3, 4, NAN};
    const struct at_advice_fact change = {BUDGETS_EVIL, "old", true, false, 5};
    assert_int_equal(at_store_put_budget(store, &old, &old_share, 1, &change, 1, &id, NULL), AT_OK);
    struct at_budget_fact budget = {.key = key, .metric = "rel_rmse", .value = 4, .none = 0.5, .expected = NAN};
    const struct at_share_fact shares[] = {{"v", "V's quantisation", 1, 5, -0.5, -0.5625, NAN},
                                           {"k", "K's quantisation", 3, 2, 0.75, 0.5, NAN}};
    budget.key.build = newer;
    assert_int_equal(at_store_put_budget(store, &budget, shares, 2, NULL, 0, &id, NULL), AT_OK);
    budget = (struct at_budget_fact){.key = key, .metric = "bias", .advised = true, .value = -1, .expected = 0.25};
    budget.key.variant = variant_of(store, "other");
    const struct at_share_fact whole = {"output", "output cast", -1, 0, 1, 1, 0.25};
    const struct at_advice_fact output = {"output=fp32", "output", false, false, 0};
    assert_int_equal(at_store_put_budget(store, &budget, &whole, 1, &output, 1, &id, NULL), AT_OK);
    at_store_close(store);
}
