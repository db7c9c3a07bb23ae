/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/break_point.h"

#include "scratch.h"
#include "stats/stats.h"
#include "study/sweep.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char lengths[] = "name: b\nrows: 4\nvariants: [fa3-fp8, fp8-two-level]\ninputs:\n  - distribution: v-mean\n"
                              "    shape: {heads: 1, queries: 8, keys: 64, dim: 32}\n";
/* Without scatter V is 0 where its mean is: the relative error has no value there. */
static const char means[] = "name: m\nrows: 4\nvariants: [fa3-fp8]\ninputs:\n  - distribution: \"v-mean:sigma=%s\"\n"
                            "    shape: {heads: 1, queries: 8, keys: 512, dim: 32}\n";

static struct at_store *store;

static struct at_study study_of(const char *text)
{
    struct at_study study;
    struct at_error error = {""};
    if (scratch_study(text, &study, &error))
        fail_msg("%s", error.message);
    return study;
}

static struct at_breaks find(const struct at_study *study, size_t parameter, struct at_sweep_axis axis, double tolerance,
                             const char *require)
{
    struct at_requirement *requirements;
    struct at_breaks breaks;
    struct at_error error = {""};
    size_t count;
    assert_int_equal(at_requirements_parse(require, &requirements, &count, &error), AT_OK);
    const struct at_break_question question = {study, parameter, false, axis, tolerance, requirements, count};
    assert_int_equal(at_breaks_check(&question, &error), AT_OK);
    if (at_breaks_find(&question, store, NULL, NULL, &breaks, &error))
        fail_msg("%s", error.message);
    for (size_t v = 0; v < breaks.count; v++)
        for (size_t i = 0; i < breaks.rows[v].count; i++) {
            assert_true(i == 0 || breaks.rows[v].looks[i].x > breaks.rows[v].looks[i - 1].x);
            assert_true(breaks.rows[v].looks[i].run > 0);
            breaks.rows[v].looks[i].requirement = NULL; /* of the requirements, which go */
        }
    free(requirements);
    return breaks;
}

static const struct at_sweep_axis keys_axis = {.parameter = &at_case_axes[AT_CASE_KEYS], .from = 64, .to = 2048, .log = true, .points = 4};

/* The bias of the 14-bit accumulator over keys, looked at one by one, first passes -1/256 between the ends of the bracket. */
static void brackets_what_a_scan_finds(void **state)
{
    (void)state;
    struct at_study study = study_of(lengths);
    struct at_breaks b = find(&study, AT_SWEEP_KEYS, keys_axis, 1.05, "dequantised.bias>=-0.00390625");
    assert_int_equal(b.count, 2);
    assert_int_equal(b.rows[0].kind, AT_BREAK_LOST);
    assert_int_equal(b.rows[1].kind, AT_BREAK_NONE); /* two levels have no such bias */
    assert_true(b.rows[0].once && b.rows[0].high <= 1.05 * b.rows[0].low && b.rows[0].low >= 64 && b.rows[0].high <= 2048);
    assert_int_equal(b.runs_done, b.rows[0].count + b.rows[1].count);
    struct at_breaks again = find(&study, AT_SWEEP_KEYS, keys_axis, 1.05, "dequantised.bias>=-0.00390625");
    assert_int_equal(again.runs_done, 0);
    assert_int_equal(again.runs_found, b.runs_done);
    assert_true(again.rows[0].low == b.rows[0].low && again.rows[0].high == b.rows[0].high);
    at_breaks_done(&again);

    double met = 0, missed = INFINITY, step = b.rows[0].low / 8;
    for (double x = 64; x <= 2048; x += step) {
        struct at_sweep_axis one = {
            .parameter = &at_case_axes[AT_CASE_KEYS], .from = floor(x), .to = floor(x) + 1, .log = true, .points = 2};
        struct at_breaks scan = find(&study, AT_SWEEP_KEYS, one, 2, "dequantised.bias>=-0.00390625");
        bool holds = scan.rows[0].looks[0].verdict == AT_MET;
        met = holds && isinf(missed) ? floor(x) : met;
        missed = !holds && isinf(missed) ? floor(x) : missed;
        at_breaks_done(&scan);
        if (!isinf(missed))
            break;
    }
    if (!(met <= b.rows[0].high && missed >= b.rows[0].low && missed - met <= step + 1))
        fail_msg("bisection: %g to %g, scan: %g to %g", b.rows[0].low, b.rows[0].high, met, missed);
    at_breaks_done(&b);
    at_study_done(&study);
}

static void whole_numbers_end_side_by_side(void **state)
{
    (void)state;
    struct at_study study = study_of(lengths);
    struct at_breaks b = find(&study, AT_SWEEP_KEYS, keys_axis, 1.0001, "dequantised.bias>=-0.00390625");
    assert_true(b.rows[0].kind == AT_BREAK_LOST && b.rows[0].high - b.rows[0].low == 1);
    at_breaks_done(&b);
    at_study_done(&study);
}

