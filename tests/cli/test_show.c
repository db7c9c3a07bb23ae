/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "tests/cli/command.h"
#include "tests/reports/budgets.h"
#include "tests/reports/fixture.h"
#include "tests/reports/sampled.h"
#include "tests/reports/seeds.h"
#include "tests/reports/speeds.h"

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

static void every_table_is_shown(void **state)
{
    (void)state;
    static const char *const tables[] = {"results", "cases", "variants", "runs", "references", "studies", "heads"};
    const char *db = database();
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        struct outcome o = attest("show %s --db %s", tables[i], db);
        assert_code(o, 0);
        assert_string_equal(o.err, "");
        assert_true(says(o.out, "first") || says(o.out, "good") || says(o.out, "plain"));
        o = attest("show %s --db %s --json", tables[i], db);
        assert_code(o, 0);
        assert_json(o, tables[i]);
    }
}

static void filters_choose(void **state)
{
    (void)state;
    const char *db = database();
    struct outcome o = attest("show --db %s --case plain --variant broken --metric nonfinite --against original --json", db);
    assert_code(o, 0);
    assert_true(says(o.out, "\"value\": 7"));
    assert_false(says(o.out, "good") || says(o.out, "dequantised"));
    o = attest("show --db %s --variant good --metric cosine_min", db);
    assert_code(o, 0);
    assert_true(says(o.out, "\u2013")); /* undefined: a dash */
}

static void statistics_are_one_block_a_pool(void **state)
{
    (void)state;
    const char *db = fixture_path("seeds.db");
    at_store_close(seeds_store(db));
    struct outcome o = attest("show statistics --db %s --metric rmse --case pair", db);
    assert_code(o, 2); /* no row has that */
    o = attest("show statistics --db %s", db);
    assert_code(o, 0);
    assert_string_equal(o.err, "");
    assert_true(says(o.out, "drawn, 64 keys, 3 seeds: 6 of 64 query rows of each of 36 heads\n"));
    assert_true(says(o.out, "bootstrap over key/value heads), which need 12 of them."));
    assert_true(says(o.out, "pair: 6 of 64 query rows of each of 2 heads\n"));
    assert_true(says(o.out, "good: undefined rows, left out: 1\n"));
    assert_true(says(o.out, "\u221e (seed 3, head 0/2, row 1)"));
    assert_false(says(o.out, "(seed 0")); /* captures have none */
    assert_true(says(o.out, " to ") && says(o.out, "pooled"));
    o = attest("show statistics --db %s --metric bias --against dequantised --variant good", db);
    assert_code(o, 0);
    assert_false(says(o.out, "pooled") || says(o.out, "broken"));
    assert_true(says(o.out, "the kernel's part"));
    o = attest("show statistics --db %s --json", db);
    assert_code(o, 0);
    assert_json(o, "statistics");
    at_store_close(fixture_empty(fixture_path("empty.db")));
    o = attest("show statistics --db %s", fixture_path("empty.db"));
    assert_code(o, 2);
    assert_complaint(o, "no run yet");
}

static void statements_are_sentences(void **state)
{
    (void)state;
    const char *db = fixture_path("sampled.db");
    at_store_close(sampled_store(db));
    struct outcome o = attest("show statements --db %s", db);
    assert_code(o, 0);
    assert_string_equal(o.err, "");
    assert_true(says(o.out, "many: 16 of 64 query rows of each of 200 heads\n") && says(o.out, "  good, 100 key/value heads\n"));
    assert_true(says(o.out,
                     "    bound   with 95 % confidence at least 95 % of heads from normal:sigma=1 (64 keys, d 32, fp16, 16 of 64 query "
                     "rows) have relative RMSE of good (the largest of its 2 query heads) at most 0.774 (n = 100, r = 2)\n"));
    assert_true(says(o.out, "heads of which nothing is known, counted as the worst: 1\n"));
    assert_true(says(o.out, "    bound   cannot say: 4 heads, needs 5 for a bound of 50 % of them\n"));
    assert_true(says(o.out, "they are no sample, and this says nothing of other heads\n"));
    o = attest("show statements --db %s --case many --variant good --share 0.99 --confidence 0.9 --one-in 500", db);
    assert_code(o, 0);
    assert_true(says(o.out, "cannot say: 100 heads, needs 230 for a bound of 99 % of them")); /* 0.99^n <= 0.1 */
    assert_true(says(o.out, "with 90 % confidence the median"));
    o = attest("show statements --db %s --case many --variant tail --one-in 500", db);
    assert_true(says(o.out, "one head in 500 is above a value between "));
    o = attest("show statements --db %s --json", db);
    assert_code(o, 0);
    assert_json(o, "statements");
    assert_code(attest("show statements --db %s --case captured", db), 0);
}

