/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/case_axis.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

/* Every name is found, is told in messages, and is no parameter of a distribution: an axis is one thing. */
static void names(void **state)
{
    (void)state;
    for (int i = 0; i < AT_CASE_AXES; i++) {
        const char *name = at_case_axes[i].name;
        assert_int_equal(at_case_axis_find(name), i);
        assert_non_null(strstr(AT_CASE_AXES_TEXT, name));
        for (size_t d = 0; d < at_distribution_count; d++)
            for (const struct at_parameter *p = at_distributions[d]->parameters; p->name; p++)
                assert_string_not_equal(p->name, name);
    }
    assert_int_equal(at_case_axis_find("casual"), AT_CASE_AXES);
}

/* A value that has a name is printed by it, and the words are those of the range. */
static void words(void **state)
{
    (void)state;
    char text[AT_PARAMETER_TEXT_SIZE];
    const char *list[AT_CASE_WORDS_MAX];
    for (int i = 0; i < AT_CASE_AXES; i++) {
        const enum at_case_axis axis = (enum at_case_axis)i;
        size_t count = at_case_axis_words(axis, list);
        assert_true((count > 0) == (axis == AT_CASE_CAUSAL || axis == AT_CASE_FORMAT));
        for (size_t w = 0; w < count; w++) {
            at_case_axis_print(axis, (double)w, text);
            assert_string_equal(text, list[w]);
        }
        assert_true(!count || at_case_axes[i].max == (double)(count - 1));
    }
    at_case_axis_print(AT_CASE_HEADS, 12, text);
    assert_string_equal(text, "12");
    at_case_axis_print(AT_CASE_SCALE, 0.125, text);
    assert_string_equal(text, "0.125");
}

static void given(void **state)
{
    (void)state;
    struct at_file_shape shape = {0};
    struct at_file_input file = {.shape = &shape};
    char value[] = "1";
    for (int i = 0; i < AT_CASE_AXES; i++)
        assert_null(at_case_axis_given((enum at_case_axis)i, &file));
    file.format = shape.kv_heads = value;
    shape.dims_count = 1;
    assert_string_equal(at_case_axis_given(AT_CASE_FORMAT, &file), "format");
    assert_string_equal(at_case_axis_given(AT_CASE_KV_HEADS, &file), "shape.kv-heads");
    assert_string_equal(at_case_axis_given(AT_CASE_DIM, &file), "shape.dims");
    assert_null(at_case_axis_given(AT_CASE_HEADS, &file));
}

static void set(void **state)
{
    (void)state;
    struct at_study_input input = {.causal = -1};
    at_case_axis_set(AT_CASE_HEADS, 3, &input);
    assert_true(input.problem.heads_q == 0 && input.causal == -1);
    at_case_axis_set(AT_CASE_CAUSAL, 1, &input);
    at_case_axis_set(AT_CASE_SCALE, 0.5, &input);
    at_case_axis_set(AT_CASE_FORMAT, AT_E5M2, &input);
    assert_true(input.causal == 1 && input.problem.causal && input.scale == 0.5 && input.problem.scale == 0.5 && input.format == AT_E5M2);
    at_case_axis_set(AT_CASE_CAUSAL, 0, &input);
    assert_true(input.causal == 0 && !input.problem.causal);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(names), cmocka_unit_test(words), cmocka_unit_test(given), cmocka_unit_test(set)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
