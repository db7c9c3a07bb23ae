/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "fixture.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static struct at_table select_table(struct at_store *store, const char *sql)
{
    struct at_table table;
    struct at_error error = {""};
    if (at_store_query(store, sql, NULL, 0, &table, &error) != AT_OK)
        fail_msg("%s", error.message);
    return table;
}

/* Each row as text, columns joined by '|', NULL as '-'. */
static void assert_rows(struct at_store *store, const char *sql, const char *const *expected, size_t count)
{
    struct at_table table = select_table(store, sql);
    assert_int_equal(table.rows, count);
    for (size_t i = 0; i < count; i++) {
        char line[512] = "";
        for (size_t j = 0; j < table.columns; j++) {
            const struct at_cell *cell = &table.cells[i * table.columns + j];
            size_t used = strlen(line);
            const char *bar = j ? "|" : "";
            if (cell->kind == AT_CELL_TEXT)
                snprintf(line + used, sizeof line - used, "%s%s", bar, cell->text);
            else if (cell->kind == AT_CELL_NULL)
                snprintf(line + used, sizeof line - used, "%s-", bar);
            else
                snprintf(line + used, sizeof line - used, "%s%.17g", bar, cell->real);
        }
        assert_string_equal(line, expected[i]);
    }
    at_table_done(&table);
}

static void test_every_field_comes_back(void **state)
{
    const struct folder *folder = *state;
    struct at_store *store = open_or_fail(folder->db, AT_STORE_WRITE);
    struct at_run_key key = put_context(store);
    const struct at_run_fact run = {key, "opA", "outB", 1, 2, 3, 4, 5, 6, 7, NULL, 0, {.count = 0}};
    const struct at_reference_fact references[] = {
        {"original", "", "mpfr", "t0", 256, -INFINITY, 2, 11, {.known = false}},
        {"dequantised", "opA", "certified", "t1", 128, -99.5, 3, 12, {true, "mpfr", 5, 2, -31.5, "mpfr", 7, -93.25, 0.125}},
    };
    const struct at_measure_fact measures[] = {
        {0, AT_SCOPE_CASE, -1, -1, -1, "rmse", 0.5, NAN},
        {1, AT_SCOPE_HEAD, 0, 3, -1, "rmse", NAN, 0.25},
        {1, AT_SCOPE_ROW, 0, 3, 9, "max_abs", INFINITY, 0},
        {1, AT_SCOPE_ROW, 0, 0, 0, "bias", -0.125, 0.75},
    };
    const int64_t counts[] = {3, 0, INT64_MAX};
    const struct at_histogram_fact histograms[] = {{1, -40, 3, counts, 1, 2, 3, 4}, {0, 5, 0, NULL, 0, 0, 0, 0}};
    int64_t id;
    assert_int_equal(at_store_put_run(store, &run, references, 2, measures, 4, histograms, 2, &id, NULL), AT_OK);
    at_store_close(store);
    store = open_or_fail(folder->db, AT_STORE_READ);
    assert_rows(store, "SELECT rows, rows_seed, operands_sha256, output_sha256, elements, saturated, underflowed, p_elements, p_saturated, "
                "p_underflowed, time_ns FROM run", (const char *[]){"64|7|opA|outB|1|2|3|4|5|6|7"}, 1);
    assert_int_equal(select_integer(store, "SELECT abs(julianday(created) - julianday('now')) * 86400 < 60 FROM run"), 1);
    assert_int_equal(select_integer(store, "SELECT created LIKE '20__-__-__T__:__:__Z' FROM run"), 1);
    assert_rows(store, "SELECT against, operands_sha256, oracle, truth_sha256, precision_bits, radius_log2, undefined_rows, time_ns "
                "FROM reference ORDER BY id",
                (const char *[]){"original||mpfr|t0|256|-|2|11", "dequantised|opA|certified|t1|128|-99.5|3|12"}, 2);
    assert_rows(store, "SELECT against, raised_by, raised_rows, open_rows, smallest_log2, checked_by, checked_rows, disagreement_log2,"
                " disagreement_share FROM ladder JOIN reference ON reference.id = reference",
                (const char *[]){"dequantised|mpfr|5|2|-31.5|mpfr|7|-93.25|0.125"}, 1);
    assert_rows(store, "SELECT against, scope, batch, head, row, metric, value, radius FROM result ORDER BY against DESC, scope, metric",
                (const char *[]){"original|case|-|-|-|rmse|0.5|-", "dequantised|head|0|3|-|rmse|-|0.25",
                                 "dequantised|row|0|0|0|bias|-0.125|0.75", "dequantised|row|0|3|9|max_abs|inf|0"}, 4);
    assert_rows(store, "SELECT against, first, counts, zeros, nonfinite, below, above FROM histogram"
                " JOIN reference ON reference.id = reference ORDER BY histogram.id",
                (const char *[]){"dequantised|-40|[3,0,9223372036854775807]|1|2|3|4", "original|5|[]|0|0|0|0"}, 2);
    at_store_close(store);
}

