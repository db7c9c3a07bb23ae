/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "tests/cli/command.h"
#include "tests/reports/fixture.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

#define SMALL "--family structured:any --variant fa3-fp8 --shape 1x1x64x32 --rows 4 --threads 1"

static void paths(char db[256], char capture[256], char study[256])
{
    snprintf(db, 256, "%s", fixture_path("t.db"));
    snprintf(capture, 256, "%s", fixture_path("w.safetensors"));
    snprintf(study, 256, "%s", fixture_path("w.yaml"));
}

/* The figure of the search is that of its study file, and of the capture alone: in other databases, which know nothing of it. */
static void what_is_found_runs_again(void **state)
{
    (void)state;
    char db[256], capture[256], study[256];
    paths(db, capture, study);
    struct outcome o = attest("search --db %s " SMALL " --evaluations 80 -o %s --json", db, capture);
    assert_code(o, 0);
    assert_json(o, "search");
    assert_string_equal(o.err, "");
    json_t *root = json_loads(o.out, 0, NULL), *found = json_object_get(root, "search");
    double value = json_real_value(json_object_get(found, "value")), radius = json_real_value(json_object_get(found, "radius"));
    assert_true(value - radius == json_real_value(json_object_get(found, "lower_bound")));
    assert_true(json_real_value(json_object_get(found, "times_normal")) > 3);
    assert_int_equal(json_integer_value(json_object_get(found, "evaluations")), 80);
    assert_true(json_array_size(json_object_get(found, "curve")) > 2);
    char stored[256], wanted[64];
    const char *const again[] = {study, "--rows 4 --oracle certified --variants fa3-fp8 --input"};
    snprintf(wanted, sizeof wanted, "%.17g", value);
    for (int i = 0; i < 2; i++) {
        snprintf(stored, sizeof stored, "%s", fixture_path(i ? "u.db" : "v.db"));
        assert_code(attest("run --db %s %s %s", stored, again[i], i ? capture : ""), 0);
        o = attest("show results --db %s --metric rel_rmse --against original --json", stored);
        assert_code(o, 0);
        json_error_t why;
        json_t *shown = json_loads(o.out, 0, &why);
        char *all = json_dumps(shown, JSON_REAL_PRECISION(17));
        if (!says(all, wanted))
            fail_msg("%s is not in %s", wanted, all);
        free(all);
        json_decref(shown);
    }
    json_decref(root);
}

static void the_claim_is_a_lower_bound(void **state)
{
    (void)state;
    char db[256], capture[256], study[256];
    paths(db, capture, study);
    struct outcome o =
        attest("search --db %s " SMALL " --evaluations 30 -o %s --metric max_rel_sum_abs --against dequantised", db, capture);
    assert_code(o, 0);
    assert_true(says(o.out, "The worst max_rel_sum_abs against the dequantised operands of fa3-fp8 on this shape is at least "));
    assert_true(says(o.out, "That is a lower bound: how much worse it can be is not known."));
    assert_true(says(o.out, "To repeat: attest run ") && says(o.out, "Ended by: evaluations"));
    assert_string_equal(o.err, ""); /* progress is for terminals */
    o = attest("search --db %s " SMALL " --budget 0.3s -o %s --no-local --force", db, capture);
    assert_code(o, 0);
    assert_true(says(o.out, "Ended by: time") && !says(o.out, "changes of elements"));
}

static void mistakes_leave_nothing(void **state)
{
    (void)state;
    char db[256], capture[256], study[256];
    paths(db, capture, study);
    static const struct {
        const char *arguments;
        int code;
        const char *says;
    } cases[] = {{"--family normal --variant fa3-fp8 --shape 1x1x64x32", 64, "no parameter is free"},
                 {SMALL " --metric snr_db", 64, "take rel_rmse"},
                 {SMALL " --budget 0", 64, "not a time above 0"},
                 {SMALL " -o x.txt", 64, "NAME.safetensors"},
                 {SMALL " -o /nonexistent/x.safetensors", 2, "/nonexistent/x.safetensors"},
                 {"--family normal:any --variant fa3-fp8 --shape 1x64x1048576x128 --rows 1048576", 2, "look at fewer rows, heads or keys"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bool named = strstr(cases[i].arguments, "-o ");
        struct outcome o = attest("search --db %s %s%s%s", db, cases[i].arguments, named ? "" : " -o ", named ? "" : capture);
        assert_code(o, cases[i].code);
        assert_complaint(o, cases[i].says);
        assert_true(access(db, F_OK) != 0 && access(capture, F_OK) != 0);
    }
    assert_code(attest("search --db %s " SMALL " --evaluations 4 -o %s", db, capture), 0);
    struct outcome o = attest("search --db %s " SMALL " --evaluations 4 -o %s", db, capture);
    assert_code(o, 2);
    assert_complaint(o, "w.safetensors: is there already; give another name, or --force");
    assert_code(attest("search --db %s " SMALL " --evaluations 4 -o %s --force", db, capture), 0);
}

/* Ctrl-C: what was found so far is kept, run again and told. */
static void a_stop_keeps_the_champion(void **state)
{
    (void)state;
    char db[256], capture[256], study[256];
    paths(db, capture, study);
    struct outcome o = attest("search --db %s " SMALL " --budget 60s -o %s & pid=$!; sleep 0.6; kill -INT $pid; wait $pid", db, capture);
    assert_code(o, 130);
    assert_true(says(o.out, "Ended by: stopped") && says(o.out, "at least"));
    assert_true(access(capture, F_OK) == 0 && access(study, F_OK) == 0);
}

int main(int argc, char **argv)
{
    command_program(argc > 1 ? argv[1] : "attest");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(what_is_found_runs_again, clean),
        cmocka_unit_test_teardown(the_claim_is_a_lower_bound, clean),
        cmocka_unit_test_teardown(mistakes_leave_nothing, clean),
        cmocka_unit_test_teardown(a_stop_keeps_the_champion, clean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