static void statements_refuse(void **state)
{
    (void)state;
    static const char *const wrong[] = {"--share 1",        "--share 99%",         "--share x",    "--confidence 95",
                                        "--confidence 0.4", "--confidence 0.9999", "--one-in 1.5", "--csv"};
    const char *db = fixture_path("sampled.db");
    at_store_close(sampled_store(db));
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_code(attest("show statements --db %s %s", db, wrong[i]), 64);
    assert_complaint(attest("show statistics --db %s --share 0.9", db), "'--share': it belongs to the table statements, not to statistics");
    struct outcome o = attest("show statements --db %s --metric rel_rms", db);
    assert_code(o, 64);
    assert_complaint(o, "rel_rmse");
    o = attest("show statements --db %s --metric max_abs", db);
    assert_code(o, 2);
    assert_complaint(o, "show results --metric max_abs");
    o = attest("show statements --db %s --variant goood", db);
    assert_code(o, 2);
    assert_complaint(o, "the nearest is 'good'");
    o = attest("show statments --db %s", db);
    assert_code(o, 64);
    assert_complaint(o, "'statements'");
    at_store_close(fixture_empty(fixture_path("empty.db")));
    o = attest("show statements --db %s", fixture_path("empty.db"));
    assert_code(o, 2);
    assert_complaint(o, "no run yet");
}

static void variants_are_compared_with_one(void **state)
{
    (void)state;
    const char *db = fixture_path("seeds.db");
    at_store_close(seeds_store(db));
    struct outcome o = attest("show comparison --db %s", db);
    assert_code(o, 64);
    assert_complaint(o, "--variant NAME is the one that the others stand beside");
    o = attest("show comparison --db %s --variant goood", db);
    assert_code(o, 2);
    assert_complaint(o, "no run looked at is of variant 'goood'");
    o = attest("show comparison --db %s --variant good --metric rmse", db);
    assert_code(o, 64);
    o = attest("show comparison --db %s --variant good", db);
    assert_code(o, 0);
    assert_true(says(o.out, "beside good\n") && says(o.out, "broken: no interval: a head is exact, or its error not finite\n"));
    o = attest("show comparison --db %s --variant good --json", db);
    assert_code(o, 0);
    assert_json(o, "comparison");
}

/* Probes belong to no study: what chooses among studies does not go with them. */
static void probes_are_shown(void **state)
{
    (void)state;
    const char *db = database();
    struct outcome o = attest("show probes --db %s", db);
    assert_code(o, 2);
    assert_complaint(o, "t.db: holds no probe of a GPU yet: attest doctor --probe stores some");
    struct at_store *store;
    assert_int_equal(at_store_open(db, AT_STORE_WRITE, &store, NULL), AT_OK);
    struct at_probe_fact fact = {.name = "wgmma-e4m3",
                                 .instruction = "wgmma",
                                 .seed = 7,
                                 .verdict = "differs",
                                 .outputs = 811008,
                                 .differing = 3,
                                 .detail = "m64n8, row 2",
                                 .time_ns = 1500000000};
    int64_t id;
    assert_int_equal(at_store_put_build(store, &(struct at_build_fact){"b7", "0.1.0", "abc", "gcc", "{}"}, &fact.build, NULL), AT_OK);
    assert_int_equal(at_store_put_device(store, &(struct at_device_fact){"cuda", "Some GPU", "{}"}, &fact.device, NULL), AT_OK);
    assert_int_equal(at_store_put_probe(store, &fact, &id, NULL), AT_OK);
    fact.name = "ex2";
    fact.verdict = "same bits";
    fact.detail = "";
    assert_int_equal(at_store_put_probe(store, &fact, &id, NULL), AT_OK);
    at_store_close(store);
    o = attest("show probes --db %s", db);
    assert_code(o, 0);
    assert_true(says(o.out, "wgmma-e4m3") && says(o.out, "Some GPU") && says(o.out, "differs") && says(o.out, "m64n8, row 2"));
    assert_true(strstr(o.out, "ex2") > strstr(o.out, "wgmma-e4m3")); /* the newest last */
    o = attest("show probes --db %s --json", db);
    assert_code(o, 0);
    assert_json(o, "probes");
    assert_true(says(o.out, "\"outputs\": 811008") && says(o.out, "\"differing\": 3") && says(o.out, "\"verdict\": \"same bits\""));
    static const char *const options[] = {"study first", "case plain", "variant good"};
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        o = attest("show probes --db %s --%s", db, options[i]);
        assert_code(o, 64);
        assert_complaint(o, "probes belong to no study; attest show probes shows all");
    }
    o = attest("show probes --db %s --metric rmse", db);
    assert_code(o, 64);
    assert_complaint(o, "belong to the tables results, heads, statistics and statements, not to probes");
}

