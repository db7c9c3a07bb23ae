/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/* A study whose truth fp64_sm90 gives, on an emulated GPU. */
#include "../study/scratch.h"
#include "emulated.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

/* Two cases, four heads, references of the inputs and of three sets of operands. */
static const char text[] = "name: n\nrows: 8\noracle: %s\nvariants: [fa3-fp16, fa3-fp8, fp8-smooth-k]\ninputs:\n"
                           "  - {distribution: normal, causal: true, seeds: [1, 2], shape: {heads: 4, kv-heads: 2, keys: 48, dim: 32}}\n";

static char notes[1024];

static void note(void *context, const char *line)
{
    size_t used = strlen(notes);
    (void)context;
    snprintf(notes + used, sizeof notes - used, "%s\n", line);
}

static enum at_status run(const char *oracle, const char *database, struct at_study_outcome *ret_outcome, double *ret_rmse,
                          struct at_error *error)
{
    char study_text[512];
    struct at_study study;
    struct at_store *store;
    const struct at_study_events events = {.note = note};
    notes[0] = '\0';
    snprintf(study_text, sizeof study_text, text, oracle);
    if (scratch_study(study_text, &study, error) || at_store_open(scratch_path(database), AT_STORE_WRITE, &store, error))
        fail_msg("%s", error->message);
    enum at_status status = at_study_run(&study, store, NULL, &events, ret_outcome, error);
    if (!status && ret_rmse)
        *ret_rmse = scratch_number(store, "SELECT sum(value) FROM measure WHERE metric = 'rmse'");
    at_store_close(store);
    at_study_done(&study);
    return status;
}

static void assert_no_child(void)
{
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

/* The driver starts once for all heads, references and cases; the measures are certified's but for the radii. */
static void test_starts_once(void **state)
{
    (void)state;
    struct at_study_outcome outcome;
    struct at_error error = {""};
    double rmse = 0, wanted = 0;
    emulated_gpu->opened = 0;
    assert_int_equal(run("fp64_sm90", "gpu.db", &outcome, &rmse, &error), AT_OK);
    assert_int_equal(emulated_gpu->opened, 1);
    assert_string_equal(notes, "");
    assert_true(outcome.runs_done == 6 && strcmp(outcome.oracle.oracle->name, "fp64_sm90") == 0);
    assert_no_child(); /* and it ends with the study */
    assert_int_equal(run("certified", "cpu.db", &outcome, &wanted, &error), AT_OK);
    assert_true(wanted > 0 && rmse - wanted <= wanted * 0x1p-30 && wanted - rmse <= wanted * 0x1p-30);
}

/* One device error costs one run, which is told; all others are stored. */
static void test_failure(void **state)
{
    (void)state;
    struct at_study_outcome outcome;
    struct at_error error = {""};
    emulated_gpu->opened = 0;
    emulated_gpu->dying = 1;
    assert_int_equal(run("fp64_sm90", "dying.db", &outcome, NULL, &error), AT_OK);
    assert_int_equal(emulated_gpu->opened, 2);
    assert_true(outcome.runs_done == 5 && outcome.runs_failed == 1);
    assert_non_null(strstr(notes, "not stored: "));
    assert_non_null(strstr(notes, "oracle fp64_sm90: its process died by signal 9 (Killed): look at nvidia-smi\n"));
    assert_no_child();
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_starts_once), cmocka_unit_test(test_failure)};
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
