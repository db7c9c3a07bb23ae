/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/kpi_judge.h"

#include "kpi_fixture.h"
#include "scratch.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static struct at_kpi_result evaluate(struct at_store *store, const char *text, const char *variant)
{
    struct at_kpi kpi;
    struct at_kpi_result result;
    struct at_error error = {""};
    const struct at_gate_filter filter = {.variant = variant};
    if (at_kpi_parse("k.yaml", text, strlen(text), &kpi, &error) || at_kpi_evaluate(store, &kpi, &filter, &result, &error))
        fail_msg("%s", error.message);
    at_kpi_done(&kpi);
    return result;
}

/* The verdict on `variant`, and the first judgement's reason holds `says`. */
static void expect(struct at_store *store, const char *text, const char *variant, enum at_verdict verdict, const char *says)
{
    struct at_kpi_result r = evaluate(store, text, variant);
    if (r.verdict != verdict || r.count == 0 || !strstr(r.judgements[0].reason, says))
        fail_msg("%s\non %s: %s, %zu judgements: %s", text, variant, at_verdict_name(r.verdict), r.count,
                 r.count ? r.judgements[0].reason : "");
    assert_int_equal(r.met + r.not_met + r.cannot_say, r.count);
    at_kpi_result_done(&r);
}

#define ONE(rest) "name: k\nrequirements:\n  - {metric: rel_rmse, " rest "}\n"
#define QUANTILE ONE("statistic: quantile, coverage: 0.95, at-most: 0.1")
#define ANY ONE("statistic: quantile, coverage: 0.95, at-most: 0.1, looks: any")

static struct at_store *open_store(const char *name)
{
    return kpi_store(scratch_path(name));
}

/* 59 clean heads decide 95/95, 58 do not; heads of several seeds and studies are one pool. */
static void shares_of_heads(void **state)
{
    (void)state;
    struct at_store *store = open_store("q.db");
    kpi_put_seeds(store, (struct kpi_run){.variant = "few"}, 58, 0, 1, 0.05, 0.5);
    kpi_put_seeds(store, (struct kpi_run){.variant = "enough"}, 58, 0, 1, 0.05, 0.5);
    kpi_put_seeds(store, (struct kpi_run){.variant = "enough", .study = "another"}, 1, 0, 59, 0.05, 0.5);
    kpi_put_seeds(store, (struct kpi_run){.variant = "bad"}, 3, 2, 1, 0.05, 0.5);
    kpi_put_seeds(store, (struct kpi_run){.variant = "open"}, 40, 3, 1, 0.05, 0.5);
    kpi_put(store, (struct kpi_run){.variant = "unknown", .heads = 2, .values = {NAN, 0.1}, .radius = 0.01});
    expect(store, QUANTILE, "few", AT_CANNOT_SAY,
           "cannot say with 95 % confidence whether at most 5 % of heads from normal:sigma=1 have rel_rmse above 0.1 (0 of 58); 1 further "
           "heads would decide it if none of them exceeds; ");
    expect(store, QUANTILE, "enough", AT_MET,
           "with 95 % confidence at most 5 % of heads from normal:sigma=1 have rel_rmse above 0.1 (0 of 59)");
    expect(store, QUANTILE, "bad", AT_NOT_MET,
           "with 95 % confidence more than 5 % of heads from normal:sigma=1 have rel_rmse above 0.1 (2 of 3)");
    expect(store, QUANTILE, "open", AT_CANNOT_SAY, "(3 of 40)");
    expect(store, QUANTILE, "unknown", AT_CANNOT_SAY, "2 heads cannot be judged");
    at_store_close(store);
}

/* Query heads that share K and V are one head. */
static void groups_are_one_head(void **state)
{
    (void)state;
    struct at_store *store = open_store("group.db");
    kpi_put(store, (struct kpi_run){.variant = "v", .heads = 8, .group = 4, .values = {1, 1, 1, 1, 1, 1, 1, 1}});
    struct at_kpi_result r = evaluate(store, QUANTILE, "v");
    assert_true(r.judgements[0].finding.units == 2 && r.judgements[0].finding.missing == 2 && r.judgements[0].heads == 2);
    at_kpi_result_done(&r);
    at_store_close(store);
}

/* Captured heads are not a sample: the share is a fact, and no other heads are spoken of. */
static void captures_are_facts(void **state)
{
    (void)state;
    struct at_store *store = open_store("c.db");
    kpi_put(store, (struct kpi_run){.variant = "good", .capture = true, .heads = 4, .values = {0.01, 0.02, 0.03, 0.1}});
    kpi_put(store, (struct kpi_run){.variant = "bad", .capture = true, .heads = 4, .values = {0.01, 0.02, 0.03, 0.11}});
    expect(store, QUANTILE, "good", AT_MET, "0 of these 4 heads miss it; of other heads nothing is said");
    expect(store, QUANTILE, "bad", AT_NOT_MET, "1 of these 4 heads");
    expect(store, ONE("statistic: quantile, coverage: 0.75, at-most: 0.1"), "bad", AT_MET, "1 of these 4 heads");
    expect(store, ONE("statistic: mean, at-most: 0.0426"), "bad", AT_MET, "mean of these 4 heads; of other heads nothing is said");
    expect(store, ONE("statistic: mean, at-most: 0.0424"), "bad", AT_NOT_MET, "mean of these 4 heads");
    at_store_close(store);
}