/* That there is none is an answer. */
static void differences_are_shown(void **state)
{
    (void)state;
    const char *db = database();
    struct outcome o = attest("show differences --db %s", db);
    assert_code(o, 0);
    assert_true(says(o.out, "t.db: no kernel gave other bits than the twin in what was asked about."));
    o = attest("show differences --db %s --json", db);
    assert_code(o, 0);
    assert_json(o, "differences");
    struct at_store *store;
    int64_t id;
    const struct at_difference_fact fact = {.run = {1, 1, 1, 1, 1, 16, 1, "mpfr"},
                                            .kernel = "some-kernel",
                                            .gpu = 5,
                                            .operands_sha256 = "a",
                                            .output_sha256 = "b",
                                            .twin_sha256 = "c",
                                            .outputs = 900,
                                            .differing = 4,
                                            .detail = "batch 0, head 3"};
    assert_int_equal(at_store_open(db, AT_STORE_WRITE, &store, NULL), AT_OK);
    assert_int_equal(at_store_put_difference(store, &fact, &id, NULL), AT_OK);
    at_store_close(store);
    o = attest("show differences --db %s", db);
    assert_code(o, 0);
    assert_true(says(o.out, "some-kernel") && says(o.out, "batch 0, head 3"));
    o = attest("show differences --db %s --variant nobody", db);
    assert_code(o, 0);
    assert_false(says(o.out, "some-kernel"));
    o = attest("show differences --db %s --json", db);
    assert_true(says(o.out, "\"differing\": 4") && says(o.out, "\"gpu\": 5"));
}

static void budgets_are_shown(void **state)
{
    (void)state;
    const char *db = database();
    struct outcome o = attest("show budgets --db %s", db);
    assert_code(o, 2);
    assert_complaint(o, "t.db: holds no error budget yet: attest explain stores some");
    o = attest("show advice --db %s --variant good", db);
    assert_code(o, 2);
    assert_complaint(o, "holds no error budget with advice of what was asked about: attest explain stores some");
    budgets_add(db);
    o = attest("show budgets --db %s", db);
    assert_code(o, 0);
    assert_true(says(o.out, "K's quantisation") && says(o.out, "output cast") && !says(o.out, "old"));
    o = attest("show budgets --db %s --variant other --case plain --json", db);
    assert_code(o, 0);
    assert_json(o, "budgets");
    assert_true(says(o.out, "\"share_alone\": 1.0") && says(o.out, "\"remainder_alone\": 0.0") && says(o.out, "\"all\": -1.0") &&
                !says(o.out, "good"));
    o = attest("show advice --db %s --json", db);
    assert_code(o, 0);
    assert_json(o, "advice");
    assert_true(says(o.out, "\"change\": \"output=fp32\"") && says(o.out, "\"value\": 5.0"));
    o = attest("show budgets --db %s --study s", db);
    assert_code(o, 64);
    assert_complaint(o, "option '--study': budgets belong to no study; attest show budgets shows all");
    o = attest("show budgets --db %s --metric bias", db);
    assert_code(o, 64);
}