static void the_whole_range(void **state)
{
    (void)state;
    struct at_study study = study_of(lengths);
    struct at_breaks b = find(&study, AT_SWEEP_KEYS, keys_axis, 1.05, "rel_rmse<=10");
    assert_true(b.rows[0].kind == AT_BREAK_NONE && b.rows[0].count == 4 && b.rows[0].once);
    at_breaks_done(&b);
    b = find(&study, AT_SWEEP_KEYS, keys_axis, 1.05, "rel_rmse<=1e-9");
    assert_true(b.rows[0].kind == AT_BREAK_ALWAYS && b.rows[0].count == 4);
    at_breaks_done(&b);
    b = find(&study, AT_SWEEP_KEYS, keys_axis, 1.05, "dequantised.bias<=-0.00390625"); /* missed where it begins */
    assert_true(b.rows[0].kind == AT_BREAK_GAINED && b.rows[0].high <= 1.05 * b.rows[0].low);
    at_breaks_done(&b);
    at_study_done(&study);
}

static struct at_study study_of_means(const char *sigma)
{
    char text[512];
    snprintf(text, sizeof text, means, sigma);
    return study_of(text);
}

static void one_cannot_say(void **state)
{
    (void)state;
    struct at_study study = study_of_means("0");
    struct at_sweep_axis axis = {.parameter = &study.inputs[0].distribution.distribution->parameters[0], .from = 0, .to = 2, .points = 3};
    struct at_breaks b = find(&study, 0, axis, 1.05, "rel_rmse<=10");
    assert_true(b.rows[0].kind == AT_BREAK_OPEN && b.rows[0].high == 0 && isnan(b.rows[0].low) && isnan(b.rows[0].looks[0].value));
    at_breaks_done(&b);
    axis.from = -2;
    axis.to = 0;
    b = find(&study, 0, axis, 1.05, "rel_rmse<=10");
    assert_true(b.rows[0].kind == AT_BREAK_OPEN && b.rows[0].high == 0 && b.rows[0].low == -1);
    at_breaks_done(&b);
    at_study_done(&study);
}

/* A mean of 0 misses the first, a large one the second. */
static void what_changes_twice_is_told(void **state)
{
    (void)state;
    struct at_study study = study_of_means("1");
    struct at_sweep_axis axis = {.parameter = &study.inputs[0].distribution.distribution->parameters[0], .from = 0, .to = 8, .points = 9};
    struct at_breaks b = find(&study, 0, axis, 1.01, "rel_rmse<=0.03,dequantised.bias>=-0.0065");
    assert_true(b.rows[0].kind == AT_BREAK_GAINED && !b.rows[0].once);
    assert_true(b.rows[0].high - b.rows[0].low <= 0.01 * 8);
    at_breaks_done(&b);
    at_study_done(&study);
}

static enum at_status refused(double to, const char *text)
{
    struct at_study study = study_of(text);
    struct at_requirement *requirements;
    struct at_error error = {""};
    size_t count;
    assert_int_equal(at_requirements_parse("rel_rmse<=1", &requirements, &count, NULL), AT_OK);
    struct at_break_question question = {&study, AT_SWEEP_KEYS, false, keys_axis, 1.05, requirements, count};
    question.axis.to = to;
    enum at_status status = at_breaks_check(&question, &error);
    assert_true(strlen(error.message) > 0);
    free(requirements);
    at_study_done(&study);
    return status;
}

static void what_could_not_be_run_is_refused_first(void **state)
{
    (void)state;
    assert_true(refused(1 << 30, lengths) != AT_OK); /* no memory at the far end */
}

static volatile sig_atomic_t stop = 1;

static void a_signal_ends_it(void **state)
{
    (void)state;
    struct at_study study = study_of(lengths);
    struct at_requirement *requirements;
    struct at_breaks breaks;
    struct at_error error = {""};
    size_t count;
    struct at_study_events events = {.stop = &stop};
    assert_int_equal(at_requirements_parse("rel_rmse<=0.123", &requirements, &count, NULL), AT_OK);
    struct at_break_question question = {&study, AT_SWEEP_KEYS, true, keys_axis, 1.05, requirements, count};
    assert_int_equal(at_breaks_find(&question, store, NULL, &events, &breaks, &error), AT_ERR_INTERRUPTED);
    free(requirements);
    at_study_done(&study);
}

static int open_store(void **state)
{
    (void)state;
    at_stats_init();
    scratch_open();
    return at_store_open(scratch_path("b.db"), AT_STORE_WRITE, &store, NULL);
}

static int close_store(void **state)
{
    (void)state;
    at_store_close(store);
    scratch_close();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(brackets_what_a_scan_finds),
        cmocka_unit_test(whole_numbers_end_side_by_side),
        cmocka_unit_test(the_whole_range),
        cmocka_unit_test(one_cannot_say),
        cmocka_unit_test(what_changes_twice_is_told),
        cmocka_unit_test(what_could_not_be_run_is_refused_first),
        cmocka_unit_test(a_signal_ends_it),
    };
    return cmocka_run_group_tests(tests, open_store, close_store);
}
