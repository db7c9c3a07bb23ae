/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "reports/query.h"

#include "reports/text.h"
#include "tests/reports/fixture.h"
#include "tests/reports/speeds.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static size_t rows_of(struct at_store *store, const char *query, struct at_filter filter)
{
    struct at_table table;
    struct at_error error = {""};
    if (at_query_run(store, query, &filter, &table, &error))
        fail_msg("%s: %s", query, error.message);
    size_t rows = table.rows;
    at_table_done(&table);
    return rows;
}

static void every_query_runs_on_an_empty_database(void **state)
{
    (void)state;
    struct at_store *store = fixture_empty(fixture_path("empty.db"));
    size_t count = 0;
    for (size_t i = 0; i < at_text_count; i++) {
        char name[64];
        if (strncmp(at_texts[i].name, "queries/", 8) != 0 || strcmp(at_texts[i].name, "queries/chosen.sql") == 0)
            continue;
        strcpy(name, at_texts[i].name + 8);
        name[strlen(name) - 4] = '\0';
        assert_int_equal(rows_of(store, name, (struct at_filter){0}), 0);
        count++;
    }
    assert_true(count >= 14);
    at_store_close(store);
    fixture_done();
}

static void filters_choose(void **state)
{
    (void)state;
    struct at_store *store = fixture_store(fixture_path("t.db"));
    assert_int_equal(rows_of(store, "main", (struct at_filter){0}), 5);
    assert_int_equal(rows_of(store, "main", (struct at_filter){.label = "plain"}), 4);
    assert_int_equal(rows_of(store, "main", (struct at_filter){.label = FIXTURE_EVIL}), 1);
    assert_int_equal(rows_of(store, "main", (struct at_filter){.variant = "broken"}), 1);
    assert_int_equal(rows_of(store, "main", (struct at_filter){.study = "first"}), 5);
    assert_int_equal(rows_of(store, "main", (struct at_filter){.study = "second"}), 0);
    assert_int_equal(rows_of(store, "main", (struct at_filter){.study_id = 1}), 5);
    assert_int_equal(rows_of(store, "main", (struct at_filter){.study_id = 2}), 0);
    assert_int_equal(rows_of(store, "heads", (struct at_filter){.variant = "broken", .metric = "rmse", .against = "original"}),
                     FIXTURE_HEADS);
    at_store_close(store);
    fixture_done();
}

static void titles_tell_cases_of_one_label_apart(void **state)
{
    (void)state;
    const struct at_filter everything = {0};
    struct at_store *store = fixture_store(fixture_path("t.db"));
    struct at_table t;
    assert_int_equal(at_query_run(store, "cases", &everything, &t, NULL), AT_OK);
    assert_int_equal(t.rows, 4);
    for (size_t i = 0; i < t.rows; i++)
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(at_table_cell(&t, i, "case")->text, at_table_cell(&t, j, "case")->text);
    assert_string_equal(at_table_cell(&t, 0, "case")->text, "plain, 1024 keys, seed 1");
    assert_string_equal(at_table_cell(&t, 0, "shape")->text, "1x12x1024x64");
    assert_string_equal(at_table_cell(&t, 3, "shape")->text, "1x12x1024:2048x64");
    at_table_done(&t);
    at_store_close(store);
    fixture_done();
}

static double cell(const struct at_table *table, size_t row, const char *column)
{
    const struct at_cell *found = at_table_cell(table, row, column);
    return found->kind == AT_CELL_NULL ? -1 : found->real;
}

/* Shares are of the median of the ceilings of the same bench; the newest bench of each variant and shape counts. */
static void speeds_are_rated_by_their_own_bench(void **state)
{
    (void)state;
    struct at_store *store;
    struct at_table t;
    const char *path = fixture_path("s.db");
    speeds_add(path);
    assert_int_equal(at_store_open(path, AT_STORE_READ, &store, NULL), AT_OK);
    assert_int_equal(rows_of(store, "bench", (struct at_filter){0}), 4);
    assert_int_equal(rows_of(store, "bench", (struct at_filter){.bench = 1}), 4);
    assert_int_equal(rows_of(store, "bench", (struct at_filter){.bench = 2}), 1);
    assert_int_equal(rows_of(store, "bench", (struct at_filter){.variant = "good"}), 2);
    assert_int_equal(rows_of(store, "bench", (struct at_filter){.study = "first"}), 0);
    assert_int_equal(rows_of(store, "ceilings", (struct at_filter){0}), 4);
    assert_int_equal(rows_of(store, "ceilings", (struct at_filter){.bench = 2}), 1);
    assert_int_equal(at_query_run(store, "bench", &(struct at_filter){0}, &t, NULL), AT_OK);
    assert_string_equal(at_table_cell(&t, 0, "variant")->text, "good");
    assert_true(cell(&t, 0, "tflops") == 2 && cell(&t, 0, "ceiling_tflops") == 4 && cell(&t, 0, "share") == 0.5);
    assert_true(cell(&t, 0, "whole_tflops") == 1 && cell(&t, 0, "whole_share") == 0.25 && cell(&t, 0, "rel_rmse") == 0x1p-10);
    assert_true(cell(&t, 1, "bench") == 2 && cell(&t, 1, "tflops") == 1 && cell(&t, 1, "share") == -1);
    assert_string_equal(at_table_cell(&t, 2, "variant")->text, "fast");
    assert_true(cell(&t, 2, "tflops") == 8 && cell(&t, 2, "share") == 1 && cell(&t, 2, "whole_tflops") == -1);
    assert_true(cell(&t, 3, "causal") == 1 && cell(&t, 3, "rel_rmse") == -1 && cell(&t, 3, "share") == 0.25);
    at_table_done(&t);
    assert_int_equal(at_query_run(store, "ceilings", &(struct at_filter){.bench = 1}, &t, NULL), AT_OK);
    assert_string_equal(at_table_cell(&t, 0, "ceiling")->text, "bf16 product");
    assert_true(cell(&t, 0, "median") == 4 && cell(&t, 0, "least") == 2 && cell(&t, 0, "most") == 8 && cell(&t, 0, "rounds") == 3);
    assert_true(cell(&t, 0, "first") == 4 && cell(&t, 0, "last") == 2);
    assert_string_equal(at_table_cell(&t, 1, "unit")->text, "TB/s");
    assert_true(cell(&t, 1, "median") == 1 && cell(&t, 2, "median") == 8);
    at_table_done(&t);
    at_store_close(store);
    fixture_done();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_query_runs_on_an_empty_database),
        cmocka_unit_test(filters_choose),
        cmocka_unit_test(speeds_are_rated_by_their_own_bench),
        cmocka_unit_test(titles_tell_cases_of_one_label_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
