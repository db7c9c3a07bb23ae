/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "core/build.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void every_fact_is_filled_in(void **state)
{
    (void)state;
    const char *const facts[] = {at_build_version, at_build_revision, at_build_compiler, at_build_libraries, at_build_options};
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++) {
        assert_true(strlen(facts[i]) > 0);
        assert_null(strchr(facts[i], '@')); /* a variable that meson did not know */
    }
    assert_true(isdigit((unsigned char)at_build_version[0]));
    assert_non_null(strstr(at_build_libraries, "mpfr "));
    assert_int_equal(at_build_options[0], '{');
}

/* 40 hexadecimal digits, perhaps "-dirty", or "unknown": never the version in its stead. */
static void revision_is_a_commit_or_unknown(void **state)
{
    (void)state;
    size_t digits = strspn(at_build_revision, "0123456789abcdef");
    const char *rest = at_build_revision + digits;
    assert_true(strcmp(at_build_revision, "unknown") == 0 || (digits == 40 && (*rest == '\0' || strcmp(rest, "-dirty") == 0)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_fact_is_filled_in),
        cmocka_unit_test(revision_is_a_commit_or_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
