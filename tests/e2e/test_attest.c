/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "tests/cli/command.h"
#include "tests/reports/fixture.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const char *const verbs[] = {"run", "show", "report", "gate", "list"};

static int clean(void **state)
{
    (void)state;
    fixture_done();
    return 0;
}

static void help_teaches(void **state)
{
    (void)state;
    struct outcome o = attest("--help");
    assert_code(o, 0);
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
        assert_true(says(o.out, verbs[i]));
    assert_true(says(o.out, "130") && says(o.out, "First steps"));
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        o = attest("%s --help", verbs[i]);
        assert_code(o, 0);
        assert_true(says(o.out, "Usage") && says(o.out, "Options") && says(o.out, "Examples") && says(o.out, "Exit codes"));
        assert_true(says(o.out, "--json") && says(o.out, verbs[i]));
        assert_string_equal(o.err, "");
    }
}

static void the_version_names_the_libraries(void **state)
{
    (void)state;
    struct outcome o = attest("--version");
    assert_code(o, 0);
    assert_true(strncmp(o.out, "attest ", 7) == 0);
    assert_true(says(o.out, "\nrevision ") && says(o.out, "\ncompiler ") && says(o.out, "mpfr ") && says(o.out, "sqlite3 "));
}

static void mistakes_get_the_nearest_verb(void **state)
{
    (void)state;
    struct outcome o = attest("repotr");
    assert_code(o, 64);
    assert_complaint(o, "the nearest is 'report'");
    o = attest("xyzzy");
    assert_code(o, 64);
    assert_complaint(o, "verb 'xyzzy' is unknown");
    assert_code(attest("%s", ""), 64);
    assert_code(attest("--help > /dev/full"), 2);
    assert_code(attest("--help >&-"), 2);
}

int main(int argc, char **argv)
{
    command_program(argc > 1 ? argv[1] : "attest");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(help_teaches, clean),
        cmocka_unit_test_teardown(the_version_names_the_libraries, clean),
        cmocka_unit_test_teardown(mistakes_get_the_nearest_verb, clean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
