/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "tests/cli/command.h"
#include "tests/reports/fixture.h"
#include "tests/study/kpi_fixture.h"

#include <jansson.h>
#include <stdio.h>
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

/* Writes a KPI file; returns its path. */
static const char *file_of(const char *text)
{
    const char *path = fixture_path("k.yaml");
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    return path;
}

#define ONE(rest) "name: mine\nrequirements:\n  - {metric: rel_rmse, " rest "}\n"
#define QUANTILE ONE("statistic: quantile, coverage: 0.9, at-most: 0.1")
#define ANY ONE("statistic: quantile, coverage: 0.9, at-most: 0.1, looks: any")

static const char *database(void)
{
    static char path[128]; /* fixture_path keeps a few paths only */
    snprintf(path, sizeof path, "%s", fixture_path("t.db"));
    struct at_store *store = kpi_store(path);
    kpi_put_seeds(store, (struct kpi_run){.variant = "clean"}, 29, 0, 1, 0.01, 0.5);
    kpi_put_seeds(store, (struct kpi_run){.variant = "broken"}, 29, 29, 1, 0.01, 0.5);
    kpi_put_seeds(store, (struct kpi_run){.variant = "few"}, 10, 0, 1, 0.01, 0.5);
    kpi_put_seeds(store, (struct kpi_run){.variant = "many"}, 40, 0, 1, 0.01, 0.5);
    kpi_put(store, (struct kpi_run){.variant = "fa3-fp16", .seed = 1, .values = {0.001}});
    kpi_put(store, (struct kpi_run){.variant = "clean", .label = "layer", .capture = true, .heads = 2, .values = {0.01, 0.02}});
    kpi_put_speeds(store, "clean", 500, "fa3-fp16", 1000, 1024, false);
    at_store_close(store);
    return path;
}

static void the_exit_code_is_the_verdict(void **state)
{
    (void)state;
    static const struct {
        const char *text, *arguments;
        int code;
        const char *says;
    } cases[] = {
        {QUANTILE, "--variant clean --case normal", 0,
         "with 95 % confidence at most 10 % of heads from normal:sigma=1 have rel_rmse above 0.1 (0 of 29)"},
        {QUANTILE, "--variant broken", 1, "with 95 % confidence more than 10 % of heads"},
        {QUANTILE, "--variant few", 2, "(0 of 10); 19 further heads would decide it if none of them exceeds"},
        {ANY, "--variant clean --case normal", 2, "(0 of 29); 11 further heads would decide it if none of them exceeds"},
        {ANY, "--variant clean --case normal", 2, "stays valid when heads are added until it is decided"},
        {ANY, "--variant broken", 1, "at this and every other look"},
        {ANY, "--variant many", 0, "at this and every other look"},
        {QUANTILE, "", 1, "KPI mine: not met."},
        {QUANTILE, "--variant clean", 0, "Captured heads are all there are"},
        {ONE("at-most: 0.02"), "--case layer", 0, "2.00e-2"},
        {ONE("statistic: worst-head, at-most: 20, relative-to: fa3-fp16"), "--variant clean --case normal", 2,
         "28 of 29 runs have none of"},
        {ONE("statistic: maximum, at-most: 1"), "--variant broken", 0, "all inputs"},
        {ONE("at-most: 1") "must-pass: [layer]\n", "--variant clean", 0, "must pass: layer"},
        {ONE("at-most: 1") "must-pass: [layer]\n", "--variant few", 2, "no case is called that"},
        {ONE("at-most: 1") "cost: [{speed-at-least: 1.3, relative-to: fa3-fp16}]\n", "--variant clean", 0, "speed >= 1.3 x fa3-fp16"},
        {ONE("at-most: 1") "cost: [{speed-at-least: 2.5, relative-to: fa3-fp16}]\n", "--variant clean", 1, "slowest of 1 shapes"},
        {ONE("at-most: 1") "cost: [{speed-at-least: 1.3, relative-to: fa3-fp16}]\n", "--variant few", 2, "attest bench --variants"},
    };
    const char *db = database();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct outcome o = attest("gate --db %s --kpi %s %s", db, file_of(cases[i].text), cases[i].arguments);
        assert_code(o, cases[i].code);
        if (!says(o.out, cases[i].says))
            fail_msg("%s: no '%s' in\n%s", cases[i].arguments, cases[i].says, o.out);
    }
}

