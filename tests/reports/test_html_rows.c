/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "reports/html.h"

#include "reports/number.h"
#include "tests/reports/fixture.h"
#include "tests/reports/seeds.h"

#include <stdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void rows_of_a_case_are_told(void **state)
{
    (void)state;
    struct at_buffer b = {0};
    struct at_page page = fixture_page(seeds_store(fixture_path("t.db")), &b);
    char wanted[256], median[AT_NUMBER_SIZE];
    double values[SEEDS_HEADS * SEEDS_ROWS], middle;
    for (int i = 0; i < SEEDS_HEADS * SEEDS_ROWS; i++)
        values[i] = seeds_row(1, i / SEEDS_ROWS, i % SEEDS_ROWS);
    assert_int_equal(at_stats_quantile(values, SEEDS_HEADS * SEEDS_ROWS, 0.5, &middle), AT_OK);
    at_number_print(middle, median);
    size_t second = at_results_next_case(&page.results, 0), third = at_results_next_case(&page.results, second);
    at_page_rows(&page, 0, second);
    snprintf(wanted, sizeof wanted, "<td class=\"n\">%s<span class=\"ci\">", median);
    assert_true(holds(&b, wanted));
    assert_true(holds(&b, "<th scope=\"row\">good</th><td class=\"n\">72</td>"));
    b.length = 0;
    at_page_rows(&page, second, third);
    assert_true(holds(&b, "<th scope=\"row\">good</th><td class=\"n\">71<span class=\"ci\">1 undefined</span></td>"));
    b.length = 0;
    at_page_rows(&page, third, at_results_next_case(&page.results, third));
    assert_true(holds(&b, "<td class=\"n\"><span class=\"bad\">\u221e</span></td><td><span class=\"pair\">head 0/2</span>, "
                          "<span class=\"pair\">row 1</span></td></tr>"));
    fixture_page_done(&page);
}

static void without_rows_there_is_no_table(void **state)
{
    (void)state;
    struct at_buffer b = {0};
    struct at_page page = fixture_page(fixture_store(fixture_path("t.db")), &b);
    at_page_rows(&page, 0, 2);
    assert_int_equal(b.length, 0);
    fixture_page_done(&page);
}

int main(void)
{
    at_stats_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_of_a_case_are_told),
        cmocka_unit_test(without_rows_there_is_no_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
