/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "reports/html.h"

#include "tests/reports/budgets.h"
#include "tests/reports/fixture.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct at_buffer section(const struct at_filter *filter, bool filled)
{
    struct at_buffer b = {0};
    struct at_error error = {""};
    const char *path = fixture_path("b.db");
    if (filled)
        budgets_add(path);
    struct at_store *store = filled ? NULL : fixture_empty(path);
    if (filled)
        assert_int_equal(at_store_open(path, AT_STORE_READ, &store, NULL), AT_OK);
    struct at_page page = {.store = store, .filter = filter, .text = &b};
    if (at_page_budgets(&page, &error))
        fail_msg("%s", error.message);
    assert_false(b.failed);
    at_store_close(store);
    fixture_done();
    return b;
}

/* The newest of each case and variant, the largest share first, with what is left to interaction; what was advised, from whichever. */
static void the_newest_of_each(void **state)
{
    (void)state;
    const struct at_filter everything = {0};
    struct at_buffer b = section(&everything, true);
    assert_true(holds(&b, "<section id=\"budgets\">") && holds(&b, "<h3>plain, good <small>seed 7, 96 keys, d 32, 8 rows in each head"));
    assert_true(holds(&b, "rel_rmse is 4 with all roundings, 0.500 with none.") && !holds(&b, "is 8 with all"));
    assert_true(holds(&b, "bias is -1 with all roundings") && holds(&b, "<td class=\"n\">75 %</td>") && holds(&b, "-50 %"));
    assert_true(strstr(b.text, "K&#39;s quantisation") < strstr(b.text, "V&#39;s quantisation"));
    assert_true(holds(&b, "remainder: interaction</th><td class=\"n\">\u2013</td><td class=\"n\">75 %</td>"));
    assert_true(holds(&b, "k.scale=&lt;b&gt;&amp; (16 bits)") && !holds(&b, "<b>&") &&
                holds(&b, "<td>output cast</td><td class=\"n\">0</td>"));
    assert_false(holds(&b, ">old</th>"));
    at_buffer_done(&b);
}

static void what_is_asked_about(void **state)
{
    (void)state;
    const struct at_filter of_other = {.variant = "other"}, of_nothing = {.label = "nobody"}, of_a_study = {.study = "s"}, all = {0};
    struct at_buffer b = section(&of_other, true);
    assert_true(holds(&b, "plain, other") && !holds(&b, "plain, good"));
    at_buffer_done(&b);
    b = section(&of_nothing, true);
    assert_true(!b.text || !*b.text);
    at_buffer_done(&b);
    b = section(&of_a_study, true); /* no study asks for budgets */
    assert_true(!b.text || !*b.text);
    at_buffer_done(&b);
    b = section(&all, false);
    assert_true(!b.text || !*b.text);
    at_buffer_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_newest_of_each), cmocka_unit_test(what_is_asked_about)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
