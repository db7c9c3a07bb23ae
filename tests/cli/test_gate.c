/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "reports/interval.h"
#include "tests/cli/command.h"
#include "tests/reports/fixture.h"

#include <jansson.h>
#include <signal.h>
#include <stdio.h>
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

static const char *database(void)
{
    const char *path = fixture_path("t.db");
    at_store_close(fixture_store(path));
    return path;
}

static void the_exit_code_is_the_verdict(void **state)
{
    (void)state;
    static const struct {
        const char *arguments;
        int code;
        const char *says;                                                                           /* in the table */
    } cases[] = {{"--variant good --case plain --require 'max_rel_sum_abs<=0.5'", 2, "cannot say"}, /* seed 2 is undefined */
                 {"--variant broken --require 'nonfinite==0'", 1, "not met"},
                 {"--variant broken --require 'nonfinite==7'", 0, "met"},
                 {"--variant broken --require 'rel_rmse<=1e300'", 1, "not met"}, /* infinite */
                 {"--variant broken --require 'nonfinite==7,rel_rmse<=1'", 1, "not met"},
                 {"--require 'rel_rmse<=0.5'", 1, "not met"}, /* one that is not met outweighs what is unknown */
                 {"--variant good --require 'cosine_min>=-1'", 2, "cannot say"},
                 {"--variant good --require 'saturated<=1'", 2, "not measured"},
                 {"--case '<script>alert(\"x\")</script>&'\\''`$(touch pwned)\\' --require 'max_rel_sum_abs<=0.5'", 2,
                  "3 rows have no finite truth"},
                 {"--case '<script>alert(\"x\")</script>&'\\''`$(touch pwned)\\' --require 'max_rel_sum_abs<=0.001'", 1, "not met"},
                 {"--case '<script>alert(\"x\")</script>&'\\''`$(touch pwned)\\' --require 'nonfinite==0'", 0, "met"}}; /* needs no truth */
    const char *db = database();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct outcome o = attest("gate --db %s %s", db, cases[i].arguments);
        assert_code(o, cases[i].code);
        assert_true(says(o.out, cases[i].says));
        o = attest("gate --db %s --json %s", db, cases[i].arguments);
        assert_code(o, cases[i].code);
        assert_json(o, "gate");
    }
}

static void what_needs_no_truth_has_no_radius(void **state)
{
    (void)state;
    struct outcome o = attest("gate --db %s --variant broken --require 'dequantised.nonfinite<=7'", database());
    assert_code(o, 0);
}

static void what_cannot_be_judged_never_reads_as_met(void **state)
{
    (void)state;
    const char *db = database();
    static const char *const usage[] = {"",
                                        "--require ''",
                                        "--require 'rel_rsme<=1'",
                                        "--require 'rel_rmse<=nan'",
                                        "--require 'rel_rmse=1'",
                                        "--require 'rel_rmse<=1,'",
                                        "--require 'rel_rmse<=1' extra",
                                        "--require 'rel_rmse<=1' --require 'bias<=1'"};
    for (size_t i = 0; i < sizeof usage / sizeof usage[0]; i++)
        assert_code(attest("gate --db %s %s", db, usage[i]), 64);
    assert_complaint(attest("gate --db %s --require 'rel_rsme<=1'", db), "rel_rmse");
    assert_code(attest("gate --db %s --require 'nonfinite<=9' --case plan", db), 2);
    assert_code(attest("gate --db %s --require 'nonfinite<=9' --study other", db), 2);
    assert_code(attest("gate --db %s.none --require 'nonfinite<=9'", db), 2);
    at_store_close(fixture_empty(fixture_path("empty.db")));
    assert_code(attest("gate --db %s --require 'nonfinite<=9'", fixture_path("empty.db")), 2);
    assert_code(attest("gate --db %s --variant broken --require 'nonfinite==7' > /dev/full", db), 2); /* met, but nobody could read it */
}

/* Seeds in full, the interval beside the value, and the interval as what is judged. */
static void seeds_and_intervals(void **state)
{
    (void)state;
    const char *db = fixture_path("s.db");
    assert_code(attest("run --db %s --distribution normal --shape 1x12x32x32 --seeds 9007199254740993 --variants fa3-fp8", db), 0);
    struct outcome o = attest("gate --db %s --require 'rel_rmse<=1'", db);
    assert_code(o, 0);
    assert_true(says(o.out, "9007199254740993") && says(o.out, " to ") && says(o.out, "--confidence 0.95"));
    o = attest("gate --db %s --require 'rel_rmse<=1' --confidence 0.95", db);
    assert_code(o, 0);
    assert_true(says(o.out, "Judged by the 95 % intervals"));
    o = attest("gate --db %s --require 'nonfinite==0' --confidence 0.95", db);
    assert_code(o, 2);
    assert_true(says(o.out, "no interval"));
    o = attest("gate --db %s --require 'rel_rmse<=1' --confidence 0.95 --json", db);
    assert_true(says(o.out, "\"interval\": [") && says(o.out, "9007199254740993"));
    assert_code(attest("gate --db %s --require 'rel_rmse<=1' --confidence 0.9", db), 64);
    assert_code(attest("gate --db %s --require 'rel_rmse<=1' --confidence x", db), 64);
    assert_code(attest("gate --db %s --require 'rel_rmse<=1' --study-id 1", db), 0);
    assert_complaint(attest("gate --db %s --require 'rel_rmse<=1' --study-id 7", db), "no study 7");
    assert_code(attest("gate --db %s --require 'rel_rmse<=1' --study-id 0", db), 64);
}

