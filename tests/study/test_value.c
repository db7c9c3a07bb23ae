/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/value.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void integers(void **state)
{
    (void)state;
    uint64_t value = 7;
    assert_true(at_value_integer("0", 0, 9, &value) && value == 0);
    assert_true(at_value_integer("010", 0, 99, &value) && value == 10); /* decimal, not octal */
    assert_true(at_value_integer("18446744073709551615", 0, UINT64_MAX, &value) && value == UINT64_MAX);
    static const char *const refused[] = {
        "", "-4", "+4", "1e30", "1.0", " 1", "1 ", "0x10", "4k", "18446744073709551616", "99999999999999999999999"};
    value = 7;
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        assert_false(at_value_integer(refused[i], 0, UINT64_MAX, &value));
    assert_false(at_value_integer("10", 1, 9, &value));
    assert_false(at_value_integer("0", 1, 9, &value));
    assert_int_equal(value, 7);
}

static void reals(void **state)
{
    (void)state;
    double value = 7;
    assert_true(at_value_real("0.125", &value) && value == 0.125);
    assert_true(at_value_real("1e-3", &value) && value == 1e-3);
    assert_true(at_value_real("-2", &value) && value == -2);
    static const char *const refused[] = {"", "nan", "inf", "-inf", "1e400", "0x1p3", "1,5", "1 2", "abc", "1e", "--1"};
    value = 7;
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        assert_false(at_value_real(refused[i], &value));
    assert_true(value == 7);
}

static void truths(void **state)
{
    (void)state;
    bool value = false;
    assert_true(at_value_truth("true", &value) && value);
    assert_true(at_value_truth("false", &value) && !value);
    static const char *const refused[] = {"", "yes", "True", "1", "maybe"};
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        assert_false(at_value_truth(refused[i], &value));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(integers), cmocka_unit_test(reals), cmocka_unit_test(truths)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
