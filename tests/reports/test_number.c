/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "reports/number.h"

#include <math.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void numbers_for_people(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *text;
    } cases[] = {{0, "0"},
                 {-0.0, "0"},
                 {7, "7"},
                 {-12, "-12"},
                 {131072, "131072"},
                 {1e6, "1.00e6"},
                 {0.0236, "2.36e-2"},
                 {2.359e-4, "2.36e-4"},
                 {0.235, "0.235"},
                 {0.09996, "0.100"},
                 {9.996, "10.0"},
                 {12.44, "12.4"},
                 {999.6, "1.00e3"},
                 {123.4, "123"},
                 {-0.5, "-0.500"},
                 {0.9999823, "1.00"},
                 {-0.9994, "-0.999"},
                 {0.99501, "0.995"},
                 {0.98, "0.980"},
                 {1e300, "1.00e300"},
                 {5e-324, "4.94e-324"},
                 {INFINITY, "\u221e"},
                 {-INFINITY, "-\u221e"},
                 {NAN, "\u2013"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[AT_NUMBER_SIZE];
        at_number_print(cases[i].value, text);
        assert_string_equal(text, cases[i].text);
    }
}

/* Digits of the distance from 1 are for likeness; an error there has three digits as everywhere. */
static void a_likeness_shows_its_distance_from_one(void **state)
{
    (void)state;
    char text[AT_NUMBER_SIZE];
    at_value_print("cosine_min", 0.9999823, text);
    assert_string_equal(text, "0.999982");
    at_value_print("cosine_min", -0.9999823, text);
    assert_string_equal(text, "-0.999982");
    at_value_print("cosine_min", 1, text);
    assert_string_equal(text, "1");
    at_value_print("cosine_min", 0.5, text);
    assert_string_equal(text, "0.500");
    at_value_print("rel_rmse", 0.9999823, text);
    assert_string_equal(text, "1.00");
    at_value_print("snr_db", 0.9999823, text); /* larger is better, but it has a unit */
    assert_string_equal(text, "1.00");
    at_value_print("cosine_min", NAN, text);
    assert_string_equal(text, AT_NO_VALUE);
}

static void a_missing_value_is_never_zero(void **state)
{
    (void)state;
    char text[AT_NUMBER_SIZE];
    const struct at_cell null = {.kind = AT_CELL_NULL}, word = {.kind = AT_CELL_TEXT, .text = "0"};
    const struct at_cell whole = {.kind = AT_CELL_INTEGER, .integer = INT64_MAX, .real = 0x1p63};
    assert_string_equal(at_cell_print(&null, text), AT_NO_VALUE);
    assert_true(isnan(at_cell_number(&null)));
    assert_true(isnan(at_cell_number(&word)));
    assert_string_equal(at_cell_print(&word, text), "0");
    assert_string_equal(at_cell_print(&whole, text), "9223372036854775807");
}

static void durations_have_units(void **state)
{
    (void)state;
    static const struct {
        double seconds;
        const char *text;
    } cases[] = {{0.34, "340 ms"},    {1.234, "1.23 s"}, {99.6, "1 min 40 s"}, {125, "2 min 5 s"},
                 {7260, "2 h 1 min"}, {-1, "\u2013"},    {NAN, "\u2013"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[AT_NUMBER_SIZE];
        at_duration_print(cases[i].seconds, text);
        assert_string_equal(text, cases[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_for_people),
        cmocka_unit_test(a_likeness_shows_its_distance_from_one),
        cmocka_unit_test(a_missing_value_is_never_zero),
        cmocka_unit_test(durations_have_units),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
