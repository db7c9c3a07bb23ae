/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "cli/fits_table.h"

#include "tests/reports/fixture.h"
#include "tests/reports/sweeps.h"

#include <math.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void json_has_the_fit_and_its_data(void **state)
{
    (void)state;
    struct at_store *store = sweeps_store(fixture_path("t.db"));
    struct at_sensitivities all;
    struct at_error error = {""};
    const struct at_filter filter = {.variant = "power", .metric = "rel_rmse", .against = "original"};
    const struct at_swept_question question = {.over = "sigma", .from = -INFINITY, .to = INFINITY};
    const double at[] = {100, 1e6};
    bool refused = false;
    if (at_sensitivities_load(store, &filter, &question, AT_LAW_POWER, &all, &error))
        fail_msg("%s", error.message);
    json_t *rows = at_fits_json(&all, &filter, at, 1, &refused);
    const json_t *row = json_array_get(rows, 0);
    assert_true(!refused && json_array_size(rows) == 1);
    assert_true(fabs(json_real_value(json_object_get(row, "exponent")) - 0.5) <= 1e-13);
    assert_string_equal(json_string_value(json_object_get(row, "over")), "sigma");
    assert_string_equal(json_string_value(json_object_get(row, "law")), "power");
    assert_true(json_number_value(json_object_get(row, "p_value")) == 1 && json_is_true(json_object_get(row, "by_heads")));
    assert_int_equal(json_array_size(json_object_get(row, "data")), SWEEPS_POINTS);
    const json_t *first = json_array_get(json_object_get(row, "at"), 0);
    assert_true(json_is_null(json_object_get(first, "refused")) && json_is_real(json_object_get(first, "value")));
    json_decref(rows);
    rows = at_fits_json(&all, &filter, at, 2, &refused);
    const json_t *second = json_array_get(json_object_get(json_array_get(rows, 0), "at"), 1);
    assert_true(refused && json_is_null(json_object_get(second, "value")) && json_is_string(json_object_get(second, "refused")));
    json_decref(rows);
    at_sensitivities_done(&all);
    at_store_close(store);
    fixture_done();
}

int main(void)
{
    at_stats_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_has_the_fit_and_its_data),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
