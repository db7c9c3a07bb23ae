/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "reports/spelling.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char spelling[] = "k-channel:channels=4,magnitude=30,spread=0.05,q-magnitude=5";

static void a_name_is_matched_whole(void **state)
{
    (void)state;
    size_t length = 0;
    assert_true(at_spelling_of(spelling, "k-channel") && !at_spelling_of(spelling, "k") && !at_spelling_of(spelling, "k-channels"));
    assert_true(at_spelling_of("k-channel", "k-channel"));
    const char *value = at_spelling_value(spelling, "magnitude", &length);
    assert_true(value && length == 2 && strncmp(value, "30,", 3) == 0);
    value = at_spelling_value(spelling, "q-magnitude", &length);
    assert_true(value && length == 1 && strcmp(value, "5") == 0);
    assert_null(at_spelling_value(spelling, "agnitude", &length));
    assert_null(at_spelling_value(spelling, "k-channel", &length));
    assert_null(at_spelling_value("normal", "sigma", &length));
}

static void names_come_in_turn(void **state)
{
    (void)state;
    static const char *const names[] = {"channels", "magnitude", "spread", "q-magnitude"};
    char name[AT_SPELLING_NAME_SIZE];
    const char *at = strchr(spelling, ':');
    for (int i = 0; i < 4; i++) {
        assert_non_null(at);
        at = at_spelling_next(at, name);
        assert_string_equal(name, names[i]);
    }
    assert_null(at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_is_matched_whole),
        cmocka_unit_test(names_come_in_turn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
