/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/study.h"

#include "scratch.h"

#include <math.h>
#include <omp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

/* Two captures' worth of everything: shared operands, borrowed truths, smoothing, causal, grouped heads, two seeds, two lengths. */
static const char study_text[] =
    "name: n\nrows: 3\nvariants: [fa3-fp16, fa3-fp8, fp8-smooth-k, fp8-two-level]\ninputs:\n"
    "  - {distribution: normal, seeds: [1, 2], shape: {heads: 2, keys: 24, dim: 32}}\n"
    "  - {distribution: k-channel, causal: true, shape: {heads: 2, kv-heads: 1, lengths: [16, 40], dim: 32}}\n";

struct listener {
    volatile sig_atomic_t stop;
    int calls, stop_at, kill_at;
    double done, total;
    char notes[2048];
};

static void progress(void *context, double done, double total, const char *what)
{
    struct listener *l = context;
    (void)what;
    l->calls++;
    l->done = done;
    l->total = total;
    if (l->stop_at && l->calls >= l->stop_at)
        l->stop = 1;
    if (l->kill_at && l->calls >= l->kill_at)
        raise(SIGKILL);
}

static void note(void *context, const char *line)
{
    struct listener *l = context;
    size_t used = strlen(l->notes);
    snprintf(l->notes + used, sizeof l->notes - used, "%s\n", line);
}

static enum at_status run_text(const char *text, const char *database, struct listener *l, struct at_study_outcome *ret_outcome,
                               char **ret_facts, struct at_error *error)
{
    struct at_study study;
    struct at_store *store;
    struct at_study_events events = {.context = l, .progress = progress, .note = note, .stop = &l->stop};
    if (scratch_study(text, &study, error) || at_store_open(database, AT_STORE_WRITE, &store, error))
        fail_msg("%s", error->message);
    enum at_status status = at_study_run(&study, store, NULL, &events, ret_outcome, error);
    if (ret_facts)
        *ret_facts = scratch_facts(store);
    at_store_close(store);
    at_study_done(&study);
    return status;
}

static char *reference_facts(struct listener *l, struct at_study_outcome *ret_outcome)
{
    char *facts;
    struct at_error error = {""};
    static int number;
    char name[32];
    snprintf(name, sizeof name, "whole%d.db", number++);
    if (run_text(study_text, scratch_path(name), l, ret_outcome, &facts, &error))
        fail_msg("%s", error.message);
    return facts;
}

static void whole(void **state)
{
    (void)state;
    struct listener l = {0}, m = {0};
    struct at_study_outcome outcome, again;
    struct at_error error = {""};
    char *facts, *after;
    assert_int_equal(run_text(study_text, scratch_path("w.db"), &l, &outcome, &facts, &error), AT_OK);
    assert_true(outcome.cases == 4 && outcome.runs_total == 16 && outcome.runs_done == 16 && outcome.runs_found == 0);
    assert_true(l.done == l.total && l.done > 0);
    assert_string_equal(l.notes, "");
    assert_int_equal(run_text(study_text, scratch_path("w.db"), &m, &again, &after, &error), AT_OK);
    assert_true(again.study == outcome.study && again.runs_done == 0 && again.runs_found == 16);
    assert_true(m.done == 0 && m.total == 0);
    assert_non_null(strstr(m.notes, "normal, seed 2: 4 of 4 runs are stored already"));
    assert_string_equal(facts, after);
    free(facts);
    free(after);
}

static void threads(void **state)
{
    (void)state;
    struct listener l = {0}, m = {0};
    struct at_study_outcome outcome;
    int before = omp_get_max_threads();
    omp_set_num_threads(1);
    char *one = reference_facts(&l, &outcome);
    omp_set_num_threads(5);
    char *five = reference_facts(&m, &outcome);
    omp_set_num_threads(before);
    assert_string_equal(one, five);
    free(one);
    free(five);
}

