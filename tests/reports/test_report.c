/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "reports/report.h"

#include "tests/reports/fixture.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static enum at_status say(struct at_store *store, const struct at_filter *filter, struct at_buffer *text, struct at_error *error)
{
    (void)store;
    (void)filter;
    (void)error;
    at_buffer_text(text, "new");
    return AT_OK;
}

static enum at_status fail_halfway(struct at_store *store, const struct at_filter *filter, struct at_buffer *text, struct at_error *error)
{
    say(store, filter, text, error);
    return at_fail(error, AT_ERR_IO, "halfway");
}

static const struct at_report good = {"good", "", say}, bad = {"bad", "", fail_halfway};

static void assert_content(const char *path, const char *wanted)
{
    char text[16] = "";
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_true(fread(text, 1, sizeof text - 1, file) > 0);
    fclose(file);
    assert_string_equal(text, wanted);
}

static size_t files_in(const char *folder)
{
    size_t count = 0;
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    for (struct dirent *entry; (entry = readdir(dir));)
        count += entry->d_name[0] != '.';
    closedir(dir);
    return count;
}

static void a_report_is_written_whole_or_not_at_all(void **state)
{
    (void)state;
    const struct at_filter everything = {0};
    struct at_error error;
    const char *path = fixture_path("page");
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs("old and longer", file);
    fclose(file);
    assert_int_equal(at_report_save(&bad, NULL, &everything, path, &error), AT_ERR_IO);
    assert_content(path, "old and longer");
    assert_int_equal(at_report_save(&good, NULL, &everything, path, &error), AT_OK);
    assert_content(path, "new");
    assert_int_equal(files_in(fixture_folder()), 1); /* nothing is left beside it */
    const char *link = fixture_path("link");
    assert_int_equal(symlink(path, link), 0);
    assert_int_equal(unlink(path), 0);
    file = fopen(path, "w");
    assert_non_null(file);
    fclose(file);
    assert_int_equal(at_report_save(&good, NULL, &everything, link, &error), AT_OK);
    assert_content(path, "new"); /* through the link, which stays one */
    assert_int_equal(files_in(fixture_folder()), 2);
    fixture_done();
}

static void failures_name_the_file(void **state)
{
    (void)state;
    const struct at_filter everything = {0};
    struct at_error error;
    assert_int_equal(at_report_save(&good, NULL, &everything, "/nonexistent/page.html", &error), AT_ERR_IO);
    assert_non_null(strstr(error.message, "/nonexistent/page.html"));
    assert_int_equal(at_report_save(&good, NULL, &everything, "/dev/full", &error), AT_ERR_FULL);
    assert_non_null(strstr(error.message, "no space"));
    assert_int_equal(at_report_save(&good, NULL, &everything, fixture_folder(), &error), AT_ERR_IO);
    fixture_done();
}

static void reports_are_found_by_name(void **state)
{
    (void)state;
    const struct at_report *found;
    struct at_error error;
    for (size_t i = 0; i < at_report_count; i++) {
        assert_int_equal(at_report_find(at_reports[i]->name, &found, NULL), AT_OK);
        assert_ptr_equal(found, at_reports[i]);
    }
    assert_int_equal(at_report_find("htm", &found, &error), AT_ERR_NOT_FOUND);
    assert_non_null(strstr(error.message, "'html'"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_report_is_written_whole_or_not_at_all),
        cmocka_unit_test(failures_name_the_file),
        cmocka_unit_test(reports_are_found_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
