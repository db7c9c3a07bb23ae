/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "core/name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const char *const names[] = {"fa3-fp8", "fa3-fp16", "fp8-tensor", "fp8-token", "fp8-hadamard"};

static const char *nearest(const char *wanted)
{
    return at_name_nearest(wanted, names, sizeof names / sizeof *names);
}

static void one_slip_finds_the_name(void **state)
{
    (void)state;
    assert_string_equal(nearest("fp8-hadamrd"), "fp8-hadamard");   /* a letter left out */
    assert_string_equal(nearest("fp8-haddamard"), "fp8-hadamard"); /* one too many */
    assert_string_equal(nearest("fp8-tokem"), "fp8-token");        /* another one */
    assert_string_equal(nearest("fp8-tesnor"), "fp8-tensor");      /* two swapped */
    assert_string_equal(nearest("fa3-fp8"), "fa3-fp8");
}

static void the_first_of_equals_wins(void **state)
{
    (void)state;
    const char *const twins[] = {"bat", "cat", "hat"};
    assert_string_equal(at_name_nearest("rat", twins, 3), "bat");
}

/* A name is offered below len/2 + 1 edits, not at it: "abcd" allows 2, not 3. */
static void nothing_is_offered_when_nothing_is_near(void **state)
{
    (void)state;
    const char *const only[] = {"abxy"}, *const far[] = {"axyz"};
    assert_string_equal(at_name_nearest("abcd", only, 1), "abxy");
    assert_null(at_name_nearest("abcd", far, 1));
    assert_null(nearest("zzzzzz"));
    assert_null(nearest(""));
    assert_null(at_name_nearest("abcd", NULL, 0));
}

static void long_names_are_safe(void **state)
{
    (void)state;
    char wanted[300], other[200];
    memset(wanted, 'a', sizeof wanted - 1);
    wanted[sizeof wanted - 1] = '\0';
    memset(other, 'a', sizeof other - 1);
    other[sizeof other - 1] = '\0';
    const char *const list[] = {"b", other};
    assert_ptr_equal(at_name_nearest(wanted, list, 2), other);
}

static void a_hint_is_ready_for_a_message(void **state)
{
    (void)state;
    char hint[AT_NAME_HINT_SIZE], other[200];
    const char *const list[] = {"cpu", "cuda"};
    assert_string_equal(at_name_hint("cudo", list, 2, hint), "; the nearest is 'cuda'");
    assert_string_equal(at_name_hint("xyzzy", list, 2, hint), "");
    memset(other, 'a', sizeof other - 1);
    other[sizeof other - 1] = '\0';
    const char *const far[] = {other};
    assert_ptr_equal(at_name_hint(other, far, 1, hint), hint); /* cut, not written beyond */
    assert_true(strlen(hint) < sizeof hint && hint[strlen(hint) - 1] == '\'');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_slip_finds_the_name),
        cmocka_unit_test(the_first_of_equals_wins),
        cmocka_unit_test(nothing_is_offered_when_nothing_is_near),
        cmocka_unit_test(long_names_are_safe),
        cmocka_unit_test(a_hint_is_ready_for_a_message),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
