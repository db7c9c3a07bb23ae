/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "tests/cli/command.h"
#include "tests/reports/budgets.h"
#include "tests/reports/fixture.h"
#include "tests/reports/speeds.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static int clean(void **state)
{
    (void)state;
    fixture_done();
    return 0;
}

static const char *database(void)
{
    const char *path = fixture_path("t.db");
    at_store_close(fixture_store(path));
    return path;
}

static bool begins(const char *path, const char *with)
{
    char text[64] = "";
    FILE *file = fopen(path, "r");
    if (!file)
        return false;
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    return strncmp(text, with, strlen(with)) == 0;
}

static void a_page_is_written(void **state)
{
    (void)state;
    const char *db = database(), *page = fixture_path("page.html"), *csv = fixture_path("page.csv");
    struct outcome o = attest("report --db %s -o %s", db, page);
    assert_code(o, 0);
    assert_true(says(o.out, "4 cases"));
    assert_true(begins(page, "<!DOCTYPE html>"));
    const char *fast = fixture_path("speeds.db");
    speeds_add(fast);
    o = attest("report --db %s -o %s", fast, page); /* a database without a case */
    assert_code(o, 0);
    assert_true(says(o.out, "0 cases, and speeds") && begins(page, "<!DOCTYPE html>"));
    const char *explained = fixture_path("budgets.db");
    budgets_add(explained);
    o = attest("report --db %s -o %s", explained, page);
    assert_code(o, 0);
    assert_true(says(o.out, "0 cases, and error budgets") && begins(page, "<!DOCTYPE html>"));
    o = attest("report --db %s -o %s", fast, csv); /* which is of cases alone */
    assert_code(o, 2);
    assert_complaint(o, "holds no run yet");
    o = attest("report --db %s --output=%s --json", db, csv);
    assert_code(o, 0);
    assert_json(o, "report");
    assert_true(begins(csv, "case,variant,"));
    o = attest("report --db %s -o /dev/stdout --format csv --variant broken", db);
    assert_code(o, 0);
    assert_true(strncmp(o.out, "case,variant,", 13) == 0 && !says(o.out, "good"));
}

static void a_report_that_fails_leaves_the_old_one(void **state)
{
    (void)state;
    const char *db = database(), *page = fixture_path("page.html");
    FILE *file = fopen(page, "w");
    assert_non_null(file);
    fputs("old", file);
    fclose(file);
    static const char *const wrong[][2] = {{"--format htlm", "the nearest is 'html'; there are html, csv"},
                                           {"--format pdf", "'pdf' is unknown; there are html, csv"},
                                           {"word", "word"},
                                           {"--ouput x", "--output"}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct outcome o = attest("report --db %s -o %s %s", db, page, wrong[i][0]);
        assert_code(o, 64);
        assert_complaint(o, wrong[i][1]);
    }
    struct outcome o = attest("report --db %s -o %s --study other", db, page);
    assert_code(o, 2);
    o = attest("report --db %s.none -o %s", db, page);
    assert_code(o, 2);
    o = attest("report --db %s -o /nonexistent/page.html", db);
    assert_code(o, 2);
    assert_complaint(o, "/nonexistent/page.html: cannot write the report: No such file or directory; give -o a file in a folder");
    o = attest("report --db %s -o /dev/full", db);
    assert_code(o, 2);
    assert_complaint(o, "no space left");
    assert_true(begins(page, "old"));
}

/* x.pdf would be a page of HTML that no reader of PDF opens. */
static void the_name_does_not_lie(void **state)
{
    (void)state;
    const char *db = database(), *pdf = fixture_path("x.pdf");
    struct outcome o = attest("report --db %s -o %s", db, pdf);
    assert_code(o, 64);
    assert_complaint(o, "'.pdf', which no report does");
    assert_int_not_equal(access(pdf, F_OK), 0);
    assert_code(attest("report --db %s -o %s --format csv", db, pdf), 0);
    assert_true(begins(pdf, "case,variant,"));
    const char *upper = fixture_path("X.CSV"), *bare = fixture_path("page.d/page");
    assert_code(attest("report --db %s -o %s", db, upper), 0);
    assert_true(begins(upper, "case,variant,"));
    assert_int_equal(mkdir(fixture_path("page.d"), 0700), 0);
    assert_code(attest("report --db %s -o %s", db, bare), 0);
    assert_true(begins(bare, "<!DOCTYPE html>"));
}

static void a_dash_is_standard_output(void **state)
{
    (void)state;
    const char *db = database();
    struct outcome o = attest("report --db %s -o - --format csv", db);
    assert_code(o, 0);
    assert_true(strncmp(o.out, "case,variant,", 13) == 0 && !says(o.out, "4 cases"));
    assert_int_not_equal(access("-", F_OK), 0);
    o = attest("report --db %s -o -", db);
    assert_code(o, 0);
    assert_true(strncmp(o.out, "<!DOCTYPE html>", 15) == 0);
    o = attest("report --db %s -o - > /dev/full", db);
    assert_code(o, 2);
    assert_complaint(o, "cannot write the standard output");
    o = attest("report --db %s -o - --json", db);
    assert_code(o, 64);
    assert_complaint(o, "give -o a file");
    o = attest("report --db %s -o ''", db);
    assert_code(o, 64);
    assert_complaint(o, "'--output': its value is empty");
}

int main(int argc, char **argv)
{
    command_program(argc > 1 ? argv[1] : "attest");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_page_is_written, clean),
        cmocka_unit_test_teardown(the_name_does_not_lie, clean),
        cmocka_unit_test_teardown(a_dash_is_standard_output, clean),
        cmocka_unit_test_teardown(a_report_that_fails_leaves_the_old_one, clean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
