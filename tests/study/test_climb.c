/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/climb.h"

#include "scratch.h"
#include "study/gate.h"
#include "synthetic.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define INPUTS "inputs:\n  - {distribution: normal, causal: true, label: a case, shape: {heads: 2, keys: 24, dim: 32}}\n"
#define TEXT(oracle) "name: n\nrows: 5\noracle: " oracle "\nvariants: [fa3-fp16, fp8-smooth-k]\n" INPUTS

enum { OUTPUTS_ROWS = 2 * 5 }; /* heads x rows */

static char notes[2048];

static void note(void *context, const char *line)
{
    (void)context;
    snprintf(notes + strlen(notes), sizeof notes - strlen(notes), "%s\n", line);
}

/* The study into a database of its own, which stays open. */
static enum at_status run(const char *text, const char *name, struct at_store **ret_store, struct at_study_outcome *ret_outcome,
                          struct at_error *error)
{
    struct at_study study;
    const struct at_study_events events = {.note = note};
    notes[0] = '\0';
    if (scratch_study(text, &study, error) || at_store_open(scratch_path(name), AT_STORE_WRITE, ret_store, error))
        fail_msg("%s", error->message);
    enum at_status status = at_study_run(&study, *ret_store, NULL, &events, ret_outcome, error);
    at_study_done(&study);
    return status;
}

static struct at_store *ran(const char *text, const char *name, struct at_study_outcome *ret_outcome)
{
    struct at_store *store;
    struct at_error error = {""};
    if (run(text, name, &store, ret_outcome, &error))
        fail_msg("%s", error.message);
    return store;
}

static enum at_verdict verdict(struct at_store *store, const char *asked)
{
    struct at_requirement *requirements;
    size_t count;
    struct at_gate_result result;
    const struct at_gate_filter all = {.study = NULL};
    const struct at_gate_rule rule = {.interval = NULL};
    assert_int_equal(at_requirements_parse(asked, &requirements, &count, NULL), AT_OK);
    assert_int_equal(at_gate_evaluate(store, &all, &rule, requirements, count, &result, NULL), AT_OK);
    enum at_verdict said = result.verdict;
    at_gate_done(&result);
    free(requirements);
    return said;
}

/* Every row of a truth that is too blunt goes up: what is measured is what certified alone measures, and the store says who did it. */
static void blunt(void **state)
{
    (void)state;
    struct at_study_outcome outcome;
    synthetic = (struct synthetic){SYNTHETIC_HONEST, -12, -45, 1e-4, false};
    struct at_store *certified = ran(TEXT("certified"), "c.db", &outcome);
    struct at_store *store = ran(TEXT("auto"), "s.db", &outcome);
    assert_ptr_equal(outcome.oracle.oracle, &at_oracle_synthetic);
    assert_non_null(strstr(outcome.oracle.reason, "synthetic, the cheapest"));
    assert_string_equal(notes, "");
    assert_true(scratch_number(store, "SELECT count(*) FROM run WHERE oracle = 'synthetic'") == 2);
    assert_true(scratch_number(store, "SELECT count(*) FROM planned WHERE oracle = 'synthetic'") == 2);
    assert_true(scratch_number(store, "SELECT count(*) FROM study WHERE text LIKE '%\"oracle\":\"synthetic\"%'") == 1);
    assert_true(scratch_number(store, "SELECT count(*) FROM reference JOIN ladder ON ladder.reference = reference.id"
                                      " WHERE oracle = 'synthetic' AND raised_by = 'certified' AND open_rows = 0") == 4);
    assert_true(scratch_number(store, "SELECT min(raised_rows) FROM ladder") == OUTPUTS_ROWS);
    static const char total[] = "SELECT sum(value * (measure.id % 97 + 1)) FROM measure WHERE metric != 'bias'";
    assert_true(scratch_number(store, total) == scratch_number(certified, total));
    static const char radius[] = "SELECT max(radius) FROM measure WHERE metric IN ('rmse', 'max_abs')";
    assert_true(scratch_number(store, radius) == scratch_number(certified, radius));
    assert_true(scratch_number(store, "SELECT max(radius_log2) FROM reference") < -80); /* of the truths that were used */
    at_store_close(certified);
    at_store_close(store);
    /* the same again is found, under the oracle that was chosen and not under "auto" */
    store = ran(TEXT("auto"), "s.db", &outcome);
    assert_true(outcome.runs_done == 0 && outcome.runs_found == 2);
    at_store_close(store);
    synthetic.missing = true;
    store = ran(TEXT("auto"), "s.db", &outcome); /* elsewhere: another truth, other runs */
    assert_ptr_equal(outcome.oracle.oracle, at_oracles[1]);
    assert_true(outcome.runs_done == 2);
    at_store_close(store);
}

