/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "reports/html.h"

#include "reports/number.h"
#include "tests/reports/fixture.h"

#include <stdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void figures_show_values_and_say_what_they_cannot_show(void **state)
{
    (void)state;
    struct at_buffer b = {0};
    struct at_page page = fixture_page(fixture_store(fixture_path("t.db")), &b);
    struct at_error error = {""};
    if (at_page_errors_figure(&page, 0, 2, &error))
        fail_msg("%s", error.message);
    assert_true(holds(&b, "good</text>") || holds(&b, "good</tspan>"));
    assert_true(holds(&b, "infinite: outputs that are NaN or infinite"));
    assert_true(holds(&b, "<figcaption>Relative RMSE of each variant"));
    assert_int_equal(page.figures, 1);
    b.length = 0;
    assert_int_equal(at_page_errors_figure(&page, 2, 3, &error), AT_OK); /* nothing defined */
    assert_false(holds(&b, "<svg"));
    assert_true(holds(&b, "No variant has a relative RMSE above 0"));
    fixture_page_done(&page);
}

static void ridges_begin_where_outputs_do(void **state)
{
    (void)state;
    struct at_buffer b = {0};
    struct at_page page = fixture_page(fixture_store(fixture_path("t.db")), &b);
    struct at_error error = {""};
    struct at_table bins, none = {0};
    assert_int_equal(at_query_run(page.store, "histograms", page.filter, &bins, NULL), AT_OK);
    assert_int_equal(bins.rows, 5 * 4);
    assert_true(at_table_cell(&bins, 3, "share")->real == 12.0 / 20); /* 16 in bins, 2 zeros, 1 not finite, 1 above */
    assert_true(at_table_cell(&bins, 3, "log2_low")->real == -17);
    if (at_page_histogram_figure(&page, &bins, 0, 2, &error))
        fail_msg("%s", error.message);
    assert_true(holds(&b, "<svg") && holds(&b, ">-18<") && !holds(&b, ">-20<"));
    b.length = 0;
    assert_int_equal(at_page_histogram_figure(&page, &none, 0, 2, &error), AT_OK);
    assert_int_equal(b.length, 0);
    at_table_done(&bins);
    fixture_page_done(&page);
}

int main(void)
{
    at_stats_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(figures_show_values_and_say_what_they_cannot_show),
        cmocka_unit_test(ridges_begin_where_outputs_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
