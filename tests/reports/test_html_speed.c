/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "reports/html.h"

#include "tests/reports/fixture.h"
#include "tests/reports/speeds.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct at_store *speeds(void)
{
    struct at_store *store;
    const char *path = fixture_path("s.db");
    speeds_add(path);
    assert_int_equal(at_store_open(path, AT_STORE_READ, &store, NULL), AT_OK);
    return store;
}

static void a_table_and_a_figure_for_each_mask(void **state)
{
    (void)state;
    struct at_buffer b = {0};
    const struct at_filter everything = {0};
    struct at_page page = {.store = speeds(), .filter = &everything, .text = &b};
    struct at_error error = {""};
    if (at_page_speed(&page, &error))
        fail_msg("%s", error.message);
    assert_true(holds(&b, "<section id=\"speed\">") && holds(&b, "<h3>d 128, not causal <small>Some GPU, inputs normal:sigma=1 in fp16"));
    assert_true(holds(&b, "<h3>d 128, causal <small>") && holds(&b, "fp8:&lt;b&gt;&amp;&quot;evil&quot;") && !holds(&b, "<b>&"));
    assert_int_equal(page.figures, 1); /* under the mask no error was measured */
    assert_true(holds(&b, "Speed over error at 2048 keys, bench 1: TFLOP/s of the kernel alone"));
    assert_true(holds(&b, ">fast</") && holds(&b, ">TFLOP/s</"));
    assert_true(holds(&b, "<td class=\"n\">\u2013</td>") && holds(&b, "<td>bf16 product, TFLOP/s</td><td class=\"n\">4</td>"));
    at_buffer_done(&b);
    at_store_close(page.store);
    fixture_done();
}

static void nothing_where_there_is_none(void **state)
{
    (void)state;
    struct at_buffer b = {0};
    const struct at_filter everything = {0}, first = {.study = "first"};
    struct at_page page = {.store = fixture_empty(fixture_path("e.db")), .filter = &everything, .text = &b};
    assert_int_equal(at_page_speed(&page, NULL), AT_OK);
    assert_int_equal(b.length, 0);
    at_store_close(page.store);
    page.store = speeds();
    page.filter = &first; /* speeds belong to no study */
    assert_int_equal(at_page_speed(&page, NULL), AT_OK);
    assert_int_equal(b.length, 0);
    at_store_close(page.store);
    fixture_done();
}

int main(void)
{
    at_stats_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table_and_a_figure_for_each_mask),
        cmocka_unit_test(nothing_where_there_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
