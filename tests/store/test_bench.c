/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "fixture.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* Each is a fact of its moment, with all that belongs to it. */
static void test_all_of_it_is_stored(void **state)
{
    const struct folder *folder = *state;
    struct at_store *store = open_or_fail(folder->db, AT_STORE_WRITE);
    const struct at_run_key key = put_context(store);
    int64_t first = 0, second = 0;
    assert_int_equal(put_sample_bench(store, &key, 2, &first, NULL), AT_OK);
    assert_int_equal(put_sample_bench(store, &key, 2, &second, NULL), AT_OK);
    assert_true(second > first);
    at_store_close(store);
    store = open_or_fail(folder->db, AT_STORE_READ);
    assert_int_equal(select_integer(store, "SELECT count(*) FROM bench WHERE spelling = 'normal:sigma=1' AND format = 'fp16' AND seed = 7 "
                                           "AND repeats = 30 AND pairs = 4 AND rows = 16 AND rows_seed = 1 AND oracle = 'mpfr' "
                                           "AND blas = 130100 AND no_product = '' AND created LIKE '20%Z'"),
                     2);
    assert_int_equal(select_integer(store, "SELECT count(*) FROM ceiling WHERE work = CASE name WHEN 'copy' THEN 30.0 ELSE 3000.0 END "
                                           "AND min_ns = 1.0 AND low_ns = 2.0 AND median_ns = 3.0 AND high_ns = 4.0 AND max_ns = 5.0 "
                                           "AND launches = 6 AND nth IN (0, 1)"),
                     8);
    assert_int_equal(select_integer(store, "SELECT count(*) FROM speed JOIN variant ON variant.id = speed.variant WHERE batch = 1 "
                                           "AND heads_q = 16 AND heads_kv = 16 AND seq_q = seq_k AND dim = 128 AND causal = 1 AND nth = 0 "
                                           "AND kernel = 'fwd-f16-sm90' AND speed.numerics = 'resolved' AND ceiling = 'bf16 product' "
                                           "AND flop = 1500.0 AND operand_bytes = 1024 AND operand_sets = 2 AND launches = 6 "
                                           "AND min_ns = 1.0 AND low_ns = 2.0 AND median_ns = 3.0 AND high_ns = 4.0 AND max_ns = 5.0"),
                     4);
    at_store_close(store);
}

/* What was not measured is NULL, never 0. */
static void test_what_was_not_measured_is_null(void **state)
{
    const struct folder *folder = *state;
    struct at_store *store = open_or_fail(folder->db, AT_STORE_WRITE);
    const struct at_run_key key = put_context(store);
    int64_t id;
    assert_int_equal(put_sample_bench(store, &key, 2, &id, NULL), AT_OK);
    assert_int_equal(select_integer(store,
                                    "SELECT count(*) FROM speed WHERE seq_q = 512 AND whole_launches IS NULL AND whole_min_ns IS NULL "
                                    "AND whole_low_ns IS NULL AND whole_median_ns IS NULL AND whole_high_ns IS NULL "
                                    "AND whole_max_ns IS NULL AND rel_rmse IS NULL AND rel_rmse_radius IS NULL"),
                     1);
    assert_int_equal(select_integer(store, "SELECT count(*) FROM speed WHERE seq_q = 1024 AND whole_launches = 6 AND whole_median_ns = 3.0 "
                                           "AND rel_rmse * 4096 = 1.0 AND rel_rmse_radius > 0"),
                     1);
    const struct at_bench_fact bare = {key.build, key.device, "s", "bf16", UINT64_MAX, 20, 4, 0, 0, "", 0, "no cuBLASLt"};
    assert_int_equal(at_store_put_bench(store, &bare, NULL, 0, NULL, 0, &id, NULL), AT_OK);
    assert_int_equal(select_integer(store, "SELECT count(*) FROM bench WHERE blas IS NULL AND no_product = 'no cuBLASLt' AND seed = -1"),
                     1);
    at_store_close(store);
}

/* A part that cannot be stored takes the rest with it. */
static void test_all_or_nothing(void **state)
{
    const struct folder *folder = *state;
    struct at_store *store = open_or_fail(folder->db, AT_STORE_WRITE);
    const struct at_run_key key = put_context(store);
    struct at_run_key nobody = key;
    struct at_error error = {""};
    const struct at_time_fact time = {1, 2, 3, 4, 5, 6}, none = {NAN, NAN, NAN, NAN, NAN, 0};
    const struct at_bench_fact bench = {key.build, key.device, "s", "fp16", 1, 20, 4, 0, 0, "", 0, ""};
    const struct at_ceiling_fact good = {"copy", 0, 1, time}, bad = {"copy", 1, 1, none}, both[] = {good, bad}, twice[] = {good, good};
    int64_t id = -7;
    nobody.variant = 4711;
    assert_true(put_sample_bench(store, &nobody, 2, &id, &error) != AT_OK);
    assert_true(at_store_put_bench(store, &bench, both, 2, NULL, 0, &id, &error) != AT_OK);
    assert_true(at_store_put_bench(store, &bench, twice, 2, NULL, 0, &id, &error) != AT_OK);
    assert_non_null(strstr(error.message, folder->db));
    assert_int_equal(id, -7);
    assert_int_equal(select_integer(store, "SELECT (SELECT count(*) FROM bench) + (SELECT count(*) FROM ceiling) + (SELECT count(*) FROM "
                                           "speed)"),
                     0);
    at_store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_all_of_it_is_stored, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_what_was_not_measured_is_null, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_all_or_nothing, folder_setup, folder_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