static void test_found_by_each_part_of_its_key(void **state)
{
    const struct folder *folder = *state;
    struct at_store *store = open_or_fail(folder->db, AT_STORE_WRITE);
    struct at_run_key key = put_context(store);
    struct at_error error = {"untouched"};
    int64_t id = -5, again = -6;
    assert_int_equal(at_store_find_run(store, &key, &id, &error), AT_ERR_NOT_FOUND);
    assert_string_equal(error.message, "untouched");
    assert_int_equal(id, -5);
    assert_int_equal(put_sample(store, &key, 3, &id, &error), AT_OK);
    assert_int_equal(at_store_find_run(store, &key, &again, &error), AT_OK);
    assert_int_equal(again, id);
    assert_int_equal(put_sample(store, &key, 8, &again, &error), AT_OK); /* found: what is stored stays */
    assert_int_equal(again, id);
    assert_int_equal(select_integer(store, "SELECT count(*) FROM measure"), 6);
    for (int part = 0; part < 7; part++) {
        struct at_run_key other = key;
        int64_t *const parts[] = {&other.input, &other.variant, &other.build, &other.device, &other.rows};
        if (part < 5)
            ++*parts[part];
        else if (part == 5)
            other.oracle = "other";
        else
            other.rows_seed += UINT64_C(1) << 63;
        assert_int_equal(at_store_find_run(store, &other, &again, &error), AT_ERR_NOT_FOUND);
    }
    at_store_close(store);
}

/* The twin has neither kernel nor GPU: NULL, not 0. */
static void test_who_computed(void **state)
{
    const struct folder *folder = *state;
    struct at_store *store = open_or_fail(folder->db, AT_STORE_WRITE);
    struct at_run_key key = put_context(store);
    struct at_run_fact run = {key, "a", "b", 1, 2, 3, 4, 5, 6, 7, NULL, 5, {.count = 0}};
    int64_t id;
    assert_int_equal(at_store_put_run(store, &run, NULL, 0, NULL, 0, NULL, 0, &id, NULL), AT_OK);
    run.key.rows_seed++;
    run.kernel = "fwd";
    assert_int_equal(at_store_put_run(store, &run, NULL, 0, NULL, 0, NULL, 0, &id, NULL), AT_OK);
    assert_int_equal(select_integer(store, "SELECT count(*) FROM run WHERE kernel IS NULL AND gpu IS NULL"), 1);
    assert_int_equal(select_integer(store, "SELECT gpu FROM run WHERE kernel = 'fwd'"), 5);
    at_store_close(store);
}

/* Each is a fact of its own moment, and none without a difference is stored. */
static void test_differences(void **state)
{
    const struct folder *folder = *state;
    struct at_store *store = open_or_fail(folder->db, AT_STORE_WRITE);
    struct at_run_key key = put_context(store);
    struct at_difference_fact fact = sample_difference(&key);
    int64_t id, again, none = -5;
    assert_int_equal(at_store_put_difference(store, &fact, &id, NULL), AT_OK);
    assert_int_equal(at_store_put_difference(store, &fact, &again, NULL), AT_OK);
    assert_int_not_equal(id, again);
    assert_int_equal(at_store_find_run(store, &key, &none, NULL), AT_ERR_NOT_FOUND);
    assert_int_equal(select_integer(store, "SELECT count(*) FROM difference WHERE kernel = 'fwd' AND gpu = 3 AND outputs = 500 AND"
                                           " differing = 2 AND detail = 'row 1' AND output_sha256 = '0e' AND twin_sha256 = '0f'"),
                     2);
    fact.differing = 0;
    assert_int_not_equal(at_store_put_difference(store, &fact, &none, NULL), AT_OK);
    assert_int_equal(none, -5);
    at_store_close(store);
}

