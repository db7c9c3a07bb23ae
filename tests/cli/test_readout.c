/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "cli/readout.h"

#include "tests/reports/fixture.h"
#include "tests/reports/readings.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static json_t *load(const struct at_filter *filter)
{
    struct at_store *store = readings_store(fixture_path("t.db"));
    struct at_readouts readouts;
    struct at_error error = {""};
    if (at_readouts_load(store, filter, &readouts, &error))
        fail_msg("%s", error.message);
    at_readouts_print(&readouts); /* must not stumble over what has no value */
    json_t *rows = at_readouts_json(&readouts);
    assert_int_equal(json_array_size(rows), readouts.count);
    at_readouts_done(&readouts);
    at_store_close(store);
    fixture_done();
    return rows;
}

static const char *text_of(const json_t *row, const char *key)
{
    const char *text = json_string_value(json_object_get(row, key));
    if (!text)
        fail_msg("no text '%s'", key);
    return text;
}

static void every_element_is_there(void **state)
{
    (void)state;
    json_t *rows = load(&(struct at_filter){.against = "original"});
    const json_t *good = json_array_get(rows, 0), *broken = json_array_get(rows, 1), *heads = json_array_get(rows, 2);
    assert_string_equal(text_of(good, "case"), "drawn");
    assert_string_equal(text_of(good, "variant"), "good");
    assert_string_equal(text_of(good, "readout"), "model.safetensors:lm_head");
    assert_string_equal(text_of(good, "unit"), "sequence");
    assert_int_equal(json_integer_value(json_object_get(good, "units")), READINGS_SEEDS * READINGS_BATCH);
    assert_int_equal(json_array_size(json_object_get(good, "kl_mean_interval")), 2);
    assert_true(json_is_null(json_object_get(good, "kl_mean_why")));
    assert_true(json_is_null(json_object_get(good, "kl_quantile_99_9_interval")));
    assert_non_null(strstr(text_of(good, "kl_quantile_99_9_why"), "takes 3688"));
    assert_true(json_is_null(json_object_get(json_object_get(good, "max_at"), "head")));
    assert_string_equal(text_of(broken, "kl_max"), "inf");
    assert_int_equal(json_integer_value(json_object_get(broken, "undefined")), 1);
    assert_int_equal(json_integer_value(json_object_get(broken, "open")), 1);
    assert_true(json_is_true(json_object_get(heads, "heads_alone")));
    assert_string_equal(text_of(heads, "unit"), "key/value head");
    assert_int_equal(json_integer_value(json_object_get(json_object_get(heads, "max_at"), "head")), 3);
    json_decref(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_element_is_there)};
    return cmocka_run_group_tests_name("cli/readout", tests, NULL, NULL);
}
