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

static void worst_heads_come_first(void **state)
{
    (void)state;
    struct at_buffer b = {0};
    struct at_page page = fixture_page(fixture_store(fixture_path("t.db")), &b);
    char wanted[512], h9[AT_NUMBER_SIZE], h10[AT_NUMBER_SIZE], h11[AT_NUMBER_SIZE], h0[AT_NUMBER_SIZE];
    at_number_print(fixture_head(0), h0);
    at_number_print(fixture_head(9), h9);
    at_number_print(fixture_head(10), h10);
    at_number_print(fixture_head(11), h11);
    for (int h = 1; h < FIXTURE_HEADS; h++)
        assert_true(fixture_head(h) > fixture_head(h - 1));
    at_page_heads(&page, 0, 2);
    snprintf(wanted, sizeof wanted,
             "0/11:&nbsp;%s</span>, <span class=\"pair\">0/10:&nbsp;%s</span>, <span class=\"pair\">0/9:&nbsp;%s</span></td>", h11, h10,
             h9);
    assert_true(holds(&b, wanted));
    snprintf(wanted, sizeof wanted, "<th scope=\"row\">good</th><td class=\"n\">12</td><td class=\"n\">%s</td>", h0);
    assert_true(holds(&b, wanted));
    assert_true(holds(&b, "0/0:&nbsp;\u221e")); /* of equals the first */
    b.length = 0;
    at_page_heads(&page, 2, 3);
    assert_true(
        holds(&b, "<td class=\"n\">12</td><td class=\"n\">\u2013</td><td class=\"n\">\u2013</td><td class=\"n\">\u2013</td><td></td>"));
    fixture_page_done(&page);
}

int main(void)
{
    at_stats_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(worst_heads_come_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
