/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/gate.h"

#include "scratch.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* A run of `variant` with one reference and measures of two metrics. */
static void put_run(struct at_store *store, const char *study, const char *variant, const char *label, double rel_rmse, double radius,
                    double nonfinite, int64_t undefined)
{
    struct at_build_fact build = {"b", "0", "", "c", "{}"};
    struct at_device_fact device = {"cpu", "d", "{}"};
    struct at_study_fact s = {study, study, study};
    struct at_input_fact input = {.source = "distribution",
                                  .spelling = label,
                                  .label = label,
                                  .format = "fp16",
                                  .seed = 3,
                                  .problem = {1, 1, 1, 8, 16, 32, false, 0},
                                  .input_sha256 = label};
    struct at_variant_fact v = {variant, variant};
    struct at_run_fact run = {.key = {.rows = 4, .rows_seed = 1}, .operands_sha256 = "o", .output_sha256 = "p"};
    assert_int_equal(at_store_put_build(store, &build, &run.key.build, NULL), AT_OK);
    assert_int_equal(at_store_put_device(store, &device, &run.key.device, NULL), AT_OK);
    assert_int_equal(at_store_put_study(store, &s, &run.key.study, NULL), AT_OK);
    assert_int_equal(at_store_put_input(store, &input, &run.key.input, NULL), AT_OK);
    assert_int_equal(at_store_put_variant(store, &v, &run.key.variant, NULL), AT_OK);
    struct at_reference_fact reference = {.against = "original",
                                          .operands_sha256 = "",
                                          .oracle = "mpfr",
                                          .truth_sha256 = "t",
                                          .precision_bits = 99,
                                          .radius_log2 = -100,
                                          .undefined_rows = undefined};
    struct at_measure_fact measures[] = {{0, AT_SCOPE_CASE, -1, -1, -1, "rel_rmse", rel_rmse, radius},
                                         {0, AT_SCOPE_CASE, -1, -1, -1, "nonfinite", nonfinite, NAN},
                                         {0, AT_SCOPE_HEAD, 0, 0, -1, "rel_rmse", 1e9, 0},
                                         {0, AT_SCOPE_HEAD, 0, 0, -1, "rmse", 7, 0}};
    int64_t counts[1] = {0}, id;
    struct at_histogram_fact histogram = {.first = 0, .bins = 1, .counts = counts};
    struct at_error error = {""};
    if (at_store_put_run(store, &run, &reference, 1, measures, 4, &histogram, 1, &id, &error))
        fail_msg("%s", error.message);
}

static struct at_gate_result evaluate_by(struct at_store *store, struct at_gate_filter filter, struct at_gate_rule rule, const char *text)
{
    struct at_requirement *r;
    size_t count;
    struct at_gate_result result;
    struct at_error error = {""};
    assert_int_equal(at_requirements_parse(text, &r, &count, &error), AT_OK);
    if (at_gate_evaluate(store, &filter, &rule, r, count, &result, &error))
        fail_msg("%s", error.message);
    free(r);
    return result;
}

static struct at_gate_result evaluate(struct at_store *store, struct at_gate_filter filter, const char *text)
{
    return evaluate_by(store, filter, (struct at_gate_rule){0}, text);
}

static void expect(struct at_store *store, struct at_gate_filter filter, const char *text, size_t met, size_t not_met, size_t cannot_say)
{
    struct at_gate_result r = evaluate(store, filter, text);
    if (r.met != met || r.not_met != not_met || r.cannot_say != cannot_say || r.count != met + not_met + cannot_say)
        fail_msg("%s: %zu met, %zu not met, %zu cannot say", text, r.met, r.not_met, r.cannot_say);
    assert_int_equal(r.verdict, not_met ? AT_NOT_MET : cannot_say || r.count == 0 ? AT_CANNOT_SAY : AT_MET);
    at_gate_done(&r);
}

