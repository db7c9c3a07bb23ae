/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "cli/verdict.h"

#include "tests/reports/fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void undefined_is_null_and_infinite_a_word(void **state)
{
    (void)state;
    struct at_store *store = fixture_store(fixture_path("t.db"));
    const struct at_filter everything = {0};
    struct at_results results;
    assert_int_equal(at_results_load(store, &everything, &results, NULL), AT_OK);
    json_t *rows = at_verdict_json(&results);
    assert_int_equal(json_array_size(rows), 5);
    const json_t *good = json_array_get(rows, 0), *broken = json_array_get(rows, 1), *undefined = json_array_get(rows, 2);
    assert_true(json_real_value(json_object_get(good, "rel_rmse")) == fixture_rel_rmse());
    assert_int_equal(json_array_size(json_object_get(good, "rel_rmse_interval")), 2);
    assert_string_equal(json_string_value(json_object_get(broken, "rel_rmse")), "inf");
    assert_true(json_is_null(json_object_get(broken, "rel_rmse_interval")));
    assert_true(json_is_null(json_object_get(undefined, "rel_rmse")) && json_is_null(json_object_get(undefined, "nonfinite")));
    assert_int_equal(json_integer_value(json_object_get(json_array_get(rows, 3), "undefined_rows")), FIXTURE_UNDEFINED);
    json_decref(rows);
    at_results_done(&results);
    at_store_close(store);
    fixture_done();
}

int main(void)
{
    at_stats_init();
    const struct CMUnitTest tests[] = {cmocka_unit_test(undefined_is_null_and_infinite_a_word)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