static void interrupted(void **state)
{
    (void)state;
    struct listener l = {0};
    struct at_study_outcome outcome;
    struct at_error error = {""};
    char *wanted = reference_facts(&l, &outcome), *facts = NULL;
    char *database = strdup(scratch_path("i.db"));
    int stops = 0;
    enum at_status status;
    do { /* each time a little further than the last */
        struct listener s = {.stop_at = 9 + stops};
        free(facts);
        status = run_text(study_text, database, &s, &outcome, &facts, &error);
        if (status == AT_ERR_INTERRUPTED)
            assert_true(outcome.runs_done + outcome.runs_found < outcome.runs_total);
        stops++;
    } while (status == AT_ERR_INTERRUPTED && stops < 200);
    assert_int_equal(status, AT_OK);
    assert_true(stops > 5);
    assert_int_equal(outcome.runs_done + outcome.runs_found, outcome.runs_total);
    assert_string_equal(facts, wanted);
    free(facts);
    free(wanted);
    free(database);
}

/* This program again, as a child that kills itself at progress call `kill_at`; the same executable, so the same build. */
static int child(const char *study, const char *database, int kill_at)
{
    struct at_study s;
    struct at_store *store;
    struct at_study_outcome outcome;
    struct listener l = {.kill_at = kill_at};
    struct at_study_events events = {.context = &l, .progress = progress, .note = note, .stop = &l.stop};
    if (at_study_read(study, &s, NULL) || at_store_open(database, AT_STORE_WRITE, &store, NULL))
        return 1;
    enum at_status status = at_study_run(&s, store, NULL, &events, &outcome, NULL);
    at_store_close(store);
    at_study_done(&s);
    return status != AT_OK;
}