/* One key/value head fewer than an interval takes: the value is judged, the interval cannot be; the help says how many it takes. */
static void too_few_heads_cannot_say(void **state)
{
    (void)state;
    const char *db = fixture_path("few.db");
    char needed[64];
    snprintf(needed, sizeof needed, "fewer than %d key/value heads", AT_INTERVAL_FEWEST);
    assert_true(says(attest("gate --help").out, needed));
    snprintf(needed, sizeof needed, "only of rel_rmse, from %d key/value heads on", AT_INTERVAL_FEWEST);
    assert_code(attest("run --db %s --distribution normal --shape 1x%dx32x32 --variants fa3-fp8", db, AT_INTERVAL_FEWEST - 1), 0);
    assert_code(attest("gate --db %s --require 'rel_rmse<=1'", db), 0);
    struct outcome o = attest("gate --db %s --require 'rel_rmse<=1' --confidence 0.95", db);
    assert_code(o, 2);
    assert_true(says(o.out, needed));
    o = attest("gate --db %s --require 'rel_rmse<=1' --confidence 0.95 --json", db);
    assert_true(says(o.out, "\"interval\": null"));
}

/* A study asked twice with other variants: the run both ask for is computed once and judged once; each stands for what it asks. */
static void what_two_studies_share(void **state)
{
    (void)state;
    const char *db = fixture_path("two.db"), *both = "--distribution normal --shape 1x2x32x32 --variants";
    assert_code(attest("run --db %s %s fa3-fp16", db, both), 0);
    struct outcome o = attest("run --db %s %s fa3-fp16,fa3-fp8", db, both);
    assert_code(o, 0);
    assert_true(says(o.out, "1 runs computed, 1 found"));
    o = attest("gate --db %s --require 'rel_rmse<=1'", db);
    assert_code(o, 0);
    assert_true(says(o.out, "met: 2 met, 0 not met, 0 cannot say"));
    o = attest("show --db %s studies --json", db);
    assert_true(says(o.out, "\"done\": 2") && says(o.out, "\"runs\": 1"));
}

/* The "case" of each run in an array of objects. */
static json_t *cases_of(struct outcome o, const char *name, const char *array)
{
    json_t *document = json_loads(o.out, 0, NULL), *cases = json_object(), *row, *rows = json_object_get(document, name);
    size_t i;
    rows = array ? json_object_get(rows, array) : rows;
    assert_true(json_array_size(rows) > 0);
    json_array_foreach(rows, i, row)
    {
        char run[32];
        snprintf(run, sizeof run, "%lld", (long long)json_integer_value(json_object_get(row, "run")));
        json_object_set(cases, run, json_object_get(row, "case"));
    }
    json_decref(document);
    return cases;
}

/* Cases of one label have one name wherever they are shown: in show, gate and verify, in tables and in JSON. */
static void names_tell_cases_apart(void **state)
{
    (void)state;
    static const char *const runs[] = {
        "--distribution v-mean:mean=0.1 --distribution v-mean:mean=8 --shape 1x1x64x32 --seeds 1,2 --rows 2",
        "--distribution v-mean:mean=8 --shape 1x1x64x64 --causal --format bf16 --rows 2",
        "--distribution v-mean:mean=8 --shape 1x2:1x64:128x32 --rows 3 --rows-seed 7",
    };
    char db[128], kpi[128];
    snprintf(db, sizeof db, "%s", fixture_path("n.db"));
    snprintf(kpi, sizeof kpi, "%s", fixture_path("n.yaml"));
    FILE *file = fopen(kpi, "w");
    assert_non_null(file);
    fputs("name: n\nrequirements:\n  - {metric: rel_rmse, at-most: 1}\n", file);
    fclose(file);
    for (size_t i = 0; i < sizeof runs / sizeof runs[0]; i++) {
        assert_code(attest("run --db %s %s --variants fa3-fp8", db, runs[i]), 0);
        json_t *shown = cases_of(attest("show results --db %s --json", db), "results", NULL);
        json_t *gated = cases_of(attest("gate --require 'rel_rmse<=9' --db %s --json", db), "gate", "judgements");
        json_t *verified = cases_of(attest("verify --db %s --json", db), "verify", "runs");
        assert_true(json_equal(shown, gated) && json_equal(shown, verified));
        json_decref(shown);
        json_decref(gated);
        json_decref(verified);
    }
    const char *first = "v-mean, d 32, 1 heads, 64 keys, not causal, fp16, v-mean:mean=0.1,sigma=1, seed 1";
    assert_true(says(attest("gate --require 'rel_rmse<=9' --db %s", db).out, first));
    assert_true(says(attest("verify --db %s", db).out, first));
    struct outcome o = attest("gate --kpi %s --db %s", kpi, db);
    assert_code(o, 0);
    assert_true(says(o.out, "fp16, v-mean:mean=0.1,sigma=1, 2 rows of seed 1"));
    assert_true(says(o.out, "fp16, v-mean:mean=8,sigma=1, 3 rows of seed 7"));
    o = attest("gate --kpi %s --db %s --json", kpi, db);
    assert_true(says(o.out, "v-mean:mean=8,sigma=1, 3 rows of seed 7") && says(o.out, "\"label\": \"v-mean\""));
}

int main(int argc, char **argv)
{
    command_program(argc > 1 ? argv[1] : "attest");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(the_exit_code_is_the_verdict, clean),
        cmocka_unit_test_teardown(what_needs_no_truth_has_no_radius, clean),
        cmocka_unit_test_teardown(what_cannot_be_judged_never_reads_as_met, clean),
        cmocka_unit_test_teardown(seeds_and_intervals, clean),
        cmocka_unit_test_teardown(too_few_heads_cannot_say, clean),
        cmocka_unit_test_teardown(what_two_studies_share, clean),
        cmocka_unit_test_teardown(names_tell_cases_apart, clean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
