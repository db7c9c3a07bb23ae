/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "reports/html.h"

#include "tests/reports/fixture.h"
#include "tests/reports/sweeps.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void a_table_and_a_figure_for_each_sweep(void **state)
{
    (void)state;
    struct at_buffer b = {0};
    struct at_error error = {""};
    struct at_store *store = sweeps_store(fixture_path("t.db"));
    const struct at_filter everything = {0}, none = {.label = "normal:sigma=1"};
    struct at_page page = {.store = store, .filter = &everything, .text = &b};
    if (at_page_sensitivity(&page, &error))
        fail_msg("%s", error.message);
    assert_int_equal(page.figures, 3); /* over sigma, keys, gap */
    assert_true(holds(&b, "<h2>Sensitivity</h2>") && holds(&b, "iid-outlier:probability=0.001,sigma=*"));
    assert_true(holds(&b, "<td class=\"bad\">not a power law") && holds(&b, ">0.500<") && holds(&b, ">1 to 64<"));
    assert_true(holds(&b, "not checked: other heads at each x"));
    b.length = 0;
    page.filter = &none;
    assert_int_equal(at_page_sensitivity(&page, &error), AT_OK);
    assert_int_equal(b.length, 0);
    at_buffer_done(&b);
    at_store_close(store);
    fixture_done();
}

int main(void)
{
    at_stats_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table_and_a_figure_for_each_sweep),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
