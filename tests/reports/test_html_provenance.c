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

/* A kernel that differed from the twin has no run: the page says so all the same, and says nothing where there is none. */
static void differences_are_told(void **state)
{
    (void)state;
    static const char heading[] = "Kernels that differed from the twin; of these no run is stored", *path;
    path = fixture_path("t.db");
    struct at_buffer b = {0}, c = {0};
    struct at_page page = fixture_page(fixture_store(path), &b);
    assert_int_equal(at_page_provenance(&page, NULL), AT_OK);
    assert_false(holds(&b, heading));
    fixture_page_done(&page);
    path = fixture_path("u.db"); /* in a folder of its own */
    at_store_close(fixture_store(path));
    struct at_store *store;
    int64_t id;
    const struct at_difference_fact fact = {.run = {1, 1, 1, 1, 1, 16, 1, "mpfr"},
                                            .kernel = "some-kernel",
                                            .gpu = 5,
                                            .operands_sha256 = "a",
                                            .output_sha256 = "b",
                                            .twin_sha256 = "c",
                                            .outputs = 900,
                                            .differing = 4,
                                            .detail = "batch 0, head 3"};
    assert_int_equal(at_store_open(path, AT_STORE_WRITE, &store, NULL), AT_OK);
    assert_int_equal(at_store_put_difference(store, &fact, &id, NULL), AT_OK);
    page = (struct at_page){.store = store, .filter = &(struct at_filter){0}, .text = &c};
    assert_int_equal(at_page_provenance(&page, NULL), AT_OK);
    assert_true(holds(&c, heading) && holds(&c, "some-kernel") && holds(&c, "batch 0,<wbr> head 3"));
    at_buffer_done(&c);
    at_store_close(store);
    fixture_done();
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
        cmocka_unit_test(differences_are_told),
        cmocka_unit_test(the_glossary_has_every_metric),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