static void means(void **state)
{
    (void)state;
    struct at_store *store = open_store("m.db");
    kpi_put_seeds(store, (struct kpi_run){.variant = "few"}, 31, 11, 1, 0.05, 0.06);
    kpi_put_seeds(store, (struct kpi_run){.variant = "v"}, 32, 16, 1, 0.05, 0.06);
    kpi_put_seeds(store, (struct kpi_run){.variant = "same"}, 32, 0, 1, 0.05, 0.06);
    kpi_put_seeds(store, (struct kpi_run){.variant = "skew"}, 40, 1, 1, 0.05, 50);
    kpi_put_seeds(store, (struct kpi_run){.variant = "blown"}, 24, 1, 1, 0.05, INFINITY);
    expect(store, ONE("statistic: mean, at-most: 0.1"), "few", AT_CANNOT_SAY,
           "cannot say: 31 heads, needs 32; about 1 more heads would give an interval, if they are like these");
    expect(store, ONE("statistic: mean, at-most: 0.06"), "v", AT_MET, "the mean over heads from normal:sigma=1 of rel_rmse is 0.05");
    expect(store, ONE("statistic: mean, at-most: 0.05"), "v", AT_NOT_MET, "(approximate 95 % interval, studentised bootstrap of 32 heads)");
    expect(store, ONE("statistic: mean, at-most: 0.0555"), "v", AT_CANNOT_SAY, "more heads would decide, if they are like these");
    expect(store, ONE("statistic: mean, at-most: 0.06"), "same", AT_CANNOT_SAY, "so many of them are alike");
    expect(store, ONE("statistic: mean, at-most: 90"), "skew", AT_CANNOT_SAY, "so many of them are alike");
    expect(store, ONE("statistic: mean, at-most: 0.06"), "blown", AT_NOT_MET, "a head gives infinity");
    at_store_close(store);
}

static void facts(void **state)
{
    (void)state;
    struct at_store *store = open_store("f.db");
    kpi_put(store, (struct kpi_run){.variant = "v", .seed = 7, .heads = 3, .values = {0.1, 0.3, 0.2}, .radius = 0.01});
    kpi_put(store, (struct kpi_run){.variant = "v", .seed = 8, .heads = 3, .values = {0.1, 0.1, 0.1}, .radius = 0.01});
    kpi_put(store, (struct kpi_run){.variant = "holes", .heads = 1, .values = {0.1}, .undefined_rows = 2});
    kpi_put(store, (struct kpi_run){.variant = "none", .no_measures = true});
    kpi_put(store, (struct kpi_run){.variant = "long", .keys = 128, .values = {0.9}});
    static const char *const statistics[] = {"value", "worst-head", "worst-row", "maximum"};
    static const char *const places[] = {"seed 7", "seed 7, head 1", "seed 7, head 1, row 0", "normal, 64 keys, seed 7, head 1, row 0"};
    for (size_t i = 0; i < 4; i++) {
        char text[200];
        const struct {
            const char *bound;
            enum at_verdict verdict;
        } cases[] = {{"at-most: 0.32", AT_MET}, {"at-most: 0.305", AT_CANNOT_SAY}, {"at-most: 0.28", AT_NOT_MET}, {"below: 0.5", AT_MET}};
        for (size_t c = 0; c < 4; c++) {
            snprintf(text, sizeof text, ONE("statistic: %s, %s"), statistics[i], cases[c].bound);
            expect(store, text, "v", cases[c].verdict, places[i]);
        }
    }
    expect(store, ONE("at-most: 1"), "holes", AT_CANNOT_SAY, "2 rows have no finite truth");
    expect(store, ONE("at-most: 0.01"), "holes", AT_NOT_MET, "");
    expect(store, ONE("at-most: 1"), "none", AT_CANNOT_SAY, "was not measured there against the original truth");
    expect(store, ONE("against: dequantised, at-most: 1"), "v", AT_CANNOT_SAY, "against the dequantised truth");
    expect(store, ONE("statistic: worst-head, at-most: 0.25, scope: {heads: [0, 2]}"), "v", AT_MET, "head 2");
    expect(store, ONE("statistic: worst-head, at-most: 1, scope: {heads: [5]}"), "v", AT_CANNOT_SAY, "its scope holds no head");
    expect(store, ONE("at-most: 0.01, scope: {lengths: {from: 100}}"), "v", AT_CANNOT_SAY, "no run of v is in its scope");
    expect(store, ONE("at-most: 0.01, scope: {lengths: {from: 100}}"), "long", AT_NOT_MET, "");
    expect(store, ONE("at-most: 0.01, scope: {distribution: uniform}"), "v", AT_CANNOT_SAY, "no run of v is in its scope");
    expect(store, ONE("at-most: 0.01, scope: {distribution: \"normal:sigma=1\"}"), "v", AT_NOT_MET, "");
    at_store_close(store);
}