static void speeds_are_shown(void **state)
{
    (void)state;
    const char *db = database();
    struct outcome o = attest("show bench --db %s", db);
    assert_code(o, 2);
    assert_complaint(o, "t.db: holds no measurement of speed yet: attest bench stores some");
    o = attest("show ceilings --db %s", db);
    assert_code(o, 2);
    assert_complaint(o, "holds no measurement of speed yet");
    speeds_add(db);
    o = attest("show bench --db %s", db);
    assert_code(o, 0);
    assert_true(says(o.out, "Some GPU, d 128, not causal, inputs normal:sigma=1 in fp16") && says(o.out, "d 128, causal"));
    assert_true(says(o.out, "bench 1, bf16 product: 4 TFLOP/s (2 to 8, measured 3 times)") && says(o.out, SPEEDS_EVIL));
    o = attest("show bench --db %s --variant fast --json", db);
    assert_code(o, 0);
    assert_json(o, "bench");
    assert_true(says(o.out, "\"tflops\": 8.0") && says(o.out, "\"whole_share\": null") && !says(o.out, "\"good\""));
    o = attest("show ceilings --db %s", db);
    assert_code(o, 0);
    assert_true(says(o.out, "TB/s") && says(o.out, "e4m3 product"));
    o = attest("show bench --csv --db %s", db);
    assert_code(o, 0);
    assert_true(strncmp(o.out, "bench,device,variant,", 21) == 0 && says(o.out, "\r\n1,Some GPU,"));
    assert_true(says(o.out, "\"fp8:<b>&\"\"evil\"\"\""));
    o = attest("show cases --csv --db %s", db);
    assert_code(o, 0);
    assert_true(strncmp(o.out, "case,label,", 11) == 0);
    static const char *const refused[][2] = {
        {"bench --study first", "speeds belong to no study; attest show bench shows all"},
        {"bench --case plain", "speeds belong to no study"},
        {"ceilings --variant good", "ceilings belong to no study"},
        {"bench --metric rmse", "belong to the tables results, heads, statistics and statements, not to bench"},
        {"bench --csv --json", "--json asks for another form; give one of them"},
        {"statistics --csv", "the table statistics has no such form; take --json"},
        {"bnch", "the nearest is 'bench'"},
    };
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        o = attest("show %s --db %s", refused[i][0], db);
        assert_code(o, 64);
        assert_complaint(o, refused[i][1]);
    }
    o = attest("show bench --variant slow --db %s", db);
    assert_code(o, 2);
    assert_complaint(o, "holds no speed of variant 'slow'; attest show bench shows all");
}

static void mistakes_are_named(void **state)
{
    (void)state;
    const char *db = database();
    static const struct {
        const char *arguments;
        int code;
        const char *says;
    } cases[] = {{"show result", 64, "the nearest is 'results'; there are results, cases"},
                 {"show --metric rel_rsme", 64, "rel_rmse"},
                 {"show --against orginal", 64, "orginal"},
                 {"show cases --metric rmse", 64, "results, heads, statistics and statements"},
                 {"show statistics --metric rel_rsme", 64, "rel_rmse"},
                 {"show statistics --case plan", 2, "'plain'"},
                 {"show statistics", 2, "no row has rel_rmse"},
                 {"show --vriant good", 64, "--variant"},
                 {"show --case plan", 2, "'plain'"},
                 {"show --study frist", 2, "'first'"},
                 {"show --variant good --case none-such-at-all", 2, "no case"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct outcome o = attest("%s --db %s", cases[i].arguments, db);
        assert_code(o, cases[i].code);
        assert_complaint(o, cases[i].says);
        assert_string_equal(o.out, "");
    }
}

static void databases_that_cannot_be_read_are_told(void **state)
{
    (void)state;
    const char *other = fixture_path("other.db");
    struct outcome o = attest("show --db %s", fixture_path("none.db"));
    assert_code(o, 2);
    assert_complaint(o, "none.db");
    assert_int_not_equal(access(fixture_path("none.db"), F_OK), 0); /* reading makes no file */
    FILE *file = fopen(other, "w");
    assert_non_null(file);
    for (int i = 0; i < 500; i++)
        fputs("this is no database", file);
    fclose(file);
    o = attest("show --db %s", other);
    assert_code(o, 2);
    assert_complaint(o, "other.db");
    at_store_close(fixture_empty(fixture_path("empty.db")));
    o = attest("show --db %s", fixture_path("empty.db"));
    assert_code(o, 2);
    assert_complaint(o, "no run yet");
    o = attest("show --db %s", fixture_folder());
    assert_code(o, 2);
    assert_complaint(o, fixture_folder());
}

int main(int argc, char **argv)
{
    command_program(argc > 1 ? argv[1] : "attest");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(every_table_is_shown, clean),
        cmocka_unit_test_teardown(filters_choose, clean),
        cmocka_unit_test_teardown(statements_are_sentences, clean),
        cmocka_unit_test_teardown(statements_refuse, clean),
        cmocka_unit_test_teardown(variants_are_compared_with_one, clean),
        cmocka_unit_test_teardown(probes_are_shown, clean),
        cmocka_unit_test_teardown(differences_are_shown, clean),
        cmocka_unit_test_teardown(budgets_are_shown, clean),
        cmocka_unit_test_teardown(speeds_are_shown, clean),
        cmocka_unit_test_teardown(statistics_are_one_block_a_pool, clean),
        cmocka_unit_test_teardown(mistakes_are_named, clean),
        cmocka_unit_test_teardown(databases_that_cannot_be_read_are_told, clean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