/* Whatever is wrong with a part, nothing of the run stays. */
static void test_a_refused_run_leaves_nothing(void **state)
{
    const struct folder *folder = *state;
    struct at_store *store = open_or_fail(folder->db, AT_STORE_WRITE);
    struct at_run_key key = put_context(store);
    const int64_t count = 1;
    const struct at_reference_fact reference = {"original", "", "mpfr", "t0", 256, -100, 0, 1, {.known = false}};
    const struct at_reference_fact twice[] = {reference, reference};
    const struct at_measure_fact good = {0, AT_SCOPE_ROW, 0, 0, 0, "rmse", 1, 0};
    struct at_measure_fact doubled[2] = {good, good}, beyond[2] = {good, good}, nameless[2] = {good, good};
    beyond[1].reference = 1;
    beyond[1].row = 1;
    nameless[1].metric = NULL;
    const struct at_histogram_fact histogram = {0, 0, 1, &count, 0, 0, 0, 0}, stray = {2, 0, 1, &count, 0, 0, 0, 0};
    struct at_run_fact run = {key, "a", "b", 1, 2, 3, 4, 5, 6, 7, NULL, 0, {.count = 0}}, unknown = run;
    unknown.key.variant = 99;
    const struct {
        const struct at_run_fact *run;
        const struct at_reference_fact *references;
        size_t reference_count;
        const struct at_measure_fact *measures;
        const struct at_histogram_fact *histogram;
        const char *words;
    } cases[] = {
        {&unknown, &reference, 1, doubled, &histogram, "FOREIGN KEY"},
        {&run, twice, 2, doubled, &histogram, "facts are stored once: reference"},
        {&run, &reference, 1, doubled, &histogram, "facts are stored once: measure"},
        {&run, &reference, 1, beyond, &histogram, "measure 1 of the run names reference 1 of 1"},
        {&run, &reference, 1, nameless, &histogram, "measure.metric"},
        {&run, &reference, 1, NULL, &stray, "histogram of the run names reference 2 of 1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct at_error error = {""};
        int64_t id = -5;
        assert_int_equal(at_store_put_run(store, cases[i].run, cases[i].references, cases[i].reference_count, cases[i].measures,
                                          cases[i].measures ? 2 : 0, cases[i].histogram, 1, &id, &error), AT_ERR_ARGUMENT);
        if (!strstr(error.message, cases[i].words))
            fail_msg("\"%s\" not in: %s", cases[i].words, error.message);
        assert_int_equal(id, -5);
        assert_int_equal(sqlite3_get_autocommit(store->db), 1);
        assert_int_equal(select_integer(store, "SELECT (SELECT count(*) FROM run) + (SELECT count(*) FROM reference) + "
                                        "(SELECT count(*) FROM measure) + (SELECT count(*) FROM histogram)"), 0);
    }
    at_store_close(store);
}

/* The newest of runs that differ in build or device only is the one shown. */
static void test_latest_run(void **state)
{
    const struct folder *folder = *state;
    struct at_store *store = open_or_fail(folder->db, AT_STORE_WRITE);
    struct at_run_key key = put_context(store);
    int64_t first, second, third;
    assert_int_equal(put_sample(store, &key, 3, &first, NULL), AT_OK);
    assert_int_equal(at_store_put_build(store, &(struct at_build_fact){"b1", "0.2.0", "", "gcc", "{}"}, &key.build, NULL), AT_OK);
    assert_int_equal(put_sample(store, &key, 3, &second, NULL), AT_OK);
    key.rows_seed++;
    assert_int_equal(put_sample(store, &key, 3, &third, NULL), AT_OK);
    assert_int_equal(select_integer(store, "SELECT count(*) FROM run"), 3);
    assert_int_equal(select_integer(store, "SELECT count(*) FROM latest_run"), 2);
    assert_int_equal(select_integer(store, "SELECT min(id) FROM latest_run"), second);
    assert_int_equal(select_integer(store, "SELECT count(*) FROM result"), 12);
    at_store_close(store);
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Time of n measures against 4 n: linear, not quadratic, in one transaction. */
static void test_many_measures(void **state)
{
    const struct folder *folder = *state;
    struct at_store *store = open_or_fail(folder->db, AT_STORE_WRITE);
    struct at_run_key key = put_context(store);
    int64_t id;
    double taken[2];
    for (int i = 0; i < 2; i++) {
        key.rows_seed = (uint64_t)i;
        double from = seconds();
        assert_int_equal(put_sample(store, &key, i ? 20000 : 5000, &id, NULL), AT_OK);
        taken[i] = seconds() - from;
    }
    print_message("10000 measures: %.0f ms, 40000 measures: %.0f ms\n", 1e3 * taken[0], 1e3 * taken[1]);
    assert_true(taken[1] < 12 * taken[0] + 0.5);
    assert_int_equal(select_integer(store, "SELECT count(*) FROM measure"), 50000);
    at_store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_every_field_comes_back, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_found_by_each_part_of_its_key, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_who_computed, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_differences, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_a_refused_run_leaves_nothing, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_latest_run, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_many_measures, folder_setup, folder_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
