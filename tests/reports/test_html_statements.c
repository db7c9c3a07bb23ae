/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "reports/html.h"

#include "tests/reports/fixture.h"
#include "tests/reports/sampled.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void figures_sentences_and_silence(void **state)
{
    (void)state;
    struct at_buffer b = {0};
    struct at_page page = fixture_page(sampled_store(fixture_path("t.db")), &b);
    assert_int_equal(at_page_statements(&page, NULL), AT_OK);
    assert_true(holds(&b, "<h2>What these heads say of others</h2>"));
    assert_true(holds(&b, "<h3>many <small>heads from normal:sigma=1 (64 keys, d 32, fp16, 16 of 64 query rows)</small></h3>"));
    assert_true(holds(&b, "<td class=\"n\">0.774<span class=\"ci\">95 % of heads</span></td><td class=\"n\">0.312 to 0.477</td>"));
    assert_true(holds(&b, "<td class=\"n\">100<span class=\"ci\">1 unknown</span></td>"));
    assert_true(holds(&b, "\u2013<span class=\"ci\">not finite, 95 % of heads</span>"));
    assert_true(holds(&b, "<span class=\"ci\">1 head in 1000, p = "));
    assert_true(holds(&b, "<li>with 95 % confidence at least 95 % of heads from normal:sigma=1"));
    assert_true(holds(&b, "<p class=\"note\">Too few heads to bound even 50 % of the others, which takes 5: few.</p>"));
    assert_true(holds(&b, "<p class=\"note\">Heads of a capture are no sample of others, and nothing is said of any: captured.</p>"));
    assert_false(holds(&b, "largest error")); /* of which there is none in the database */
    fixture_page_done(&page);
}

static void what_was_not_measured_has_no_section(void **state)
{
    (void)state;
    struct at_buffer b = {0};
    static const struct at_filter other = {.label = "nowhere"};
    struct at_page page = fixture_page(sampled_store(fixture_path("t.db")), &b);
    page.filter = &other;
    assert_int_equal(at_page_statements(&page, NULL), AT_OK);
    assert_int_equal(b.length, 0);
    fixture_page_done(&page);
}

int main(void)
{
    at_stats_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(figures_sentences_and_silence),
        cmocka_unit_test(what_was_not_measured_has_no_section),
    };
    return cmocka_run_group_tests_name("html_statements", tests, NULL, NULL);
}
