/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/sweep_axis.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static const struct at_parameter sigma = {"sigma", 1, 0, 1000, "a deviation (its unit)", false},
                                 mean = {"mean", 0, -1000, 1000, "a mean (its unit)", false},
                                 channels = {"channels", 4, 1, 16, "channels (a count)", true};

static enum at_status read_axis(const struct at_file_axis *file, const struct at_parameter *p, bool sobol, struct at_sweep_axis *ret_axis,
                                struct at_error *error)
{
    static const char text[] = "over:\n  - parameter: x\n    from: 1\n";
    struct at_document *d = NULL;
    assert_int_equal(at_document_parse("s.yaml", text, strlen(text), &d, NULL), AT_OK);
    const struct at_reading reading = {d, "", error};
    enum at_status status = at_sweep_axis_read(&reading, "over[0]", file, "x", p, sobol, ret_axis);
    at_document_free(d);
    return status;
}

static void assert_steps(const struct at_file_axis *file, const struct at_parameter *p, const double *wanted)
{
    struct at_sweep_axis axis;
    struct at_error error = {""};
    if (read_axis(file, p, false, &axis, &error))
        fail_msg("%s", error.message);
    for (size_t i = 0; i < axis.points; i++)
        assert_true(at_sweep_axis_step(&axis, i) == wanted[i]);
    at_sweep_axis_done(&axis);
}

/* Both ends as written, between them 6 digits or whole numbers. */
static void steps(void **state)
{
    (void)state;
    char *list[] = {"3", "-0", "0.1234567890123"};
    assert_steps(&(struct at_file_axis){.from = "1", .to = "1000", .points = "7", .spacing = "log"}, &sigma,
                 (double[]){1, 3.16228, 10, 31.6228, 100, 316.228, 1000});
    assert_steps(&(struct at_file_axis){.from = "0", .to = "1", .points = "4"}, &sigma, (double[]){0, 0.333333, 0.666667, 1});
    assert_steps(&(struct at_file_axis){.from = "0.12345678", .to = "0.5", .points = "2", .spacing = "linear"}, &sigma,
                 (double[]){0.12345678, 0.5});
    assert_steps(&(struct at_file_axis){.from = "-1", .to = "1", .points = "3"}, &mean, (double[]){-1, 0, 1});
    assert_steps(&(struct at_file_axis){.from = "1", .to = "16", .points = "5", .spacing = "log"}, &channels, (double[]){1, 2, 4, 8, 16});
    assert_steps(&(struct at_file_axis){.from = "1", .to = "16", .points = "4"}, &channels, (double[]){1, 6, 11, 16});
    assert_steps(&(struct at_file_axis){.values = list, .values_count = 3}, &mean, (double[]){3, 0, 0.1234567890123});
}

/* A point of [0, 1) gives each whole number and each listed value an equal share, and stays within the ends. */
static void shares(void **state)
{
    (void)state;
    enum { COUNT = 1600 };
    char *list[] = {"1", "5", "7", "9"};
    struct at_sweep_axis axis;
    int seen[17] = {0};
    assert_int_equal(read_axis(&(struct at_file_axis){.from = "1", .to = "16"}, &channels, true, &axis, NULL), AT_OK);
    for (int i = 0; i < COUNT; i++)
        seen[(int)at_sweep_axis_at(&axis, (i + 0.5) / COUNT)]++;
    for (int n = 1; n <= 16; n++)
        assert_int_equal(seen[n], COUNT / 16);
    assert_int_equal(read_axis(&(struct at_file_axis){.values = list, .values_count = 4}, &sigma, true, &axis, NULL), AT_OK);
    assert_true(at_sweep_axis_at(&axis, 0) == 1 && at_sweep_axis_at(&axis, 0.25) == 5 && at_sweep_axis_at(&axis, 1 - 0x1p-53) == 9);
    at_sweep_axis_done(&axis);
    assert_int_equal(
        read_axis(&(struct at_file_axis){.from = "0.1234567891", .to = "0.12345679", .spacing = "log"}, &sigma, true, &axis, NULL), AT_OK);
    for (int i = 0; i < 8; i++)
        assert_true(at_sweep_axis_at(&axis, i / 8.0) >= 0.1234567891 && at_sweep_axis_at(&axis, i / 8.0) <= 0.12345679);
    assert_int_equal(read_axis(&(struct at_file_axis){.from = "1", .to = "100", .spacing = "log"}, &sigma, true, &axis, NULL), AT_OK);
    assert_true(at_sweep_axis_at(&axis, 0) == 1 && at_sweep_axis_at(&axis, 0.5) == 10 && at_sweep_axis_at(&axis, 0.25) == 3.16228);
}

