/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "cli/verdict.h"

#include "tests/reports/fixture.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

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

/* What at_verdict_print writes about the fixture. */
static void printed(char *text, size_t size)
{
    struct at_store *store = fixture_store(fixture_path("t.db"));
    const struct at_filter everything = {0};
    struct at_results results;
    FILE *file = tmpfile();
    int kept = dup(STDOUT_FILENO);
    assert_true(file && kept >= 0);
    assert_int_equal(at_results_load(store, &everything, &results, NULL), AT_OK);
    fflush(stdout);
    dup2(fileno(file), STDOUT_FILENO);
    at_verdict_print(&results);
    fflush(stdout);
    dup2(kept, STDOUT_FILENO);
    ssize_t length = pread(fileno(file), text, size - 1, 0);
    assert_true(length >= 0);
    text[length] = '\0';
    close(kept);
    fclose(file);
    at_results_done(&results);
    at_store_close(store);
    fixture_done();
}

/* Each missing interval has its reason, and none that is there. */
static void a_missing_interval_has_its_reason(void **state)
{
    (void)state;
    static char text[1 << 16];
    printed(text, sizeof text);
    assert_non_null(strstr(text, "No interval for broken: its relative RMSE is infinite."));
    assert_non_null(strstr(text, "its relative RMSE is undefined."));
    assert_null(strstr(text, "No intervals"));
    assert_non_null(strstr(text, "bootstrap over key/value heads"));
    assert_non_null(strstr(text, "it changes no weight"));
    const char *good = strstr(text, "good"), *line = strchr(good, '\n');
    assert_true(line - good > 0 && strstr(good, " to ") && strstr(good, " to ") < line);
}

int main(void)
{
    at_stats_init();
    const struct CMUnitTest tests[] = {cmocka_unit_test(undefined_is_null_and_infinite_a_word),
                                       cmocka_unit_test(a_missing_interval_has_its_reason)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