static void json(void **state)
{
    (void)state;
    const char *db = database();
    struct outcome o = attest("gate --db %s --kpi %s --variant few --json", db, file_of(QUANTILE));
    assert_code(o, 2);
    assert_json(o, "kpi");
    json_t *document = json_loads(o.out, 0, NULL), *kpi = json_object_get(document, "kpi");
    json_t *j = json_array_get(json_object_get(kpi, "judgements"), 0);
    assert_string_equal(json_string_value(json_object_get(kpi, "verdict")), "cannot say");
    assert_string_equal(json_string_value(json_object_get(json_array_get(json_object_get(kpi, "variants"), 0), "variant")), "few");
    assert_int_equal(json_integer_value(json_object_get(j, "further_met")), 19);
    assert_int_equal(json_integer_value(json_object_get(j, "heads")), 10);
    assert_string_equal(json_string_value(json_object_get(j, "looks")), "once");
    assert_int_equal(json_integer_value(json_object_get(j, "missing")), 0);
    assert_int_equal(json_array_size(json_object_get(j, "interval")), 2);
    assert_true(json_real_value(json_object_get(j, "value")) == 0.01 && json_real_value(json_object_get(j, "confidence")) == 0.95);
    json_decref(document);
    o = attest("gate --db %s --kpi %s --case layer --json", db, file_of(QUANTILE));
    document = json_loads(o.out, 0, NULL);
    j = json_array_get(json_object_get(json_object_get(document, "kpi"), "judgements"), 0);
    assert_true(json_is_null(json_object_get(j, "confidence"))); /* nothing is inferred from captured heads */
    assert_true(json_is_null(json_object_get(json_object_get(j, "worst_at"), "seed")));
    json_decref(document);
}

static void what_is_refused(void **state)
{
    (void)state;
    const char *db = database();
    static const char *const usage[] = {"--kpi produktion", "--kpi production --require 'rmse<=1'", "--kpi production --confidence 0.95",
                                        "--kpi /nowhere/k.yaml", "--kpi production extra"};
    for (size_t i = 0; i < sizeof usage / sizeof usage[0]; i++)
        assert_code(attest("gate --db %s %s", db, usage[i]), 64);
    struct outcome o = attest("gate --db %s --kpi %s", db, file_of("name: k\nrequirements:\n  - metric: rel_rmse\n    at-mots: 1\n"));
    assert_code(o, 64);
    assert_complaint(o, "k.yaml:4: requirements[0]: unknown key 'at-mots'; did you mean 'at-most'?");
    assert_code(attest("gate --db %s.none --kpi production", db), 2);
    at_store_close(fixture_empty(fixture_path("empty.db")));
    o = attest("gate --db %s --kpi production", fixture_path("empty.db"));
    assert_code(o, 2);
    assert_complaint(o, "holds no run yet; attest run makes some");
    o = attest("gate --db %s --kpi production --variant claen", db);
    assert_code(o, 2);
    assert_complaint(o, "the nearest is 'clean'");
    assert_code(attest("gate --db %s --kpi %s --case layer > /dev/full", db, file_of(QUANTILE)), 2); /* met, but nobody could read it */
    assert_code(attest("gate --db %s --kpi %s --case layer --json > /dev/full", db, file_of(QUANTILE)), 2);
}

/* The command of the remedy that a gate told, whole but for "attest ": what stands behind it is a comment to the shell. */
static const char *told(struct outcome o)
{
    static char command[2048];
    const char *at = strstr(o.out, "attest run --");
    assert_non_null(at);
    snprintf(command, sizeof command, "%.*s", (int)strcspn(at + 7, "\n"), at + 7);
    return command;
}

