/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "core/rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void expect_one_of_each_stratum(int64_t seq, int64_t count, uint64_t seed)
{
    struct at_rows rows;
    assert_int_equal(at_rows_choose(&rows, seq, count, seed, NULL), AT_OK);
    assert_int_equal(rows.count, count < seq ? count : seq);
    assert_int_equal(rows.index[rows.count - 1], seq - 1);
    /* Strata as equal as whole rows allow: the longer ones first. */
    int64_t from = 0;
    for (int64_t i = 0; i < rows.count; i++) {
        int64_t length = seq / rows.count + (i < seq % rows.count ? 1 : 0);
        if (rows.index[i] < from || rows.index[i] >= from + length)
            fail_msg("row %d of %d is %d, outside its stratum from %d (sequence %d, seed %d)", (int)i, (int)rows.count, (int)rows.index[i],
                     (int)from, (int)seq, (int)seed);
        from += length;
    }
    assert_int_equal(from, seq);
    at_rows_done(&rows);
}

static void one_row_of_each_stratum_and_the_last(void **state)
{
    (void)state;
    const int64_t lengths[] = {1, 2, 3, 7, 64, 100, 1000, 8192, 131072};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
        for (int64_t count = 1; count <= 130; count++)
            for (uint64_t seed = 0; seed < 3; seed++)
                expect_one_of_each_stratum(lengths[i], count, seed);
}

static void none_or_too_many_mean_all(void **state)
{
    (void)state;
    const int64_t counts[] = {0, -5, 50, 51, INT64_MAX};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        struct at_rows rows;
        assert_int_equal(at_rows_choose(&rows, 50, counts[i], 1, NULL), AT_OK);
        assert_int_equal(rows.count, 50);
        for (int64_t r = 0; r < 50; r++)
            assert_int_equal(rows.index[r], r);
        at_rows_done(&rows);
    }
}

static void the_seed_decides(void **state)
{
    (void)state;
    struct at_rows a, b, c;
    at_rows_choose(&a, 10000, 32, 1, NULL);
    at_rows_choose(&b, 10000, 32, 1, NULL);
    at_rows_choose(&c, 10000, 32, 2, NULL);
    assert_memory_equal(a.index, b.index, 32 * sizeof *a.index);
    assert_memory_not_equal(a.index, c.index, 32 * sizeof *a.index);
    at_rows_done(&a);
    at_rows_done(&b);
    at_rows_done(&c);
}

/* The first row of a stratum of 4 is drawn in a quarter of 4000 seeds: binomial, standard deviation 27.4; 6 of them allowed. */
static void draws_are_even(void **state)
{
    (void)state;
    int64_t hits[4] = {0};
    for (uint64_t seed = 0; seed < 4000; seed++) {
        struct at_rows rows;
        at_rows_choose(&rows, 8, 2, seed, NULL);
        hits[rows.index[0]]++;
        at_rows_done(&rows);
    }
    for (int i = 0; i < 4; i++)
        assert_in_range(hits[i], 1000 - 165, 1000 + 165);
}

static void an_empty_sequence_is_refused(void **state)
{
    (void)state;
    struct at_rows rows = {77, NULL};
    struct at_error error;
    assert_int_equal(at_rows_choose(&rows, 0, 4, 1, &error), AT_ERR_ARGUMENT);
    assert_non_null(strstr(error.message, "sequence of 0 rows"));
    assert_int_equal(rows.count, 77);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_row_of_each_stratum_and_the_last),
        cmocka_unit_test(none_or_too_many_mean_all),
        cmocka_unit_test(the_seed_decides),
        cmocka_unit_test(draws_are_even),
        cmocka_unit_test(an_empty_sequence_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
