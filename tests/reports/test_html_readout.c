/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "reports/html.h"

#include "tests/reports/fixture.h"
#include "tests/reports/readings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void a_table_a_reading(void **state)
{
    (void)state;
    struct at_buffer text = {0};
    const struct at_filter filter = {0};
    struct at_store *store = readings_store(fixture_path("t.db"));
    struct at_page page = {.store = store, .filter = &filter, .text = &text};
    assert_int_equal(at_page_readouts(&page, NULL), AT_OK);
    assert_true(holds(&text, "<section id=\"readouts\">") && holds(&text, "</section>"));
    assert_true(
        holds(&text, "<h3>drawn <small>model.safetensors:lm_head, 1000 tokens, all heads together, 40 sequences, whole error</small>"));
    assert_true(holds(&text, "1000 tokens, each head alone, 2 key/value heads, the kernel&#8217;s part"));
    assert_true(holds(&text, "1 undefined") && holds(&text, "1 left open"));
    assert_true(holds(&text, "<p class=\"note\">No interval of mean, median, top token: 2 key/value heads: an interval takes 32.</p>"));
    size_t tables = 0;
    for (const char *at = text.text; (at = strstr(at, "<table>")); at++)
        tables++;
    assert_int_equal(tables, 4);
    at_buffer_done(&text);
    at_store_close(store);
    fixture_done();
}

static void nothing_where_nothing_is_read(void **state)
{
    (void)state;
    struct at_buffer text = {0};
    struct at_page page = fixture_page(fixture_store(fixture_path("t.db")), &text);
    assert_int_equal(at_page_readouts(&page, NULL), AT_OK);
    assert_int_equal(text.length, 0);
    fixture_page_done(&page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table_a_reading),
        cmocka_unit_test(nothing_where_nothing_is_read),
    };
    return cmocka_run_group_tests_name("html_readout", tests, NULL, NULL);
}