static void refusals(void **state)
{
    (void)state;
    static char *one[] = {"1"}, *twice[] = {"1", "2", "1.0"}, *outside[] = {"1", "1001"};
    static const struct {
        struct at_file_axis file;
        const struct at_parameter *parameter;
        bool sobol;
        const char *message;
    } cases[] = {
        {{.from = "1", .to = "2"}, &sigma, false, "s.yaml:2: over[0]: key 'points' is missing"},
        {{.from = "1", .points = "2"}, &sigma, false, "s.yaml:2: over[0]: key 'to' is missing: give from and to and points"},
        {{.spacing = "log"}, &sigma, true, "s.yaml:2: over[0]: key 'from' is missing: give from and to, or"},
        {{.from = "x", .to = "2", .points = "2"}, &sigma, false, "s.yaml:3: over[0].from: 'x' is not a finite decimal number: a deviation"},
        {{.from = "nan", .to = "2", .points = "2"}, &sigma, false, "s.yaml:3: over[0].from: 'nan' is not"},
        {{.from = "1", .to = "1e400", .points = "2"}, &sigma, false, "s.yaml:2: over[0].to: '1e400' is not"},
        {{.from = "-1", .to = "2", .points = "2"},
         &sigma,
         false,
         "s.yaml:3: over[0].from: distribution x: sigma=-1 is outside its range, 0 to 1000"},
        {{.from = "1", .to = "1001", .points = "2"}, &sigma, false, "s.yaml:2: over[0].to: distribution x: sigma=1001 is outside"},
        {{.from = "1.5", .to = "3", .points = "2"}, &channels, false, "s.yaml:3: over[0].from: distribution x: channels=1.5: give a whole"},
        {{.from = "2", .to = "1", .points = "2"}, &sigma, false, "s.yaml:2: over[0].to: 1 is not above 'from', 2; exchange them"},
        {{.from = "2", .to = "2.0", .points = "2"}, &sigma, false, "s.yaml:2: over[0].to: 2.0 is not above 'from', 2; exchange them, or"},
        {{.from = "1", .to = "2", .points = "1"}, &sigma, false, "s.yaml:2: over[0].points: '1' is not a whole number from 2 to 1000"},
        {{.from = "1", .to = "2", .points = "1001"}, &sigma, false, "s.yaml:2: over[0].points: '1001' is not"},
        {{.from = "1", .to = "2", .points = "2"}, &sigma, true, "s.yaml:2: over[0].points: an axis of a Sobol sequence has no points"},
        {{.from = "1", .to = "2", .points = "2", .spacing = "lg"}, &sigma, false, "s.yaml:2: over[0].spacing: 'lg' is neither linear nor"},
        {{.from = "0", .to = "2", .points = "2", .spacing = "log"}, &sigma, false, "s.yaml:3: over[0].from: 0 has no logarithm"},
        {{.from = "-3", .to = "2", .spacing = "log"}, &mean, true, "s.yaml:3: over[0].from: -3 has no logarithm"},
        {{.values = one, .values_count = 1, .to = "2"}, &sigma, false, "s.yaml:2: over[0].values: 'values' and 'to' are both given"},
        {{.values = twice, .values_count = 3}, &sigma, false, "s.yaml:2: over[0].values[2]: 1.0 is listed twice"},
        {{.values = outside, .values_count = 2}, &sigma, true, "s.yaml:2: over[0].values[1]: distribution x: sigma=1001 is outside"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct at_error error = {""};
        struct at_sweep_axis axis;
        assert_int_equal(read_axis(&cases[i].file, cases[i].parameter, cases[i].sobol, &axis, &error), AT_ERR_ARGUMENT);
        if (strncmp(error.message, cases[i].message, strlen(cases[i].message)) != 0)
            fail_msg("%s\nis not\n%s", error.message, cases[i].message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(steps), cmocka_unit_test(shares), cmocka_unit_test(refusals)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
