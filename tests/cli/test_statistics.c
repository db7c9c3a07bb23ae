/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "cli/statistics.h"

#include "tests/reports/fixture.h"
#include "tests/reports/seeds.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static json_t *load(const struct at_filter *filter)
{
    struct at_store *store = seeds_store(fixture_path("t.db"));
    struct at_shown_statistics statistics;
    struct at_error error = {""};
    if (at_statistics_load(store, filter, &statistics, &error))
        fail_msg("%s", error.message);
    json_t *rows = at_statistics_json(&statistics);
    assert_int_equal(json_array_size(rows), statistics.pools.count);
    at_statistics_done(&statistics);
    at_store_close(store);
    fixture_done();
    return rows;
}

static void every_element_is_there(void **state)
{
    (void)state;
    static const char *const intervals[] = {"pooled_interval", "mean_interval", "median_interval", "quantile_95_interval"};
    json_t *rows = load(&(struct at_filter){0});
    const json_t *good = json_array_get(rows, 0), *broken = json_array_get(rows, 1), *pair = json_array_get(rows, 4);
    assert_string_equal(json_string_value(json_object_get(good, "case")), "drawn, 64 keys");
    assert_string_equal(json_string_value(json_object_get(good, "metric")), "rel_rmse");
    assert_string_equal(json_string_value(json_object_get(good, "against")), "original");
    assert_int_equal(json_integer_value(json_object_get(good, "seeds")), SEEDS);
    assert_int_equal(json_integer_value(json_object_get(good, "key_heads")), SEEDS * SEEDS_HEADS);
    assert_int_equal(json_integer_value(json_object_get(good, "rows")), SEEDS * SEEDS_HEADS * SEEDS_ROWS - 1);
    assert_int_equal(json_integer_value(json_object_get(good, "undefined")), 1);
    for (size_t i = 0; i < sizeof intervals / sizeof intervals[0]; i++) {
        assert_int_equal(json_array_size(json_object_get(good, intervals[i])), 2);
        assert_true(json_is_null(json_object_get(pair, intervals[i]))); /* two heads */
    }
    assert_true(json_is_real(json_object_get(pair, "median")));
    assert_string_equal(json_string_value(json_object_get(broken, "worst")), "inf");
    assert_string_equal(json_string_value(json_object_get(broken, "mean")), "inf");
    assert_string_equal(json_string_value(json_object_get(json_object_get(broken, "worst_at"), "seed")), "3");
    assert_int_equal(json_integer_value(json_object_get(json_object_get(broken, "worst_at"), "head")), 2);
    json_decref(rows);
}

static void what_does_not_pool_is_null(void **state)
{
    (void)state;
    json_t *rows = load(&(struct at_filter){.metric = "bias", .against = "dequantised", .variant = "good"});
    const json_t *good = json_array_get(rows, 0);
    assert_true(json_is_null(json_object_get(good, "pooled")) && json_is_null(json_object_get(good, "pooled_interval")));
    assert_true(json_is_real(json_object_get(good, "mean")));
    json_decref(rows);
}

static void a_metric_without_rows_is_refused(void **state)
{
    (void)state;
    struct at_store *store = seeds_store(fixture_path("t.db"));
    struct at_shown_statistics statistics;
    struct at_error error = {""};
    assert_int_equal(at_statistics_load(store, &(struct at_filter){.metric = "saturated"}, &statistics, &error), AT_ERR_UNDEFINED);
    assert_non_null(strstr(error.message, "show results --metric saturated"));
    at_store_close(store);
    fixture_done();
}

int main(void)
{
    at_stats_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_element_is_there),
        cmocka_unit_test(what_does_not_pool_is_null),
        cmocka_unit_test(a_metric_without_rows_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
