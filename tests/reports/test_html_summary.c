/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "reports/html.h"

#include "reports/interval.h"
#include "reports/number.h"
#include "tests/reports/fixture.h"

#include <stdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void the_summary_says_what_was_found_and_no_more(void **state)
{
    (void)state;
    struct at_buffer b = {0};
    struct at_page page = fixture_page(fixture_store(fixture_path("t.db")), &b);
    char number[AT_NUMBER_SIZE], said[256];
    assert_int_equal(at_page_summary(&page, NULL), AT_OK);
    assert_true(holds(&b, "2 variants of attention on 4 cases of inputs, 5 runs."));
    assert_true(holds(&b, "16 of 1024 query rows of each of 12 heads"));
    at_number_print(fixture_rel_rmse(), number);
    snprintf(said, sizeof said, "relative RMSE from <b class=\"n\">%s</b> (good) to <b class=\"n\">\u221e</b> (broken)", number);
    assert_true(holds(&b, said));
    assert_true(holds(&b, "broken gave 7 outputs that are NaN or infinite."));
    assert_true(holds(&b, "no variant has a defined relative RMSE."));
    assert_true(holds(&b, "3 rows have no finite truth"));
    assert_true(holds(&b, "the oracle mpfr, with a working precision of up to 192 bits: its own error is at most 2<sup>-101</sup>"));
    snprintf(said, sizeof said, "heads differ, and need at least %d.", AT_INTERVAL_FEWEST);
    assert_true(holds(&b, said));
    fixture_page_done(&page);
}

int main(void)
{
    at_stats_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_summary_says_what_was_found_and_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