static void verdicts(void **state)
{
    (void)state;
    struct at_store *store;
    assert_int_equal(at_store_open(scratch_path("g.db"), AT_STORE_WRITE, &store, NULL), AT_OK);
    struct at_gate_filter all = {0};
    expect(store, all, "rel_rmse<=1", 0, 0, 0); /* no run: cannot say */
    put_run(store, "one", "good", "a", 0.01, 1e-20, 0, 0);
    put_run(store, "one", "bad", "a", 0.5, 1e-20, 3, 0);
    put_run(store, "two", "near", "b", 0.05, 0.01, 0, 0);
    put_run(store, "two", "null", "b", NAN, NAN, 0, 0);
    put_run(store, "two", "half", "b", 0.01, 1e-20, 0, 2);
    struct at_gate_filter good = {.variant = "good"}, bad = {.variant = "bad"}, near = {.variant = "near"}, null = {.variant = "null"},
                          half = {.variant = "half"};
    expect(store, good, "rel_rmse<=0.05,nonfinite==0", 2, 0, 0);
    expect(store, bad, "rel_rmse<=0.05", 0, 1, 0);
    expect(store, bad, "rel_rmse<=1,nonfinite==0", 1, 1, 0);
    expect(store, near, "rel_rmse<=0.05", 0, 0, 1);
    expect(store, near, "rel_rmse<=0.1", 1, 0, 0);
    expect(store, null, "rel_rmse<=0.05,nonfinite==0", 1, 0, 1);
    expect(store, half, "rel_rmse<=0.05", 0, 0, 1);          /* two rows have no truth: met for the others only */
    expect(store, half, "rel_rmse<=0.001", 0, 1, 0);         /* but not met is not met */
    expect(store, half, "nonfinite==0", 1, 0, 0);            /* needs no truth */
    expect(store, good, "rmse<=1", 0, 0, 1);                 /* not stored */
    expect(store, good, "dequantised.rel_rmse<=1", 0, 0, 1); /* no such reference */
    expect(store, (struct at_gate_filter){.study = "one"}, "rel_rmse<=1", 2, 0, 0);
    expect(store, (struct at_gate_filter){.study_id = 1}, "rel_rmse<=1", 2, 0, 0);
    expect(store, (struct at_gate_filter){.label = "b"}, "rel_rmse<=1", 1, 0, 2);
    expect(store, all, "rel_rmse<=0.05", 1, 1, 3);
    expect(store, (struct at_gate_filter){.study = "none"}, "rel_rmse<=1", 0, 0, 0);
    at_store_close(store);
}

static void rows(void **state)
{
    (void)state;
    struct at_store *store;
    assert_int_equal(at_store_open(scratch_path("r.db"), AT_STORE_WRITE, &store, NULL), AT_OK);
    put_run(store, "one", "first", "a", 0.01, 1e-20, 0, 0);
    put_run(store, "one", "second", "a", 0.5, 1e-20, 3, 0);
    struct at_gate_result r = evaluate(store, (struct at_gate_filter){0}, "rel_rmse<=0.05,nonfinite==0");
    assert_int_equal(r.count, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_string_equal(r.rows[i].variant, i < 2 ? "first" : "second");
        assert_string_equal(r.rows[i].study, "one");
        assert_string_equal(r.rows[i].label, "a");
        assert_int_equal(r.rows[i].requirement, i % 2);
        assert_true(r.rows[i].seed == 3 && r.rows[i].seq_q == 8 && r.rows[i].seq_k == 16 && r.rows[i].rows == 4);
    }
    assert_true(r.rows[0].value == 0.01 && r.rows[0].radius == 1e-20 && r.rows[3].value == 3 && r.rows[3].radius == 0);
    at_gate_done(&r);
    at_store_close(store);
}

/* Half and twice the mean of the heads, so that the test knows what was handed over. */
static enum at_status half_and_twice(const double *rmse, const double *rel_rmse, size_t heads, size_t group, double value,
                                     struct at_interval *ret)
{
    if (heads != 1 || group != 1 || rmse[0] != 7 || rel_rmse[0] != 1e9)
        return AT_ERR_UNDEFINED;
    *ret = (struct at_interval){value / 2, value * 2};
    return AT_OK;
}

static void by_interval(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum at_verdict by_value, by_interval;
    } cases[] = {{"rel_rmse<=0.05", AT_MET, AT_CANNOT_SAY},  {"rel_rmse<=0.08", AT_MET, AT_CANNOT_SAY}, /* the radius counts there too */
                 {"rel_rmse<=0.09", AT_MET, AT_MET},         {"rel_rmse<=0.03", AT_NOT_MET, AT_CANNOT_SAY},
                 {"rel_rmse<=0.01", AT_NOT_MET, AT_NOT_MET}, {"rel_rmse==0.04", AT_CANNOT_SAY, AT_CANNOT_SAY},
                 {"nonfinite==0", AT_MET, AT_CANNOT_SAY}};
    struct at_store *store;
    assert_int_equal(at_store_open(scratch_path("i.db"), AT_STORE_WRITE, &store, NULL), AT_OK);
    put_run(store, "one", "v", "a", 0.04, 1e-20, 0, 0);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct at_gate_rule rule = {.interval = half_and_twice};
        struct at_gate_result r = evaluate_by(store, (struct at_gate_filter){0}, rule, cases[i].text);
        assert_int_equal(r.count, 1);
        assert_int_equal(r.verdict, cases[i].by_value);
        assert_true(i == 6 ? isnan(r.rows[0].interval.low) : r.rows[0].interval.low == 0.02 && r.rows[0].interval.high == 0.08);
        at_gate_done(&r);
        rule.by_interval = true;
        r = evaluate_by(store, (struct at_gate_filter){0}, rule, cases[i].text);
        if (r.verdict != cases[i].by_interval)
            fail_msg("%s: %s", cases[i].text, at_verdict_name(r.verdict));
        at_gate_done(&r);
    }
    at_store_close(store);
}

