/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "cli/break_table.h"

#include "cli/verb.h"

#include <math.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct at_break_look looks[] = {{16384, AT_MET, 1, "rel_rmse<=0.05", 0.04, 1e-20, 0},
                                       {17152, AT_NOT_MET, 2, "rel_rmse<=0.05", 0.06, 1e-20, 0},
                                       {20000, AT_CANNOT_SAY, 3, "rel_rmse<=0.05", NAN, NAN, 0}};

static struct at_break of(enum at_break_kind kind, size_t first, size_t count, double low, double high, bool once)
{
    return (struct at_break){"fa3-fp8", kind, low, high, once, looks + first, count};
}

static void each_kind_in_words(void **state)
{
    (void)state;
    const struct {
        struct at_break b;
        const char *says;
    } cases[] = {{of(AT_BREAK_LOST, 0, 2, 16384, 17152, true), "met at 16384, not met at 17152"},
                 {of(AT_BREAK_LOST, 0, 2, 16384, 17152, false), "one of several"},
                 {of(AT_BREAK_NONE, 0, 1, 16384, NAN, true), "met at all 1 places looked at"},
                 {of(AT_BREAK_ALWAYS, 1, 1, 17152, NAN, true), "not met at all"},
                 {of(AT_BREAK_GAINED, 0, 2, 16384, 17152, true), "missed already at 16384, where the range begins"},
                 {of(AT_BREAK_OPEN, 0, 3, 17152, 20000, true), "cannot say at 20000: undefined; met up to 17152"},
                 {of(AT_BREAK_OPEN, 2, 1, NAN, 20000, true), "cannot say at 20000: undefined"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[AT_BREAK_TEXT_SIZE];
        at_break_text(&cases[i].b, text);
        if (!strstr(text, cases[i].says))
            fail_msg("'%s' lacks '%s'", text, cases[i].says);
    }
}

static void the_shell_is_told_the_worst(void **state)
{
    (void)state;
    struct at_break rows[] = {of(AT_BREAK_LOST, 0, 2, 1, 2, true), of(AT_BREAK_ALWAYS, 1, 1, 1, NAN, true),
                              of(AT_BREAK_OPEN, 2, 1, NAN, 1, true)};
    struct at_breaks breaks = {.rows = rows};
    static const int codes[] = {AT_EXIT_OK, AT_EXIT_OK, AT_EXIT_NOT_MET, AT_EXIT_CANNOT};
    for (breaks.count = 1; breaks.count <= 3; breaks.count++)
        assert_int_equal(at_breaks_code(&breaks), codes[breaks.count]);
    rows[0].kind = AT_BREAK_GAINED;
    breaks.count = 1;
    assert_int_equal(at_breaks_code(&breaks), AT_EXIT_NOT_MET);
}

static void json_has_every_look(void **state)
{
    (void)state;
    struct at_break row = of(AT_BREAK_OPEN, 0, 3, 17152, 20000, true);
    const struct at_breaks breaks = {&row, 1, 3, 0};
    struct at_study_input input = {.label = NULL};
    struct at_study study = {.inputs = &input};
    assert_int_equal(at_distribution_choose("v-mean", &input.distribution, NULL), AT_OK);
    const struct at_break_question q = {.study = &study, .axis = {.parameter = &input.distribution.distribution->parameters[0]}};
    json_t *made = at_breaks_json(&q, &breaks);
    const json_t *b = json_array_get(json_object_get(made, "breaks"), 0);
    assert_string_equal(json_string_value(json_object_get(b, "distribution")), "v-mean:mean=*,sigma=1");
    assert_string_equal(json_string_value(json_object_get(b, "kind")), "cannot say");
    const json_t *last = json_array_get(json_object_get(b, "looks"), 2);
    assert_true(json_is_null(json_object_get(last, "value")));
    assert_string_equal(json_string_value(json_object_get(last, "reason")), "undefined");
    assert_int_equal(json_integer_value(json_object_get(made, "runs_done")), 3);
    json_decref(made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_in_words),
        cmocka_unit_test(the_shell_is_told_the_worst),
        cmocka_unit_test(json_has_every_look),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