/* Multiples are of the same input, seed, head and row. */
static void baselines(void **state)
{
    (void)state;
    struct at_store *store = open_store("b.db");
    const char *twice = ONE("statistic: worst-head, at-most: 2, relative-to: fa3-fp16");
    kpi_put(store, (struct kpi_run){.variant = "fa3-fp16", .seed = 1, .heads = 2, .values = {0.1, 0.001}});
    kpi_put(store, (struct kpi_run){.variant = "good", .seed = 1, .heads = 2, .values = {0.2, 0.002}});
    kpi_put(store, (struct kpi_run){.variant = "bad", .seed = 1, .heads = 2, .values = {0.1, 0.003}}); /* less than the other's worst */
    kpi_put(store, (struct kpi_run){.variant = "alone", .seed = 2, .heads = 2, .values = {0.1, 0.1}});
    kpi_put(store, (struct kpi_run){.variant = "near", .seed = 1, .heads = 2, .values = {0.2, 0.001}, .radius = 0.01});
    expect(store, twice, "good", AT_MET, "a multiple of fa3-fp16 there");
    expect(store, twice, "bad", AT_NOT_MET, "head 1");
    expect(store, twice, "near", AT_CANNOT_SAY, "");
    expect(store, twice, "alone", AT_CANNOT_SAY,
           "1 of 1 runs have none of fa3-fp16 beside them: attest run --distribution 'normal:sigma=1' --shape 1x2:2x32:64x32 --format fp16 "
           "--seeds 2 --rows 2 --rows-seed 1 --oracle mpfr --variants 'fa3-fp16'");
    struct at_kpi_result r = evaluate(store, twice, NULL);
    assert_true(r.variant_count == 4 && r.verdict == AT_NOT_MET); /* the baseline is not judged by itself */
    at_kpi_result_done(&r);
    r = evaluate(store, twice, "fa3-fp16");
    assert_true(r.variant_count == 0 && r.count == 0 && r.verdict == AT_CANNOT_SAY);
    at_kpi_result_done(&r);
    at_store_close(store);
}

/* What was asked for and is not there keeps facts from being met, and samples from any verdict. */
static void missing_runs(void **state)
{
    (void)state;
    struct at_store *store = open_store("p.db");
    kpi_plan(store, "v", 21);
    kpi_put_seeds(store, (struct kpi_run){.variant = "v", .study = "planned"}, 20, 20, 1, 0, 0.5);
    expect(store, ONE("at-most: 1"), "v", AT_CANNOT_SAY, "1 of 21 runs are not there yet");
    expect(store, ONE("at-most: 0.1"), "v", AT_NOT_MET, "seed 1");
    expect(store, QUANTILE, "v", AT_CANNOT_SAY, "1 of 21 runs are not there yet");
    expect(store, ANY, "v", AT_NOT_MET, "(20 of 20); 1 of 21 runs are not there yet and need not be");
    at_store_close(store);
}

/* Heads are added until it is decided: 81 clean ones for 95/95, where 59 fixed beforehand do. */
static void looking_again(void **state)
{
    (void)state;
    struct at_store *store = open_store("look.db");
    kpi_put_seeds(store, (struct kpi_run){.variant = "v"}, 60, 0, 1, 0.05, 0.5);
    expect(store, ANY, "v", AT_CANNOT_SAY, "at this and every other look, 0 % to ");
    expect(store, ANY, "v", AT_CANNOT_SAY, "(0 of 60); 21 further heads would decide it if none of them exceeds");
    kpi_put_seeds(store, (struct kpi_run){.variant = "v"}, 20, 0, 61, 0.05, 0.5);
    expect(store, ANY, "v", AT_CANNOT_SAY, "(0 of 80); 1 further heads");
    kpi_put_seeds(store, (struct kpi_run){.variant = "v"}, 1, 0, 81, 0.05, 0.5);
    expect(store, ANY, "v", AT_MET, "have rel_rmse above 0.1 (0 of 81)");
    kpi_put(store, (struct kpi_run){.variant = "seen", .capture = true, .heads = 2, .values = {0.01, 0.02}});
    expect(store, ANY, "seen", AT_MET, "0 of these 2 heads miss it; of other heads nothing is said");
    kpi_plan(store, "none", 3);
    expect(store, ANY, "none", AT_CANNOT_SAY, "3 of 3 runs are not there yet: attest run goes on where it stopped");
    at_store_close(store);
}

