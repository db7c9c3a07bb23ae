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

static void one_line_for_each_variant_of_a_label_with_two_lengths(void **state)
{
    (void)state;
    struct at_buffer b = {0};
    struct at_page page = fixture_page(fixture_store(fixture_path("t.db")), &b);
    struct at_error error = {""};
    const struct at_filter one_length = {.label = FIXTURE_EVIL};
    if (at_page_lengths(&page, &error))
        fail_msg("%s", error.message);
    assert_true(holds(&b, "<h3>plain</h3>") && holds(&b, ">1k<") && holds(&b, ">2k<"));
    assert_int_equal(page.figures, 1);
    b.length = 0;
    page.filter = &one_length;
    assert_int_equal(at_page_lengths(&page, &error), AT_OK);
    assert_int_equal(b.length, 0);
    fixture_page_done(&page);
}

int main(void)
{
    at_stats_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_line_for_each_variant_of_a_label_with_two_lengths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
