/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/bench.h"

#include "bench_fixture.h"
#include "scratch.h"
#include "tests/kernels/support/driver.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void put(const char *asked, const char *db, struct at_store **ret_store)
{
    struct bench_fixture f;
    struct at_benchmark b;
    struct at_error error = {""};
    int64_t id = 0;
    bench_fixture_init(&f, asked);
    bench_fixture_run(&f, &b);
    assert_status(at_benchmark_score(&b, &error), &error, AT_OK, "");
    assert_status(at_store_open(scratch_path(db), AT_STORE_WRITE, ret_store, &error), &error, AT_OK, "");
    assert_status(at_benchmark_store(&b, *ret_store, &id, &error), &error, AT_OK, "");
    assert_true(id > 0);
    at_benchmark_done(&b);
}

static void what_was_measured_is_stored(void **state)
{
    (void)state;
    struct at_store *store;
    put("", "b.db", &store);
    assert_true(scratch_number(store, "SELECT count(*) FROM bench JOIN device ON device.id = bench.device WHERE kind = 'cuda' AND "
                                      "device.name = 'Stand-in H200' AND spelling = 'normal:sigma=1' AND format = 'fp16' AND seed = 3 "
                                      "AND repeats = 3 AND pairs = 4 AND rows = 8 AND oracle = 'mpfr' AND blas = 130100 "
                                      "AND no_product = ''") == 1);
    assert_true(scratch_number(store, "SELECT count(*) FROM ceiling WHERE median_ns > 0 AND nth BETWEEN 0 AND 2 AND work = "
                                      "CASE name WHEN 'copy' THEN 131072.0 ELSE 65536.0 END") == 9);
    assert_true(scratch_number(store, "SELECT count(DISTINCT name) FROM ceiling") == 3);
    assert_true(scratch_number(store, "SELECT count(*) FROM speed") == BENCH_COMPUTED);
    assert_true(scratch_number(store, "SELECT count(*) FROM speed JOIN variant ON variant.id = speed.variant WHERE ceiling = "
                                      "CASE variant.name WHEN 'fa3-fp8' THEN 'e4m3 product' ELSE 'bf16 product' END AND kernel = "
                                      "'test-kernel' AND median_ns > 0 AND whole_median_ns IS NULL AND rel_rmse > 0 AND flop = "
                                      "4.0 * batch * heads_q * seq_q * seq_k * dim / (1 + causal) AND speed.numerics LIKE '%tile=1%' "
                                      "AND variant.numerics LIKE '%tile=auto%'") == BENCH_COMPUTED);
    assert_true(scratch_number(store, "SELECT count(*) FROM speed WHERE (seq_k = 40 AND nth = 0 AND batch = 2 AND heads_q = 3 AND "
                                      "causal = 0) OR (seq_k = 48 AND nth = 1 AND heads_kv = 1 AND heads_q = 2 AND causal = 1)") ==
                BENCH_COMPUTED);
    at_store_close(store);
}

static void without_products_the_reason_is_stored(void **state)
{
    (void)state;
    struct at_store *store;
    put("fail=cublasLtCreate:1", "n.db", &store);
    assert_true(
        scratch_number(store, "SELECT count(*) FROM bench WHERE blas IS NULL AND no_product LIKE 'matrix products cannot be begun%'") == 1);
    assert_true(scratch_number(store, "SELECT count(*) FROM ceiling WHERE name = 'copy'") == 3);
    assert_true(scratch_number(store, "SELECT count(*) FROM ceiling") == 3);
    at_store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_measured_is_stored),
        cmocka_unit_test(without_products_the_reason_is_stored),
    };
    scratch_open();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    scratch_close();
    return failed;
}
