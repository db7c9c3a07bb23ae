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

static void the_overview_tells_undefined_from_not_run(void **state)
{
    (void)state;
    struct at_buffer b = {0};
    struct at_page page = fixture_page(fixture_store(fixture_path("t.db")), &b);
    char number[AT_NUMBER_SIZE];
    at_page_overview(&page);
    at_number_print(fixture_rel_rmse(), number);
    assert_true(holds(&b, number));
    assert_true(holds(&b, "<span class=\"bad\">\u221e</span>"));
    assert_true(holds(&b, "<td class=\"n\">\u2013<span class=\"bar\" aria-hidden=\"true\"><i style=\"width:0%\">"));
    assert_true(holds(&b, "<td class=\"n absent\">not run</td>"));
    assert_true(holds(&b, "<th scope=\"row\">broken</th>"));
    fixture_page_done(&page);
}

static void a_case_without_values_is_all_dashes(void **state)
{
    (void)state;
    struct at_buffer b = {0};
    struct at_page page = fixture_page(fixture_store(fixture_path("t.db")), &b);
    at_page_case_table(&page, 2, 3);
    assert_true(holds(&b,
                      "<tr><th scope=\"row\">good</th><td class=\"n\">\u2013</td><td class=\"n\">\u2013</td><td class=\"n\">\u2013</td>"
                      "<td class=\"n\">\u2013</td><td class=\"n\">\u2013</td><td class=\"n\">\u2013</td><td class=\"n\">\u2013</td></tr>"));
    assert_false(holds(&b, ">0<"));
    b.length = 0;
    at_page_case_table(&page, 0, 2);
    assert_true(holds(&b, "<td class=\"n bad\">7</td>"));
    fixture_page_done(&page);
}

static void metrics_are_listed_by_variant(void **state)
{
    (void)state;
    struct at_buffer b = {0};
    struct at_page page = fixture_page(fixture_store(fixture_path("t.db")), &b);
    at_page_metrics(&page, 0, 2, "original");
    assert_true(holds(&b, "of the whole error"));
    assert_true(holds(&b, "<td class=\"n\">3.12e-2</td>"));
    assert_true(
        holds(&b, "<td class=\"n\">6.25e-2<span class=\"ci\">&plusmn;&#8202;1.56e-2</span></td>")); /* a radius that reaches the digits */
    assert_false(holds(&b, "calc_diff"));                                                           /* nothing was measured with it */
    b.length = 0;
    at_page_metrics(&page, 0, 2, "dequantised");
    assert_true(holds(&b, "of the kernel&#39;s part") && holds(&b, "<td class=\"n\">7.81e-3</td>"));
    fixture_page_done(&page);
}

int main(void)
{
    at_stats_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_overview_tells_undefined_from_not_run),
        cmocka_unit_test(a_case_without_values_is_all_dashes),
        cmocka_unit_test(metrics_are_listed_by_variant),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
