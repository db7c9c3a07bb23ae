/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/search_family.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct at_search_family family_of(const char *text)
{
    struct at_search_family family = {.count = 0};
    struct at_error error = {""};
    if (at_search_family_read(text, &family, &error))
        fail_msg("%s: %s", text, error.message);
    return family;
}

static void spellings_are_read_and_printed(void **state)
{
    (void)state;
    static const struct {
        const char *text, *printed;
        size_t count;
    } cases[] = {
        {"iid-outlier:sigma=1..1000,probability=1e-4..0.1", "iid-outlier:probability=0.0001..0.1,sigma=1..1000", 2},
        {"iid-outlier:any", "iid-outlier:probability=0..1,sigma=0..1000", 2},
        {"iid-outlier:sigma=5,any", "iid-outlier:probability=0..1,sigma=5", 1},
        {"iid-outlier:any,probability=0.5", "iid-outlier:probability=0.5,sigma=0..1000", 1},
        {"v-mean:mean=any", "v-mean:mean=-1000..1000,sigma=1", 1},
        {"k-channel:channels=2..4,magnitude=7..7", "k-channel:channels=2..4,magnitude=7,spread=0.05,q-magnitude=5", 1},
        {"uniform:low=-3..-1,high=2", "uniform:low=-3..-1,high=2", 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[AT_SEARCH_FAMILY_TEXT_SIZE], again[AT_SEARCH_FAMILY_TEXT_SIZE];
        struct at_search_family family = family_of(cases[i].text);
        at_search_family_print(&family, text);
        assert_string_equal(text, cases[i].printed);
        assert_int_equal(family.count, cases[i].count);
        family = family_of(text);
        at_search_family_print(&family, again);
        assert_string_equal(again, text);
    }
}

static void mistakes_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum at_status status;
        const char *says;
    } cases[] = {
        {"normal", AT_ERR_ARGUMENT,
         "family normal: no parameter is free; give one a range, as sigma=0..1000, or free all of them: 'normal:any'"},
        {"iid-outlier:sigma=3,probability=0.1", AT_ERR_ARGUMENT, "no parameter is free"},
        {"iid-outlier:sigma=5..5", AT_ERR_ARGUMENT, "no parameter is free"},
        {"iid-outlier:sigma=9..2", AT_ERR_ARGUMENT, "sigma=9..2: the ends are reversed; write 2..9"},
        {"iid-outlier:sigma=1..2000", AT_ERR_ARGUMENT, "sigma=2000 is outside its range, 0 to 1000"},
        {"iid-outlier:sigma=-1..5", AT_ERR_ARGUMENT, "sigma=-1 is outside its range"},
        {"iid-outlier:sigma=1..x", AT_ERR_ARGUMENT, "sigma=x is not a number"},
        {"iid-outlier:sigma=nan..5", AT_ERR_ARGUMENT, "outside its range"},
        {"iid-outlier:sigma=1..2,sigma=3..4", AT_ERR_ARGUMENT, "sigma is given twice"},
        {"iid-outlier:sigm=1..2", AT_ERR_NOT_FOUND, "did you mean sigma?"},
        {"iid-outlier:sigm=any", AT_ERR_NOT_FOUND, "did you mean sigma?"},
        {"iid-outlyer:any", AT_ERR_NOT_FOUND, "did you mean iid-outlier?"},
        {"iid-outlier:", AT_ERR_ARGUMENT, "write parameter=LOW..HIGH"},
        {"iid-outlier:sigma", AT_ERR_ARGUMENT, "write parameter=LOW..HIGH"},
        {"k-channel:channels=2..3.5", AT_ERR_ARGUMENT, "give a whole number"},
        {"", AT_ERR_NOT_FOUND, "there is none of that name"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct at_search_family family = {.count = 77};
        struct at_error error = {""};
        enum at_status status = at_search_family_read(cases[i].text, &family, &error);
        if (status != cases[i].status || !strstr(error.message, cases[i].says))
            fail_msg("'%s': %d, %s", cases[i].text, status, error.message);
        assert_int_equal(family.count, 77);
    }
}

/* The corners are the ends, the start is the default or the end next to it, and all between stays in the range. */
static void coordinates_cover_the_ranges(void **state)
{
    (void)state;
    struct at_search_family f = family_of("iid-outlier:sigma=100..1000,probability=0..0.5");
    double x[2] = {0, 0}, start[2];
    assert_true(at_search_family_at(&f, x).values[0] == 0 && at_search_family_at(&f, x).values[1] == 100);
    x[0] = x[1] = 1;
    assert_true(at_search_family_at(&f, x).values[0] == 0.5 && at_search_family_at(&f, x).values[1] == 1000);
    x[1] = 0.5;
    assert_true(at_search_family_at(&f, x).values[1] == 316.228); /* 100 sqrt(10), by ratios */
    at_search_family_start(&f, start);
    struct at_distribution_choice choice = at_search_family_at(&f, start);
    assert_true(choice.values[0] == 0.001 && choice.values[1] == 100);
    f = family_of("v-mean:mean=-1000..-10,sigma=any");
    x[0] = 0.5;
    x[1] = 0;
    choice = at_search_family_at(&f, x);
    assert_true(choice.values[0] == -100 && choice.values[1] == 0);
    f = family_of("structured:any");
    double all[AT_PARAMETERS_MAX];
    at_search_family_start(&f, all);
    choice = at_search_family_at(&f, all);
    for (size_t i = 0; i < f.count; i++)
        assert_true(choice.values[i] == choice.distribution->parameters[i].initial);
    f = family_of("k-channel:channels=any");
    for (int i = 0; i <= 64; i++) {
        x[0] = i / 64.0;
        double value = at_search_family_at(&f, x).values[0];
        assert_true(value >= 1 && value <= 16 && value == floor(value));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spellings_are_read_and_printed),
        cmocka_unit_test(mistakes_are_named),
        cmocka_unit_test(coordinates_cover_the_ranges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