static int run_child(const char *study, const char *database, int kill_at)
{
    char number[16];
    int status = 0;
    snprintf(number, sizeof number, "%d", kill_at);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        execl("/proc/self/exe", "child", study, database, number, (char *)NULL);
        _exit(127);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static void killed(void **state)
{
    (void)state;
    struct listener l = {0};
    struct at_study_outcome outcome;
    struct at_error error = {""};
    char *wanted = reference_facts(&l, &outcome);
    const char *study = scratch_write("killed.yaml", study_text, sizeof study_text - 1);
    assert_true(l.calls > 40);
    for (int kill_at = 1; kill_at < l.calls; kill_at += l.calls / 7) {
        char name[32], *facts = NULL;
        snprintf(name, sizeof name, "k%d.db", kill_at);
        const char *database = scratch_path(name);
        int status = run_child(study, database, kill_at);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        status = run_child(study, database, kill_at / 2 + 1); /* and once more on the way */
        struct listener m = {0};
        assert_int_equal(run_text(study_text, database, &m, &outcome, &facts, &error), AT_OK);
        assert_string_equal(facts, wanted);
        free(facts);
    }
    free(wanted);
}

/* NaN in one key and infinity in one value: counted, told, and every row that sees them is undefined, not perfect. */
static void nonfinite_inputs(void **state)
{
    (void)state;
    enum { HEADS = 2, SEQ = 8, DIM = 32, COUNT = HEADS * SEQ * DIM };
    static float q[COUNT], k[COUNT], v[COUNT];
    struct at_problem p = {1, HEADS, HEADS, SEQ, SEQ, DIM, true, 0};
    for (int i = 0; i < COUNT; i++) {
        q[i] = (float)(i % 7) - 3;
        k[i] = (float)(i % 5) - 2;
        v[i] = (float)(i % 3) - 1;
    }
    k[5 * DIM + 1] = NAN;           /* head 0: rows 5 to 7 see it */
    v[(SEQ + 7) * DIM] = -INFINITY; /* head 1: row 7 sees it */
    scratch_capture("nan.safetensors", &p, q, k, v);
    struct listener l = {0};
    struct at_study_outcome outcome;
    struct at_error error = {""};
    const char *database = scratch_path("n.db");
    if (run_text("name: n\nrows: all\nvariants: [fa3-fp16, fa3-fp8]\ninputs: [{capture: nan.safetensors, causal: true}]\n", database, &l,
                 &outcome, NULL, &error))
        fail_msg("%s", error.message);
    assert_non_null(strstr(l.notes, "nan: the inputs hold 1 NaN and 1 infinite elements"));
    struct at_store *store;
    assert_int_equal(at_store_open(database, AT_STORE_READ, &store, NULL), AT_OK);
    assert_true(scratch_number(store, "SELECT nan FROM input") == 1);
    assert_true(scratch_number(store, "SELECT infinite FROM input") == 1);
    assert_true(scratch_number(store, "SELECT min(undefined_rows) FROM reference WHERE against = 'original'") == 4);
    assert_true(scratch_number(store, "SELECT max(undefined_rows) FROM reference WHERE against = 'original'") == 4);
    assert_true(scratch_number(store, "SELECT count(*) FROM result WHERE against = 'original' AND scope = 'row' AND metric = 'rmse'"
                                      " AND value IS NULL AND (head = 0 AND row >= 5 OR head = 1 AND row = 7)") == 2 * 4);
    assert_true(scratch_number(store, "SELECT count(*) FROM result WHERE against = 'original' AND scope = 'row' AND metric = 'rmse'"
                                      " AND value IS NULL") == 2 * 4);
    at_store_close(store);
}

/* An input named twice has two labels; two captures of one name in two folders are two cases. */
static void named_twice(void **state)
{
    (void)state;
    struct listener l = {0};
    struct at_study_outcome outcome;
    struct at_error error = {""};
    const char *database = scratch_path("twice.db");
    assert_int_equal(run_text("name: n\nrows: 2\nvariants: [fa3-fp16]\ninputs:\n"
                              "  - {distribution: normal, label: one, shape: {heads: 1, keys: 8, dim: 32}}\n"
                              "  - {distribution: normal, label: two, shape: {heads: 1, keys: 8, dim: 32}}\n"
                              "  - {distribution: normal, label: two, shape: {heads: 1, keys: 8, dim: 32}}\n",
                              database, &l, &outcome, NULL, &error),
                     AT_OK);
    struct at_store *store;
    assert_int_equal(at_store_open(database, AT_STORE_READ, &store, NULL), AT_OK);
    assert_true(scratch_number(store, "SELECT count(*) FROM input WHERE label IN ('one', 'two')") == 2);
    assert_true(scratch_number(store, "SELECT count(*) FROM planned") == 3);
    assert_true(scratch_number(store, "SELECT max(copy) FROM planned") == 1);
    assert_true(scratch_number(store, "SELECT count(*) FROM plan WHERE run IS NULL") == 0);
    at_store_close(store);
}

/* All that is asked is a fact before the first run. */
static void planned_first(void **state)
{
    (void)state;
    struct listener l = {.stop_at = 1};
    struct at_study_outcome outcome;
    struct at_error error = {""};
    const char *database = scratch_path("planned.db");
    assert_int_equal(run_text(study_text, database, &l, &outcome, NULL, &error), AT_ERR_INTERRUPTED);
    struct at_store *store;
    assert_int_equal(at_store_open(database, AT_STORE_READ, &store, NULL), AT_OK);
    assert_true(scratch_number(store, "SELECT count(*) FROM plan WHERE run IS NULL AND counts") == outcome.runs_total);
    at_store_close(store);
}

static void refused_first(void **state)
{
    (void)state;
    struct listener l = {0};
    struct at_study_outcome outcome;
    struct at_error error = {""};
    const char *database = scratch_path("v.db");
    assert_int_equal(run_text("name: n\nvariants: [fa3-fp16, \"fp8:rotate=hadamard64\"]\n"
                              "inputs: [{distribution: normal, shape: {heads: 1, keys: 8, dim: 32}}]\n",
                              database, &l, &outcome, NULL, &error),
                     AT_ERR_ARGUMENT);
    assert_non_null(strstr(error.message, "fp8:rotate=hadamard64"));
    struct at_store *store;
    assert_int_equal(at_store_open(database, AT_STORE_READ, &store, NULL), AT_OK);
    assert_true(scratch_number(store, "SELECT (SELECT count(*) FROM study) + (SELECT count(*) FROM run)") == 0);
    at_store_close(store);
}

int main(int count, char **arguments)
{
    if (count == 4)
        return child(arguments[1], arguments[2], atoi(arguments[3]));
    const struct CMUnitTest tests[] = {cmocka_unit_test(whole),  cmocka_unit_test(threads),          cmocka_unit_test(interrupted),
                                       cmocka_unit_test(killed), cmocka_unit_test(nonfinite_inputs), cmocka_unit_test(refused_first),
                                       cmocka_unit_test(named_twice), cmocka_unit_test(planned_first)};
    scratch_open();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    scratch_close();
    return failed;
}
