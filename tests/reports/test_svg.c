/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "reports/svg.h"

#include "tests/reports/fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const char drawn[] = "<?xml version=\"1.0\"?>\n<svg viewBox=\"0 0 9 9\">\n<title>Gnuplot</title>\n<desc>Produced by</desc>\n"
                            "<g id=\"canvas\"><path id='dot' stroke='#123456'/><use xlink:href='#dot' color=\"#dot\"/></g>\n"
                            "<g id=\"plot_1\"><title>plot_1</title></g>\n</svg>\n";

static void figures_share_a_page_without_sharing_names(void **state)
{
    (void)state;
    struct at_buffer page = {0};
    at_svg_embed(&page, drawn, 7, "a < b", "\"c\"");
    assert_false(holds(&page, "<?xml"));
    assert_false(holds(&page, "Gnuplot"));
    assert_false(holds(&page, "plot_1</title>"));
    assert_true(holds(&page, "<svg role=\"img\" aria-labelledby=\"f7-title f7-desc\"  viewBox=\"0 0 9 9\">"));
    assert_true(holds(&page, "<title id=\"f7-title\">a &lt; b</title>\n<desc id=\"f7-desc\">&quot;c&quot;</desc>"));
    assert_true(holds(&page, "<g id=\"f7-canvas\"><path id='f7-dot' stroke='#123456'/><use xlink:href='#f7-dot' color=\"#dot\"/></g>"));
    at_buffer_done(&page);
}

static void what_is_no_svg_adds_nothing(void **state)
{
    (void)state;
    struct at_buffer page = {0};
    at_svg_embed(&page, "<svg viewBox=\"0 0 9 9\"><g>", 1, "", "");
    at_svg_embed(&page, "", 1, "", "");
    assert_int_equal(page.length, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(figures_share_a_page_without_sharing_names),
        cmocka_unit_test(what_is_no_svg_adds_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