static void inputs_that_must_pass(void **state)
{
    (void)state;
    struct at_store *store = open_store("i.db");
    kpi_put(store, (struct kpi_run){.variant = "v", .values = {0.1}});
    kpi_put(store, (struct kpi_run){.variant = "v", .label = "x", .spelling = "sink:gap=10", .values = {0.9}});
    static const struct {
        const char *rest;
        enum at_verdict verdict;
        const char *says;
    } cases[] = {{"must-pass: [normal]", AT_MET, "judged by 1 requirements"},
                 {"must-pass: [\"normal:sigma=1\"]", AT_MET, "judged by 1"},
                 {"must-pass: [\"normal:sigma=2\"]", AT_CANNOT_SAY, "no run on it: attest run --distribution 'normal:sigma=2'"},
                 {"must-pass: [x]", AT_CANNOT_SAY, "no requirement's scope holds it"},
                 {"must-pass: [sink]", AT_CANNOT_SAY, "no requirement's scope holds it"},
                 {"must-pass: [layer 9]", AT_CANNOT_SAY, "no case is called that"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[300];
        snprintf(text, sizeof text, ONE("at-most: 0.5, scope: {case: normal}") "%s\n", cases[i].rest);
        struct at_kpi_result r = evaluate(store, text, "v");
        const struct at_kpi_judgement *last = &r.judgements[r.count - 1];
        if (r.count != 2 || last->kind != AT_KPI_MUST_PASS || last->verdict != cases[i].verdict || !strstr(last->reason, cases[i].says))
            fail_msg("%s: %s: %s", cases[i].rest, at_verdict_name(last->verdict), last->reason);
        assert_int_equal(r.verdict, cases[i].verdict);
        at_kpi_result_done(&r);
    }
    struct at_kpi_result r = evaluate(store, ONE("at-most: 0.5") "must-pass: [x]\n", "v");
    assert_int_equal(r.judgements[r.count - 1].verdict, AT_NOT_MET);
    at_kpi_result_done(&r);
    at_store_close(store);
}

static void costs(void **state)
{
    (void)state;
    struct at_store *store = open_store("s.db");
    const char *faster = ONE("at-most: 1") "cost: [{speed-at-least: 1.3, relative-to: fa3-fp16}]\n";
    static const char *const variants[] = {"fast", "same", "near", "untimed", "fa3-fp16"};
    static const enum at_verdict verdicts[] = {AT_MET, AT_NOT_MET, AT_CANNOT_SAY, AT_CANNOT_SAY, AT_MET};
    static const char *const says[] = {"slowest of 1 shapes: 1x4x1024x64, bench 1", "slowest of 1", "lie on both sides",
                                       "attest bench --variants 'untimed,fa3-fp16'", ""};
    kpi_put_speeds(store, "fast", 500, "fa3-fp16", 1000, 1024, false);
    kpi_put_speeds(store, "same", 1000, "fa3-fp16", 1000, 1024, false);
    kpi_put_speeds(store, "near", 750, "fa3-fp16", 1000, 1024, false);
    for (size_t i = 0; i < 5; i++) {
        kpi_put(store, (struct kpi_run){.variant = variants[i], .values = {0.1}});
        struct at_kpi_result r = evaluate(store, faster, variants[i]);
        const struct at_kpi_judgement *last = &r.judgements[r.count - 1];
        if (r.verdict != verdicts[i] || !strstr(last->reason, says[i]))
            fail_msg("%s: %s: %s", variants[i], at_verdict_name(r.verdict), last->reason);
        assert_true((last->kind == AT_KPI_COST) == (i < 4));
        at_kpi_result_done(&r);
    }
    at_store_close(store);
}

static void nothing_there(void **state)
{
    (void)state;
    struct at_store *store = open_store("empty.db");
    struct at_kpi_result r = evaluate(store, QUANTILE, NULL);
    assert_true(r.count == 0 && r.variant_count == 0 && r.verdict == AT_CANNOT_SAY);
    at_kpi_result_done(&r);
    at_store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares_of_heads),
        cmocka_unit_test(groups_are_one_head),
        cmocka_unit_test(captures_are_facts),
        cmocka_unit_test(means),
        cmocka_unit_test(facts),
        cmocka_unit_test(baselines),
        cmocka_unit_test(missing_runs),
        cmocka_unit_test(looking_again),
        cmocka_unit_test(inputs_that_must_pass),
        cmocka_unit_test(costs),
        cmocka_unit_test(nothing_there),
    };
    scratch_open();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    scratch_close();
    return failed;
}
