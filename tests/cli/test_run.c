/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "tests/cli/command.h"
#include "tests/reports/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static int clean(void **state)
{
    (void)state;
    fixture_done();
    return 0;
}

#define SMALL "--distribution normal --shape 1x3x64x32 --variants fa3-fp16,fa3-fp8 --rows 4"

static void a_run_is_stored_and_found_again(void **state)
{
    (void)state;
    const char *db = fixture_path("t.db");
    struct outcome o = attest("run --db %s " SMALL " --threads 1 --simd scalar", db);
    assert_code(o, 0);
    assert_true(says(o.out, "4 of 64 query rows of each of 3 heads") && says(o.out, "fa3-fp8") && says(o.out, "2 runs computed, 0 found"));
    assert_false(says(o.err, "%")); /* progress is for terminals */
    o = attest("run --db %s " SMALL " --threads 1 --simd scalar --json", db);
    assert_code(o, 0);
    assert_json(o, "run");
    assert_true(says(o.out, "\"runs_done\": 0") && says(o.out, "\"runs_found\": 2"));
    assert_code(attest("gate --db %s --require 'rel_rmse<=0.5,nonfinite==0'", db), 0);
}

static void mistakes_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *arguments;
        int code;
        const char *says;
    } cases[] = {{"", 64, "run what?"},
                 {"--distribution normal --shape 1x3x64x32 --variants fa3-fp9", 64, "fa3-fp8"},
                 {SMALL " --simd avx", 64, "none of auto, scalar, avx2, avx512"},
                 {SMALL " --threads 0", 64, "--threads"},
                 {SMALL " --rowz 3", 64, "--rows"},
                 {SMALL " --layout bshd", 64, "option '--layout' belongs to --input"},
                 {"--input x --variants fa3-fp8 --seeds 5,6", 64, "option '--seeds' belongs to --distribution"},
                 {"--input '' --variants fa3-fp8", 64, "option '--input': its value is empty; write --input FILE"},
                 {"study.yaml --rows 3", 64, "--rows"},
                 {"study.yaml other.yaml", 64, "other.yaml"},
                 {"/nonexistent/study.yaml", 2, "/nonexistent/study.yaml"},
                 {"--input /nonexistent/x.safetensors --variants fa3-fp8", 2, "/nonexistent/x.safetensors"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct outcome o = attest("run --db %s %s", fixture_path("t.db"), cases[i].arguments);
        assert_code(o, cases[i].code);
        assert_complaint(o, cases[i].says);
        assert_int_not_equal(access(fixture_path("t.db"), F_OK), 0); /* what was not run leaves no database */
    }
    struct outcome o = attest("run --db /nonexistent/t.db " SMALL);
    assert_code(o, 2);
    assert_complaint(o, "/nonexistent/t.db");
}

/* Query heads of one group share K and V: what the intervals need is counted in key/value heads. */
static void few_heads_have_no_interval(void **state)
{
    (void)state;
    struct outcome o = attest("run --db %s --distribution normal --shape 1x4:2x64x32 --variants fa3-fp8 --rows 4", fixture_path("t.db"));
    assert_code(o, 0);
    assert_true(says(o.out, "each of 4 heads") && says(o.out, "No intervals: they need 12 key/value heads, here there are 2."));
    o = attest("run --db %s --distribution normal --shape 1x22:11x64x32 --variants fa3-fp8 --rows 4", fixture_path("u.db"));
    assert_code(o, 0);
    assert_true(says(o.out, "each of 22 heads") && says(o.out, "No intervals: they need 12 key/value heads, here there are 11."));
    assert_true(says(o.out, " \u2013 "));
    o = attest("run --db %s --distribution normal --shape 1x24:12x64x32 --variants fa3-fp8 --rows 4", fixture_path("v.db"));
    assert_code(o, 0);
    assert_false(says(o.out, "No interval") || says(o.out, " \u2013 "));
}

static void variants_stay_in_the_order_asked(void **state)
{
    (void)state;
    const char *db = fixture_path("t.db");
    assert_code(attest("run --db %s " SMALL, db), 0);
    struct outcome o = attest("run --db %s --distribution normal --shape 1x3x64x32 --variants fp8-token,fa3-fp8,fa3-fp16 --rows 4", db);
    assert_code(o, 0);
    const char *token = strstr(o.out, "fp8-token"), *fp8 = strstr(o.out, "fa3-fp8"), *fp16 = strstr(o.out, "fa3-fp16");
    assert_true(token && fp8 && fp16 && token < fp8 && fp8 < fp16);
}

/* Facts that went into a file without a name are lost: no success. A log (-wal) that holds something: opened, and facts are written. */
static void a_database_removed_meanwhile_is_told(void **state)
{
    (void)state;
    static const char *const meanwhile[] = {"rm %s", "mv %s %s.moved", "mv %s %s.moved; echo > %s"};
    for (size_t i = 0; i < 3; i++) {
        const char *db = fixture_path((const char *[]){"a.db", "b.db", "c.db"}[i]); /* a log left behind is of another file */
        char act[512], line[1024];
        snprintf(act, sizeof act, meanwhile[i], db, db, db);
        snprintf(line, sizeof line,
                 "run --distribution normal --shape 1x3x1024x64 --seeds 1,2,3 --variants fa3-fp16,fa3-fp8 --rows 3 --threads 1 "
                 "--db %s & until [ -s %s-wal ] || ! kill -0 $!; do sleep 0.02; done; %s; wait $!",
                 db, db, act);
        struct outcome o = attest("%s", line);
        assert_code(o, 2);
        assert_complaint(o, "was removed or replaced during the run");
        assert_string_equal(o.out, "");
    }
}

/* A signal ends the run between two facts; the same command goes on and ends with the facts of a run never stopped. */
static void a_stopped_run_goes_on(void **state)
{
    (void)state;
    static const char work[] =
        "run --distribution normal --shape 1x3x1024x64 --seeds 1,2,3,4,5,6,7,8 --variants fa3-fp16,fa3-fp8 --rows 3 --threads 1";
    static const char shown[] = "show results --metric rel_rmse --against original";
    const char *stopped = fixture_path("stopped.db"), *whole = fixture_path("whole.db");
    struct outcome o =
        attest("%s --db %s & until [ -s %s ] || ! kill -0 $!; do sleep 0.02; done; kill -INT $!; wait $!", work, stopped, stopped);
    assert_code(o, 130);
    assert_true(says(o.err, "the same command goes on from there"));
    assert_code(attest("%s --db %s", work, stopped), 0);
    assert_code(attest("%s --db %s", work, whole), 0);
    o = attest("%s --db %s", shown, stopped);
    assert_code(o, 0);
    char *facts = strdup(o.out);
    o = attest("%s --db %s", shown, whole);
    assert_string_equal(o.out, facts);
    free(facts);
}

int main(int argc, char **argv)
{
    command_program(argc > 1 ? argv[1] : "attest");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_run_is_stored_and_found_again, clean),
        cmocka_unit_test_teardown(mistakes_are_named, clean),
        cmocka_unit_test_teardown(few_heads_have_no_interval, clean),
        cmocka_unit_test_teardown(variants_stay_in_the_order_asked, clean),
        cmocka_unit_test_teardown(a_database_removed_meanwhile_is_told, clean),
        cmocka_unit_test_teardown(a_stopped_run_goes_on, clean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
