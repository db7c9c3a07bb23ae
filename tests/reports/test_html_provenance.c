/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "reports/html.h"

#include "metrics/metric.h"
#include "reports/number.h"
#include "tests/reports/fixture.h"

#include <stdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void everything_that_made_the_numbers_is_named(void **state)
{
    (void)state;
    struct at_buffer b = {0};
    struct at_page page = fixture_page(fixture_store(fixture_path("t.db")), &b);
    assert_int_equal(at_page_provenance(&page, NULL), AT_OK);
    static const char *const wanted[] = {"aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccdddddddddddddddd", /* inputs */
                                         "<code>2222</code>",
                                         "<code>4444</code>",
                                         "<code>1111</code>",
                                         "<code>3333</code>",
                                         "<code>5555</code>",
                                         "<code>6666</code>",
                                         "Test Processor",
                                         "abcdef",
                                         "q.format=e4m3,<wbr>k.format=e4m3,<wbr>output=bf16<wbr>",
                                         "normal:sigma=1",
                                         "2^-104.5",
                                         "2^-101.2",
                                         "1.5 ms",
                                         "1/\u221adim",
                                         "<td>original</td>",
                                         "<td>dequantised</td>"};
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        if (!holds(&b, wanted[i]))
            fail_msg("the page does not hold '%s'", wanted[i]);
    fixture_page_done(&page);
}

static void the_glossary_has_every_metric(void **state)
{
    (void)state;
    struct at_buffer b = {0};
    struct at_page page = {.text = &b};
    at_page_glossary(&page);
    for (size_t m = 0; m < at_metric_count; m++) {
        char wanted[128];
        snprintf(wanted, sizeof wanted, "<code>%s</code></dt>", at_metrics[m]->name);
        assert_true(holds(&b, wanted));
    }
    at_buffer_done(&b);
}

int main(void)
{
    at_stats_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_that_made_the_numbers_is_named),
        cmocka_unit_test(the_glossary_has_every_metric),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
