/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "fixture.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* With all that belongs to it, and once, however often it is put: the same command gives the same figures. */
static void test_all_of_it_is_stored_once(void **state)
{
    const struct folder *folder = *state;
    struct at_store *store = open_or_fail(folder->db, AT_STORE_WRITE);
    const struct at_run_key key = put_context(store);
    int64_t first = 0, second = 0;
    assert_int_equal(put_sample_budget(store, &key, &first, NULL), AT_OK);
    assert_int_equal(put_sample_budget(store, &key, &second, NULL), AT_OK);
    assert_int_equal(first, second);
    at_store_close(store);
    store = open_or_fail(folder->db, AT_STORE_READ);
    assert_int_equal(select_integer(store, "SELECT count(*) FROM budget WHERE metric = 'rel_rmse' AND advised = 1 AND value = 0.25 AND "
                                           "none > 0 AND expected = 0.125 AND oracle = '' AND rows > 0 AND created LIKE '20%Z'"),
                     1);
    assert_int_equal(select_integer(store, "SELECT count(*) FROM share"), 2);
    assert_int_equal(select_integer(store,
                                    "SELECT count(*) FROM share WHERE rounding = 'k' AND label = 'K''s quantisation' AND alone = 0.2 "
                                    "AND without = 0.1 AND share_alone = 0.64 AND share_removed = 0.84 AND expected = 0.11"),
                     1);
    assert_int_equal(select_integer(store, "SELECT count(*) FROM share WHERE rounding = 'rescaling' AND alone = 0 AND expected IS NULL"),
                     1);
    assert_int_equal(select_integer(store, "SELECT count(*) FROM advice WHERE nth = 0 AND change = 'k.smooth=mean' AND rounding = 'k' AND "
                                           "widens = 0 AND second = 1 AND value = 0.0625"),
                     1);
    at_store_close(store);
}

/* What tells budgets apart: metric, advice, rows. */
static void test_others_stand_beside(void **state)
{
    const struct folder *folder = *state;
    struct at_store *store = open_or_fail(folder->db, AT_STORE_WRITE);
    const struct at_run_key key = put_context(store);
    struct at_budget_fact fact = {.key = key, .metric = "rel_rmse", .value = 1, .none = 0, .expected = NAN};
    int64_t id;
    assert_int_equal(put_sample_budget(store, &key, &id, NULL), AT_OK);
    assert_int_equal(at_store_put_budget(store, &fact, NULL, 0, NULL, 0, &id, NULL), AT_OK); /* without advice */
    fact.metric = "bias";
    assert_int_equal(at_store_put_budget(store, &fact, NULL, 0, NULL, 0, &id, NULL), AT_OK);
    fact.key.rows++;
    assert_int_equal(at_store_put_budget(store, &fact, NULL, 0, NULL, 0, &id, NULL), AT_OK);
    assert_int_equal(select_integer(store, "SELECT count(*) FROM budget"), 4);
    assert_int_equal(select_integer(store, "SELECT count(*) FROM budget WHERE expected IS NULL"), 3);
    at_store_close(store);
}

/* A part that cannot be stored takes the rest with it. */
static void test_all_or_nothing(void **state)
{
    const struct folder *folder = *state;
    struct at_store *store = open_or_fail(folder->db, AT_STORE_WRITE);
    const struct at_run_key key = put_context(store);
    const struct at_budget_fact fact = {.key = key, .metric = "bias", .value = 1}, undefined = {.key = key, .metric = "bias", .value = NAN};
    const struct at_share_fact nameless = {.rounding = NULL, .label = "x"};
    struct at_error error = {""};
    int64_t id = -7;
    assert_true(at_store_put_budget(store, &fact, &nameless, 1, NULL, 0, &id, &error) != AT_OK);
    assert_true(at_store_put_budget(store, &undefined, NULL, 0, NULL, 0, &id, &error) != AT_OK);
    assert_non_null(strstr(error.message, folder->db));
    assert_int_equal(id, -7);
    assert_int_equal(select_integer(store, "SELECT (SELECT count(*) FROM budget) + (SELECT count(*) FROM share)"), 0);
    at_store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_all_of_it_is_stored_once, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_others_stand_beside, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_all_or_nothing, folder_setup, folder_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
