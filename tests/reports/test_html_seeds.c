/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "reports/html.h"

#include "tests/reports/fixture.h"
#include "tests/reports/seeds.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void only_several_seeds_make_a_table(void **state)
{
    (void)state;
    struct at_buffer b = {0};
    struct at_page page = fixture_page(seeds_store(fixture_path("t.db")), &b);
    assert_int_equal(at_page_seeds(&page, NULL), AT_OK);
    assert_true(holds(&b, "<h3>drawn, 64 keys <small>3 seeds, 6 of 64 query rows of each of 36 heads</small></h3>"));
    assert_true(holds(&b, "<th scope=\"row\">good</th><td class=\"n\">3</td><td class=\"n\">36</td>"));
    assert_true(holds(&b, "<th scope=\"row\">uneven</th><td class=\"n\">2</td><td class=\"n\">24</td><td class=\"n\">\u2013</td>"));
    assert_true(holds(&b, "<th scope=\"row\">broken</th><td class=\"n\">3</td><td class=\"n\">36</td>"
                          "<td class=\"n\"><span class=\"bad\">\u221e</span></td>"));
    assert_false(holds(&b, "128 keys") || holds(&b, "pair") || holds(&b, "captured"));
    fixture_page_done(&page);
}

static void without_several_seeds_there_is_no_section(void **state)
{
    (void)state;
    struct at_buffer b = {0};
    static const struct at_filter one = {.label = "pair"};
    struct at_page page = fixture_page(seeds_store(fixture_path("t.db")), &b);
    page.filter = &one;
    assert_int_equal(at_page_seeds(&page, NULL), AT_OK);
    assert_int_equal(b.length, 0);
    fixture_page_done(&page);
}

int main(void)
{
    at_stats_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_several_seeds_make_a_table),
        cmocka_unit_test(without_several_seeds_there_is_no_section),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