static const struct at_input_fact planned_input = {
    .source = "capture", .spelling = "x", .label = "x", .format = "fp16", .problem = {1, 1, 1, 8, 16, 32, false, 0}, .input_sha256 = "c0"};

static int64_t put_plan(struct at_store *store, const char *text, bool of_file, const int64_t variants[2])
{
    struct at_study_fact study = {text, "planned", text};
    struct at_planned_fact planned[] = {{planned_input, 0, variants[0], 4, 1, "mpfr", {.tokens = 0}},
                                        {planned_input, 0, variants[1], 4, 1, "mpfr", {.tokens = 0}}};
    struct at_error error = {""};
    int64_t id;
    if (at_store_put_plan(store, &study, of_file, planned, variants[1] ? 2 : 1, &id, &error))
        fail_msg("%s", error.message);
    return id;
}

static void put_planned_run(struct at_store *store, int64_t study, int64_t variant, const char *content, double rel_rmse)
{
    struct at_build_fact build = {"b", "0", "", "c", "{}"};
    struct at_device_fact device = {"cpu", "d", "{}"};
    struct at_input_fact input = planned_input;
    struct at_run_fact run = {.key = {.study = study, .variant = variant, .rows = 4, .rows_seed = 1, .oracle = "mpfr"},
                              .operands_sha256 = "o",
                              .output_sha256 = "p"};
    struct at_reference_fact reference = {.against = "original", .operands_sha256 = "", .oracle = "mpfr", .truth_sha256 = "t"};
    struct at_measure_fact measure = {0, AT_SCOPE_CASE, -1, -1, -1, "rel_rmse", rel_rmse, 0};
    int64_t id;
    input.input_sha256 = content;
    input.nan = 2;
    input.infinite = 1;
    assert_int_equal(at_store_put_build(store, &build, &run.key.build, NULL), AT_OK);
    assert_int_equal(at_store_put_device(store, &device, &run.key.device, NULL), AT_OK);
    assert_int_equal(at_store_put_found(store, study, 0, &input, &run.key.input, NULL), AT_OK);
    assert_int_equal(at_store_put_run(store, &run, &reference, 1, &measure, 1, NULL, 0, &id, NULL), AT_OK);
}

/* What was asked is judged, whether it was run or not; and once, however many studies ask for it. */
static void what_was_asked(void **state)
{
    (void)state;
    struct at_store *store;
    int64_t variants[2], one[2] = {0};
    assert_int_equal(at_store_open(scratch_path("p.db"), AT_STORE_WRITE, &store, NULL), AT_OK);
    assert_int_equal(at_store_put_variant(store, &(struct at_variant_fact){"v", "v"}, &variants[0], NULL), AT_OK);
    assert_int_equal(at_store_put_variant(store, &(struct at_variant_fact){"w", "w"}, &variants[1], NULL), AT_OK);
    one[0] = variants[0];
    struct at_gate_filter all = {0};
    int64_t study = put_plan(store, "a", true, variants);
    expect(store, all, "rel_rmse<=0.05", 0, 0, 2); /* killed before the first */
    put_planned_run(store, study, variants[0], "c0", 0.01);
    expect(store, all, "rel_rmse<=0.05", 1, 0, 1); /* and after it */
    struct at_gate_result r = evaluate(store, all, "rel_rmse<=0.05");
    assert_true(r.not_run == 1 && r.rows[0].run == 1 && r.rows[1].run == 0 && strcmp(r.rows[1].variant, "w") == 0);
    assert_true(r.rows[0].nan == 2 && r.rows[0].infinite == 1);
    at_gate_done(&r);
    put_planned_run(store, study, variants[1], "c0", 0.02);
    expect(store, all, "rel_rmse<=0.05", 2, 0, 0);
    put_plan(store, "flags", false, one); /* asks for one of them again */
    expect(store, all, "rel_rmse<=0.05", 2, 0, 0);
    put_planned_run(store, study, variants[0], "c1", 0.5); /* captured again, worse */
    expect(store, all, "rel_rmse<=0.05", 0, 1, 1);
    int64_t later = put_plan(store, "b", true, one); /* the file no longer asks for w */
    expect(store, all, "rel_rmse<=0.05", 0, 1, 0);
    expect(store, (struct at_gate_filter){.study_id = study}, "rel_rmse<=0.05", 0, 1, 1);
    expect(store, (struct at_gate_filter){.study_id = later}, "rel_rmse<=0.05", 0, 1, 0);
    at_store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(verdicts), cmocka_unit_test(rows), cmocka_unit_test(by_interval),
                                       cmocka_unit_test(what_was_asked)};
    scratch_open();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    scratch_close();
    return failed;
}
