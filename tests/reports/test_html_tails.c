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

static const struct at_statement_question usual = {.confidence = 0.95};

/* Draws the pool `title` with all variants, or one; returns whether there is a figure. */
static bool draw(const char *title, const char *variant, struct at_buffer *b)
{
    const struct at_filter filter = {.variant = variant};
    struct at_page page = fixture_page(sampled_store(fixture_path("t.db")), b);
    struct at_statements stated;
    struct at_error error = {""};
    assert_int_equal(at_statements_load(page.store, &filter, &usual, &stated, &error), AT_OK);
    size_t from = 0;
    while (strcmp(stated.pools.rows[from].title, title) != 0)
        from++;
    if (at_page_tails_figure(&page, &stated, from, at_pools_next(&stated.pools, from), &error))
        fail_msg("%s", error.message);
    at_statements_done(&stated);
    at_page_done(&page);
    at_store_close(page.store);
    fixture_done();
    return page.figures == 1;
}

/* Also with a variant whose heads are NaN and infinite, and one whose model has no fit. */
static void heads_and_tails_are_drawn(void **state)
{
    (void)state;
    struct at_buffer b = {0};
    assert_true(draw("many", NULL, &b));
    assert_true(holds(&b, "<figure>\n") && holds(&b, "<svg") && holds(&b, "a cross is the bound"));
    assert_true(holds(&b, ">tail<") && holds(&b, ">good<") && holds(&b, ">broken<"));
    assert_true(holds(&b, "relative RMSE of a head over the median of its variant (log scale)"));
    assert_false(holds(&b, "NaN"));
    at_buffer_done(&b);
}

/* Gumbel's quantiles lie within a factor of ten: no logarithmic axis. */
static void errors_of_one_size_have_a_linear_axis(void **state)
{
    (void)state;
    struct at_buffer b = {0};
    assert_true(draw("many", "tail", &b));
    assert_true(holds(&b, "relative RMSE of a head over the median of its variant<"));
    assert_false(holds(&b, ">good<"));
    at_buffer_done(&b);
}

static void without_a_tail_there_is_no_figure(void **state)
{
    (void)state;
    struct at_buffer b = {0};
    assert_false(draw("few", NULL, &b));
    assert_int_equal(b.length, 0);
    assert_false(draw("captured", NULL, &b));
    at_buffer_done(&b);
}

int main(void)
{
    at_stats_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heads_and_tails_are_drawn),
        cmocka_unit_test(errors_of_one_size_have_a_linear_axis),
        cmocka_unit_test(without_a_tail_there_is_no_figure),
    };
    return cmocka_run_group_tests_name("html_tails", tests, NULL, NULL);
}
