/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/choose.h"

#include "study/case_name.h"

#include "scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* Puts `text` as a study file; its runs. */
static void run_study(const char *text, const char *database)
{
    struct at_study study;
    struct at_store *store;
    struct at_study_outcome outcome;
    struct at_error error = {""};
    if (scratch_study(text, &study, &error) || at_store_open(scratch_path(database), AT_STORE_WRITE, &store, &error) ||
        at_study_run(&study, store, NULL, NULL, &outcome, &error))
        fail_msg("%s", error.message);
    at_store_close(store);
    at_study_done(&study);
}

#define INPUTS "inputs: [{distribution: normal, label: x, seeds: [1, 2, 3], shape: {heads: 1, keys: 8, dim: 32}}]\n"

/* Runs 1 to 6 of study "first", whose first text is superseded; "second" asks for three of them. */
static struct at_store *fill(const char *database)
{
    struct at_store *store;
    run_study("name: first\nrows: 2\nvariants: [fa3-fp16, fa3-fp8]\n" INPUTS, database);
    run_study("name: first\nrows: 2\nvariants: [fa3-fp16]\n" INPUTS, database);
    run_study("name: second\nrows: 2\nvariants: [fa3-fp8]\n" INPUTS, database);
    assert_int_equal(at_store_open(scratch_path(database), AT_STORE_READ, &store, NULL), AT_OK);
    return store;
}

/* The numbers of the runs chosen, "1 2 5". */
static const char *chosen_by(struct at_store *store, struct at_verify_question question, size_t matching)
{
    static char text[4][256];
    static int next;
    char *made = text[next++ % 4];
    struct at_chosen chosen;
    struct at_error error = {""};
    if (at_choose_runs(store, &question, &chosen, &error))
        fail_msg("%s", error.message);
    *made = '\0';
    for (size_t i = 0; i < chosen.count; i++) {
        const struct at_chosen_run *run = &chosen.runs[i];
        snprintf(made + strlen(made), 256 - strlen(made), "%s%d", i ? " " : "", (int)run->row.run);
        assert_true(run->attend_work > 0 && (run->input_work > 0) == (i == 0 || run[-1].input_id != run->input_id));
        assert_true(run->row.rows == 2 && run->row.seq_k == 8 && !run->row.capture && strlen(run->row.stored[2]) == 64);
    }
    assert_int_equal(chosen.matching, matching);
    assert_int_equal(chosen.stored, matching ? 6 : 0);
    free(chosen.runs);
    at_case_names_done(chosen.names, chosen.count);
    at_table_done(&chosen.table);
    return made;
}

static void all_and_parts(void **state)
{
    (void)state;
    struct at_store *store = fill("p.db");
    assert_string_equal(chosen_by(store, (struct at_verify_question){0}, 6), "1 2 3 4 5 6");
    assert_string_equal(chosen_by(store, (struct at_verify_question){.variant = "fa3-fp8"}, 3), "2 4 6");
    assert_string_equal(chosen_by(store, (struct at_verify_question){.label = "x"}, 6), "1 2 3 4 5 6");
    assert_string_equal(chosen_by(store, (struct at_verify_question){.label = "y"}, 0), "");
    assert_string_equal(chosen_by(store, (struct at_verify_question){.study = "first"}, 6), "1 2 3 4 5 6"); /* superseded ones too */
    assert_string_equal(chosen_by(store, (struct at_verify_question){.study = "second"}, 3), "2 4 6");      /* computed by the first */
    assert_string_equal(chosen_by(store, (struct at_verify_question){.study = "second", .variant = "fa3-fp16"}, 0), "");
    at_store_close(store);
}

static void by_number(void **state)
{
    (void)state;
    static const int64_t runs[] = {5, 2}, missing[] = {1, 7};
    struct at_store *store = fill("n.db");
    struct at_error error = {""};
    struct at_chosen chosen;
    const struct at_verify_question nowhere = {.runs = missing, .run_count = 2};
    assert_string_equal(chosen_by(store, (struct at_verify_question){.runs = runs, .run_count = 2}, 2), "2 5");
    assert_int_equal(at_choose_runs(store, &nowhere, &chosen, &error), AT_ERR_NOT_FOUND);
    assert_non_null(strstr(error.message, "there is no run 7"));
    at_store_close(store);
}

/* Equal seeds draw equal runs, a smaller sample is part of a larger one, and each run is drawn by its share of the seeds. */
static void samples(void **state)
{
    (void)state;
    enum { SEEDS = 300, RUNS = 6, SAMPLE = 2 };
    struct at_store *store = fill("s.db");
    int drawn[RUNS + 1] = {0};
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        const char *two = chosen_by(store, (struct at_verify_question){.sample = SAMPLE, .sample_seed = seed}, RUNS);
        const char *three = chosen_by(store, (struct at_verify_question){.sample = SAMPLE + 1, .sample_seed = seed}, RUNS);
        assert_int_equal(strlen(two), 3);
        assert_string_equal(chosen_by(store, (struct at_verify_question){.sample = SAMPLE, .sample_seed = seed}, RUNS), two);
        assert_true(strchr(three, two[0]) && strchr(three, two[2]));
        drawn[two[0] - '0']++;
        drawn[two[2] - '0']++;
    }
    /* Binomial with n = 300, p = 1/3: mean 100, deviation 8.2; five of those leave 1 chance in 3e5 for six runs. */
    for (int run = 1; run <= RUNS; run++)
        assert_true(abs(drawn[run] - SEEDS * SAMPLE / RUNS) < 41);
    assert_string_equal(chosen_by(store, (struct at_verify_question){.sample = 99}, RUNS), "1 2 3 4 5 6");
    at_store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(all_and_parts), cmocka_unit_test(by_number), cmocka_unit_test(samples)};
    scratch_open();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    scratch_close();
    return failed;
}