/* From inputs to a verdict by a ready-made KPI: enough heads, too few, and the command that a missing baseline needs, as it is told. */
static void from_run_to_verdict(void **state)
{
    (void)state;
    const char *db = fixture_path("r.db");
    assert_code(attest("run --db %s --distribution normal --shape 1x16x64x32 --seeds 1,2 --rows 16 --variants fa3-fp8", db), 0);
    assert_code(attest("gate --db %s --kpi production", db), 0);
    assert_code(attest("gate --db %s --kpi strict", db), 1);
    struct outcome o = attest("gate --db %s --kpi %s", db, file_of(ONE("at-most: 1e6, relative-to: fa3-fp16")));
    assert_code(o, 2);
    assert_code(attest("%s", told(o)), 0);
    assert_code(attest("gate --db %s --kpi %s --variant fa3-fp8", db, file_of(ONE("at-most: 1e6, relative-to: fa3-fp16"))), 0);
}

/* The remedy for a capture says all that its run was told: tensors, layout, mask, scale and the database, in words of a shell. */
static void a_baseline_of_a_capture(void **state)
{
    (void)state;
    static const char header[] = "{\"x.q\":{\"dtype\":\"F16\",\"shape\":[1,16,2,32],\"data_offsets\":[0,2048]},"
                                 "\"x.k\":{\"dtype\":\"F16\",\"shape\":[1,16,2,32],\"data_offsets\":[2048,4096]},"
                                 "\"x.v\":{\"dtype\":\"F16\",\"shape\":[1,16,2,32],\"data_offsets\":[4096,6144]}}";
    char here[4096];
    FILE *file = fopen(fixture_path("a'b,c.safetensors"), "wb");
    uint64_t size = sizeof header - 1;
    assert_non_null(file);
    fwrite(&size, sizeof size, 1, file);
    fwrite(header, 1, sizeof header - 1, file);
    for (unsigned i = 0; i < 3 * 1024; i++) {
        uint16_t element = (uint16_t)((i * 2654435761u >> 16 & 0x8000u) | 0x3800u | (i * 40503u >> 4 & 0x3ffu));
        fwrite(&element, sizeof element, 1, file);
    }
    fclose(file);
    const char *kpi = file_of(ONE("at-most: 1e6, relative-to: fa3-fp16"));
    assert_true(getcwd(here, sizeof here) && chdir(fixture_folder()) == 0);
    assert_code(attest("run --db 'o t.db' --input \"a'b,c.safetensors\" --q-name x.q --k-name x.k --v-name x.v --layout bshd --not-causal "
                       "--scale 0.25 --rows 8 --variants fa3-fp8"),
                0);
    char command[2048];
    struct outcome o = attest("gate --db 'o t.db' --kpi %s --variant fa3-fp8", kpi);
    assert_code(o, 2);
    snprintf(command, sizeof command, "%s", told(o));
    assert_code(attest("%s", command), 0);
    assert_code(attest("gate --db 'o t.db' --kpi %s --variant fa3-fp8", kpi), 0);
    o = attest("%s", command);
    assert_true(says(o.err, "a'b,c: 1 of 1 runs are stored already") && !says(o.err, "seed")); /* a capture has none */
    assert_int_equal(chdir(here), 0);
}

/* A matrix [8, 32] of 16-bit numbers, as a safetensors file. */
static const char *readout_file(void)
{
    static const char header[] = "{\"w\":{\"dtype\":\"BF16\",\"shape\":[8,32],\"data_offsets\":[0,512]}}";
    static char path[128];
    snprintf(path, sizeof path, "%s", fixture_path("w.safetensors"));
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    uint64_t size = sizeof header - 1;
    fwrite(&size, sizeof size, 1, file);
    fwrite(header, 1, sizeof header - 1, file);
    for (unsigned i = 0; i < 8 * 32; i++) {
        uint16_t element = (uint16_t)((i * 2654435761u >> 16 & 0x8000u) | 0x3f00u | (i * 40503u >> 4 & 0x7fu));
        fwrite(&element, sizeof element, 1, file);
    }
    fclose(file);
    return path;
}

#define FIGURE(rest) "name: tokens\nrequirements:\n  - {metric: readout_" rest "}\n"

