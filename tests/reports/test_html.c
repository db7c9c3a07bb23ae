/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "reports/report.h"

#include "tests/reports/fixture.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static size_t count_of(const struct at_buffer *b, const char *what)
{
    size_t count = 0;
    for (const char *at = b->text; (at = strstr(at, what)); at += strlen(what))
        count++;
    return count;
}

static void compose(struct at_buffer *b)
{
    struct at_store *store = fixture_store(fixture_path("t.db"));
    const struct at_filter everything = {0};
    const struct at_report *html;
    struct at_error error = {""};
    assert_int_equal(at_report_find("html", &html, NULL), AT_OK);
    if (html->compose(store, &everything, b, &error))
        fail_msg("%s", error.message);
    assert_false(b->failed);
    at_store_close(store);
}

static void the_page_is_whole_and_refers_to_nothing_outside(void **state)
{
    (void)state;
    struct at_buffer b = {0};
    compose(&b);
    assert_memory_equal(b.text, "<!DOCTYPE html>\n<html lang=\"en\">", 32);
    assert_false(holds(&b, "{{"));
    static const char *const elements[][2] = {
        {"<table", "</table>"}, {"<section", "</section>"}, {"<article", "</article>"}, {"<figure>", "</figure>"},
        {"<svg", "</svg>"},     {"<tr>", "</tr>"},          {"<td", "</td>"},           {"<details>", "</details>"},
        {"<div", "</div>"},     {"<main>", "</main>"},      {"<ul>", "</ul>"}};
    for (size_t i = 0; i < sizeof elements / sizeof elements[0]; i++) {
        assert_true(count_of(&b, elements[i][0]) > 0);
        assert_int_equal(count_of(&b, elements[i][0]), count_of(&b, elements[i][1]));
    }
    /* XML names its namespaces by addresses; those of SVG are the only ones. */
    assert_int_equal(count_of(&b, "http"),
                     count_of(&b, "=\"http://www.w3.org/2000/svg\"") + count_of(&b, "=\"http://www.w3.org/1999/xlink\""));
    assert_false(holds(&b, " src=") || holds(&b, "<link") || holds(&b, "@import") || holds(&b, "url("));
    assert_int_equal(count_of(&b, "<svg"), 3 + 4 + 1); /* errors of the defined cases, ridges of all, one plot of lengths */
    at_buffer_done(&b);
    fixture_done();
}

static void what_comes_from_outside_is_text(void **state)
{
    (void)state;
    struct at_buffer b = {0};
    compose(&b);
    assert_false(holds(&b, "<script"));
    assert_true(holds(&b, "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;"));
    assert_true(holds(&b, "cases: &lt;all&gt;"));
    assert_int_not_equal(access("pwned", F_OK), 0);
    at_buffer_done(&b);
    fixture_done();
}

static void without_gnuplot_there_is_no_page(void **state)
{
    (void)state;
    struct at_store *store = fixture_store(fixture_path("t.db"));
    const struct at_filter everything = {0};
    const struct at_report *html;
    struct at_buffer b = {0};
    struct at_error error;
    char *path = strdup(getenv("PATH"));
    assert_int_equal(at_report_find("html", &html, NULL), AT_OK);
    setenv("PATH", "/nonexistent", 1);
    assert_int_equal(html->compose(store, &everything, &b, &error), AT_ERR_NOT_FOUND);
    setenv("PATH", path, 1);
    assert_int_equal(b.length, 0);
    free(path);
    at_store_close(store);
    fixture_done();
}

static void it_says_which_rows_were_looked_at(void **state)
{
    (void)state;
    char text[AT_LOOKED_AT_SIZE];
    const struct at_result some = {.rows = 16, .seq_q = 1024, .heads = 4}, all = {.rows = 128, .seq_q = 128, .heads = 4};
    at_page_looked_at(&some, text);
    assert_string_equal(text, "16 of 1024 query rows of each of 4 heads");
    at_page_looked_at(&all, text);
    assert_string_equal(text, "all 128 query rows of each of 4 heads");
}

int main(void)
{
    at_stats_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_page_is_whole_and_refers_to_nothing_outside),
        cmocka_unit_test(what_comes_from_outside_is_text),
        cmocka_unit_test(without_gnuplot_there_is_no_page),
        cmocka_unit_test(it_says_which_rows_were_looked_at),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