/* A truth that is sharp enough stays. Nothing is nearer to what is measured with it than 2^10 radii. */
static void sharp(void **state)
{
    (void)state;
    struct at_study_outcome outcome;
    synthetic = (struct synthetic){SYNTHETIC_HONEST, -76, -76, 1e-4, false};
    struct at_store *store = ran(TEXT("auto"), "h.db", &outcome);
    assert_true(scratch_number(store, "SELECT count(*) FROM ladder WHERE raised_rows = 0 AND open_rows = 0 AND raised_by IS NULL") == 4);
    assert_true(scratch_number(store, "SELECT min(smallest_log2) FROM ladder") >= AT_CLIMB_FLOOR);
    assert_true(scratch_number(store, "SELECT max(smallest_log2) FROM ladder") < -10);
    assert_true(scratch_number(store, "SELECT count(*) FROM ladder WHERE checked_by = 'certified' AND checked_rows = 2") == 4);
    assert_true(scratch_number(store, "SELECT min(disagreement_share) FROM ladder") > 0.24); /* a quarter, as it was made */
    assert_true(scratch_number(store, "SELECT max(disagreement_share) FROM ladder") < 0.26);
    at_store_close(store);
    /* The first row sees one key and is exact in fp16: 2^-73 is too much beside the floor of 2^-64, and enough for most others. */
    synthetic.radius_log2 = -73;
    store = ran("name: n\nrows: all\noracle: synthetic\nvariants: [fa3-fp16]\n" INPUTS, "h2.db", &outcome);
    assert_true(scratch_number(store, "SELECT min(raised_rows) FROM ladder WHERE open_rows = 0") >= 2); /* of each head */
    assert_true(scratch_number(store, "SELECT max(raised_rows) FROM ladder") <= 24);
    at_store_close(store);
}

/* No oracle is sharper: what is measured stands with its radius, is told, and no verdict that the radius could change is given. */
static void last(void **state)
{
    (void)state;
    struct at_study_outcome outcome;
    synthetic = (struct synthetic){SYNTHETIC_HONEST, 40, -300, 1e-4, false};
    struct at_store *store = ran(TEXT("synthetic"), "l.db", &outcome);
    assert_true(scratch_number(store, "SELECT min(open_rows) FROM ladder WHERE raised_by IS NULL AND checked_by IS NULL") == OUTPUTS_ROWS);
    assert_non_null(strstr(notes, "a case: fa3-fp16: in 10 rows an error is less than 2^10 times the radius of the truth, and no oracle is "
                                  "sharper than synthetic"));
    assert_int_equal(verdict(store, "max_abs<=1e-6"), AT_CANNOT_SAY);
    assert_int_equal(verdict(store, "rel_rmse<=1e30"), AT_CANNOT_SAY);
    assert_int_equal(verdict(store, "nonfinite==0"), AT_MET); /* no truth is needed for it */
    at_store_close(store);
    synthetic.radius_log2 = -300; /* as sharp as can be */
    store = ran(TEXT("synthetic"), "l2.db", &outcome);
    assert_int_equal(verdict(store, "rel_rmse<=0.5"), AT_MET);
    assert_string_equal(notes, "");
    at_store_close(store);
}

/* NaN is no truth: from the sharpest it leaves rows without one, and nothing is met; from any other the next one contradicts it. */
static void nan_for_a_truth(void **state)
{
    (void)state;
    struct at_study_outcome outcome;
    struct at_store *store;
    struct at_error error = {""};
    for (int kind = SYNTHETIC_NAN; kind <= SYNTHETIC_UNDEFINED; kind++) {
        char name[16];
        snprintf(name, sizeof name, "n%d.db", kind);
        synthetic = (struct synthetic){(enum synthetic_kind)kind, -90, -300, 1e-4, false};
        store = ran(TEXT("synthetic"), name, &outcome);
        assert_true(scratch_number(store, "SELECT min(undefined_rows) FROM reference") == OUTPUTS_ROWS);
        assert_int_equal(verdict(store, "rel_rmse<=1e30"), AT_CANNOT_SAY);
        assert_int_equal(verdict(store, "lse_error<=1e30"), AT_CANNOT_SAY);
        at_store_close(store);
        synthetic.guess_log2 = -45;
        assert_int_equal(run(TEXT("synthetic"), "m.db", &store, &outcome, &error), AT_ERR_UNDEFINED);
        assert_non_null(strstr(error.message, "column 0: oracle synthetic gives nan"));
        assert_true(scratch_number(store, "SELECT count(*) FROM run") == 0);
        at_store_close(store);
    }
}

/* Two enclosures that do not meet: the study ends with one line that says where, what, and how far each may be off. */
static void contradiction(void **state)
{
    (void)state;
    struct at_study_outcome outcome;
    struct at_store *store;
    struct at_error error = {""};
    synthetic = (struct synthetic){SYNTHETIC_WRONG, -40, -40, 1e-4, false};
    assert_int_equal(run(TEXT("synthetic"), "w.db", &store, &outcome, &error), AT_ERR_UNDEFINED);
    static const char *const parts[] = {"a case: fa3-fp16: head ",
                                        " of batch 0, query row ",
                                        ", column 31: oracle synthetic gives ",
                                        " within ",
                                        ", oracle certified ",
                                        " apart: ",
                                        "--oracle mpfr"};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        assert_non_null(strstr(error.message, parts[i]));
    assert_null(strchr(error.message, '\n'));
    assert_true(scratch_number(store, "SELECT count(*) FROM run") == 0);
    at_store_close(store);
    synthetic.missing = true;
    assert_int_equal(run(TEXT("synthetic"), "w.db", &store, &outcome, &error), AT_ERR_UNSUPPORTED);
    assert_string_equal(error.message, "oracle synthetic: not on this machine; take another");
    at_store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(blunt), cmocka_unit_test(sharp), cmocka_unit_test(last),
                                       cmocka_unit_test(nan_for_a_truth), cmocka_unit_test(contradiction)};
    scratch_open();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    scratch_close();
    return failed;
}