/* What a readout makes of outputs, judged from the shell: met, not met, not read out and no interval; and the remedy that is told works. */
static void figures_of_readouts(void **state)
{
    (void)state;
    char db[128];
    snprintf(db, sizeof db, "%s", fixture_path("f.db"));
    const char *w = readout_file();
    const char *run = "run --db %s --distribution normal --shape 1x1x64x32 --rows 8 --variants fa3-fp8 --seeds %s%s%s";
    assert_code(attest(run, db, "1,2", " --readout ", w), 0);
    static const struct {
        const char *text;
        int code;
        const char *says;
    } cases[] = {
        {FIGURE("kl_mean, at-most: 10"), 0, "16 samples of 2 sequences, w.safetensors:w"},
        {FIGURE("kl_mean, at-most: 1e-12"), 1, "not met"},
        {FIGURE("kl_median, at-most: 10"), 0, "Figures of a readout are of the samples read out"},
        {FIGURE("kl_quantile_99, at-most: 10"), 0, "met"},
        {FIGURE("kl_quantile_99_9, below: 1e-12"), 1, "not met"},
        {FIGURE("kl_max, against: dequantised, at-most: 10"), 0, "row "},
        {FIGURE("top_unchanged, at-least: 0"), 0, "readout_top_unchanged >= 0"},
        {FIGURE("kl_mean, at-most: 10, confidence: 0.95"), 2, "no interval: 2 sequences: an interval takes 32"},
        {FIGURE("kl_mean, at-most: 10, scope: {distribution: sink}"), 2, "no run of fa3-fp8 is in its scope"},
        {FIGURE("kl_mean, at-most: 10") "must-pass: [normal]\n", 0, "judged by 1 requirements"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct outcome o = attest("gate --db %s --kpi %s", db, file_of(cases[i].text));
        assert_code(o, cases[i].code);
        if (!says(o.out, cases[i].says))
            fail_msg("no '%s' in\n%s", cases[i].says, o.out);
    }
    assert_code(attest(run, db, "3", "", ""), 0);
    struct outcome o = attest("gate --db %s --kpi %s", db, file_of(cases[0].text));
    assert_code(o, 2);
    assert_true(says(o.out, "1 of 3 runs were not read out: attest run --distribution"));
    char command[600];
    const char *at = strstr(o.out, "attest run --distribution");
    snprintf(command, sizeof command, "%.*s", (int)(strstr(at, " --readout") - at - 7), at + 7);
    assert_true(says(o.out, "--readout 'w.safetensors:w' --db '"));
    assert_code(attest("%s --db %s --readout %s:w", command, db, w), 0);
    assert_code(attest("gate --db %s --kpi %s", db, file_of(cases[0].text)), 0);
    o = attest("gate --db %s --kpi %s --json", db, file_of(cases[7].text));
    assert_code(o, 2);
    json_t *document = json_loads(o.out, 0, NULL);
    json_t *j = json_array_get(json_object_get(json_object_get(document, "kpi"), "judgements"), 0);
    assert_string_equal(json_string_value(json_object_get(j, "metric")), "readout_kl_mean");
    assert_true(json_real_value(json_object_get(j, "confidence")) == 0.95 && json_is_null(json_object_get(j, "looks")));
    json_decref(document);
    o = attest("gate --db %s --kpi %s", db, file_of("name: k\nrequirements:\n  - metric: readout_kl_maen\n    at-most: 1\n"));
    assert_code(o, 64);
    assert_complaint(o, "k.yaml:3: requirements[0].metric: metric 'readout_kl_maen' does not exist; the nearest is 'readout_kl_mean'");
}

int main(int argc, char **argv)
{
    command_program(argc > 1 ? argv[1] : "attest");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(the_exit_code_is_the_verdict, clean),
        cmocka_unit_test_teardown(json, clean),
        cmocka_unit_test_teardown(what_is_refused, clean),
        cmocka_unit_test_teardown(from_run_to_verdict, clean),
        cmocka_unit_test_teardown(a_baseline_of_a_capture, clean),
        cmocka_unit_test_teardown(figures_of_readouts, clean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
