/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "cli/database.h"

#include "tests/reports/fixture.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void what_is_not_there_is_explained(void **state)
{
    (void)state;
    struct at_store *store = fixture_store(fixture_path("t.db"));
    static const struct {
        struct at_filter filter;
        enum at_status status;
        const char *message;
    } cases[] = {{{.study = "frist"}, AT_ERR_NOT_FOUND, "t.db: no study 'frist'; the nearest is 'first' (attest show studies)"},
                 {{.label = "plane"}, AT_ERR_NOT_FOUND, "t.db: no case 'plane'; the nearest is 'plain' (attest show cases)"},
                 {{.variant = "zzzzzzzzz"}, AT_ERR_NOT_FOUND, "t.db: no variant 'zzzzzzzzz' (attest show variants)"},
                 {{.label = FIXTURE_EVIL, .variant = "broken"},
                  AT_ERR_UNDEFINED,
                  "t.db: no run has all of what --study, --case and --variant ask for"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct at_error error = {""};
        assert_int_equal(at_database_explain(store, "t.db", &cases[i].filter, &error), cases[i].status);
        assert_string_equal(error.message, cases[i].message);
    }
    at_store_close(store);
    fixture_done();
}

static void options_choose(void **state)
{
    (void)state;
    static const struct at_option options[] = {AT_OPTION_DB, AT_OPTION_STUDY, AT_OPTION_CASE, AT_OPTION_VARIANT, {0}};
    char *argv[] = {(char[]){"--study=a"}, (char[]){"--case=b"}, (char[]){"--variant=c"}, (char[]){"--db=d"}};
    struct at_arguments arguments;
    assert_int_equal(at_arguments_parse(options, 4, argv, &arguments, NULL), AT_OK);
    struct at_filter filter = at_database_filter(&arguments);
    assert_string_equal(filter.study, "a");
    assert_string_equal(filter.label, "b");
    assert_string_equal(filter.variant, "c");
    assert_string_equal(at_database_path(&arguments), "d");
    assert_int_equal(at_arguments_parse(options, 0, argv, &arguments, NULL), AT_OK);
    assert_string_equal(at_database_path(&arguments), "attest.db");
    assert_null(at_database_filter(&arguments).study);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_not_there_is_explained), cmocka_unit_test(options_choose)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
