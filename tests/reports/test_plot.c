/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "reports/plot.h"

#include "tests/reports/fixture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void label(const char *text, size_t most, const char *wanted)
{
    struct at_buffer b = {0};
    at_plot_label(&b, text, most);
    assert_string_equal(b.text, wanted);
    at_buffer_done(&b);
}

static void labels_are_text_and_nothing_more(void **state)
{
    (void)state;
    label("fa3-fp8", 30, "\"fa3-fp8\"");
    label("a\"; system 'rm'; `id` \\n\n", 60, "\"a'; system 'rm'; 'id' /n \"");
    label("abcdef", 6, "\"abcdef\"");
    label("abcdefg", 6, "\"abcde\u2026\"");
    label("\u03a3\u03a3\u03a3", 2, "\"\u03a3\u2026\"");
}

static void numbers_that_are_not_finite_are_left_out(void **state)
{
    (void)state;
    struct at_buffer b = {0};
    at_plot_number(&b, 0.25);
    at_plot_number(&b, INFINITY);
    at_plot_number(&b, NAN);
    assert_string_equal(b.text, "0.25NaNNaN");
    at_buffer_done(&b);
}

static void a_log_axis_has_ticks_within_its_range(void **state)
{
    (void)state;
    struct at_buffer b = {0};
    at_plot_log_axis(&b, "x", 1.5e-3, 0.11);
    assert_true(holds(&b, "set xrange [0.0015:0.11]"));
    assert_true(holds(&b, "\"2e-3\" 0.002 0") && holds(&b, "\"1e-2\" 0.01 0") && holds(&b, "\"0.1\" 0.1 0"));
    assert_false(holds(&b, "\"1e-3\"") || holds(&b, "\"0.2\""));
    at_buffer_done(&b);
    at_plot_log_axis(&b, "y", 1e-9, 1);
    assert_true(holds(&b, "\"1e-9\" 1e-09 0") && holds(&b, "\"1\" 1 0"));
    assert_true(holds(&b, "\"\" 2e-09 1")); /* between decades: a mark without a number */
    at_buffer_done(&b);
}

static enum at_status draw(const char *settings_text, struct at_buffer *svg, struct at_error *error)
{
    struct at_buffer settings = {0}, data = {0};
    at_buffer_text(&settings, settings_text);
    at_plot_log_axis(&settings, "y", 1e-4, 1);
    at_buffer_text(&settings, "set xrange [100:3000]\n");
    at_buffer_text(&data, "128 1e-3\n2048 0.5\n");
    enum at_status status = at_plot_draw("lengths", &settings, &data, svg, error);
    at_buffer_done(&settings);
    at_buffer_done(&data);
    return status;
}

static void gnuplot_draws_and_leaves_nothing_behind(void **state)
{
    (void)state;
    struct at_buffer svg = {0};
    struct at_error error = {""};
    setenv("TMPDIR", fixture_folder(), 1);
    if (draw("count = 1\narray names[1]\nnames[1] = \"a < b\"\n", &svg, &error))
        fail_msg("%s", error.message);
    assert_true(holds(&svg, "<svg") && holds(&svg, "</svg>") && holds(&svg, "a &lt; b"));
    at_buffer_done(&svg);
    assert_int_equal(rmdir(fixture_folder()), 0); /* it is empty */
    unsetenv("TMPDIR");
}

static void failures_are_one_line(void **state)
{
    (void)state;
    struct at_buffer svg = {0};
    struct at_error error = {""};
    assert_int_equal(draw("this is no gnuplot\n", &svg, &error), AT_ERR_IO);
    assert_non_null(strstr(error.message, "gnuplot: failed with exit code 1: "));
    assert_null(strchr(error.message, '\n'));
    setenv("TMPDIR", "/nonexistent", 1);
    assert_int_equal(draw("", &svg, &error), AT_ERR_IO);
    assert_non_null(strstr(error.message, "/nonexistent"));
    unsetenv("TMPDIR");
    char *path = strdup(getenv("PATH"));
    setenv("PATH", "/nonexistent", 1);
    assert_int_equal(at_plot_check(&error), AT_ERR_NOT_FOUND);
    assert_non_null(strstr(error.message, "install gnuplot"));
    setenv("PATH", path, 1);
    free(path);
    assert_int_equal(at_plot_check(&error), AT_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(labels_are_text_and_nothing_more),
        cmocka_unit_test(numbers_that_are_not_finite_are_left_out),
        cmocka_unit_test(a_log_axis_has_ticks_within_its_range),
        cmocka_unit_test(gnuplot_draws_and_leaves_nothing_behind),
        cmocka_unit_test(failures_are_one_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
