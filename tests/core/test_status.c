/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "core/status.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void fail_formats_and_returns_the_status(void **state)
{
    (void)state;
    struct at_error error;
    assert_int_equal(at_fail(&error, AT_ERR_IO, "%s: line %d", "a.yaml", 7), AT_ERR_IO);
    assert_string_equal(error.message, "a.yaml: line 7");
    assert_int_equal(at_fail(NULL, AT_ERR_FULL, "nobody reads %s", "this"), AT_ERR_FULL);
}

static void a_message_is_one_line(void **state)
{
    (void)state;
    struct at_error error;
    at_fail(&error, AT_ERR_NOT_FOUND, "no '%s'", "a\nb\r\x1b[31mc\tZürich");
    assert_string_equal(error.message, "no 'a?b??[31mc?Zürich'");
}

static void a_long_message_is_cut_and_ends(void **state)
{
    (void)state;
    struct at_error error;
    char text[3000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    at_fail(&error, AT_ERR_FORMAT, "%s", text);
    assert_int_equal(strlen(error.message), sizeof error.message - 1);
    assert_int_equal(at_fail_in(&error, AT_ERR_FORMAT, "study"), AT_ERR_FORMAT);
    assert_int_equal(strlen(error.message), sizeof error.message - 1);
    assert_int_equal(strncmp(error.message, "study: xxx", 10), 0);
    at_fail(&error, AT_ERR_FORMAT, "short");
    assert_int_equal(at_fail_in(&error, AT_ERR_FORMAT, text), AT_ERR_FORMAT);
    assert_int_equal(strlen(error.message), sizeof error.message - 1);
}

static void a_context_stands_in_front(void **state)
{
    (void)state;
    struct at_error error;
    at_fail(&error, AT_ERR_VERSION, "written by 9.0");
    assert_int_equal(at_fail_in(&error, AT_ERR_VERSION, "attest.db"), AT_ERR_VERSION);
    assert_string_equal(error.message, "attest.db: written by 9.0");
    assert_int_equal(at_fail_in(NULL, AT_ERR_VERSION, "attest.db"), AT_ERR_VERSION);
}

static void every_status_has_its_own_name(void **state)
{
    (void)state;
    for (int a = AT_ERR_DEVICE; a <= AT_OK; a++) {
        const char *name = at_status_name((enum at_status)a);
        assert_string_not_equal(name, "unknown status");
        for (int b = AT_ERR_DEVICE; b < a; b++)
            assert_string_not_equal(name, at_status_name((enum at_status)b));
    }
    assert_string_equal(at_status_name(AT_ERR_NOT_FOUND), "not found");
    assert_string_equal(at_status_name((enum at_status)(AT_ERR_DEVICE - 1)), "unknown status"); /* it is the last */
    assert_string_equal(at_status_name((enum at_status) - 99), "unknown status");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fail_formats_and_returns_the_status), cmocka_unit_test(a_message_is_one_line),
        cmocka_unit_test(a_long_message_is_cut_and_ends),      cmocka_unit_test(a_context_stands_in_front),
        cmocka_unit_test(every_status_has_its_own_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
