/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static const struct at_input_fact input = {"capture", "x.safetensors", "x", "fp16", 0, {1, 4, 2, 128, 256, 64, true, 0}, "c0", 0, 0};

static struct at_input_fact of_content(const char *sha256)
{
    struct at_input_fact fact = input;
    fact.input_sha256 = sha256;
    return fact;
}

static int64_t put_plan(struct at_store *store, const char *text, bool of_file, int64_t variant, int64_t copies)
{
    struct at_planned_fact planned[2] = {{input, 0, variant, 16, 1, "mpfr", {.tokens = 0}},
                                         {input, 1, variant, 16, 1, "mpfr", {.tokens = 0}}};
    struct at_error error = {""};
    int64_t id = -1;
    if (at_store_put_plan(store, &(struct at_study_fact){text, "name", text}, of_file, planned, (size_t)copies, &id, &error))
        fail_msg("%s", error.message);
    return id;
}

static int64_t put_found(struct at_store *store, int64_t study, int64_t copy, const char *sha256)
{
    struct at_input_fact fact = of_content(sha256);
    struct at_error error = {""};
    int64_t id = -1;
    if (at_store_put_found(store, study, copy, &fact, &id, &error))
        fail_msg("%s", error.message);
    return id;
}

/* What was asked is there before any run, once, and answered by the run of the content found last. */
static void test_planned_then_answered(void **state)
{
    const struct folder *folder = *state;
    struct at_store *store = open_or_fail(folder->db, AT_STORE_WRITE);
    struct at_run_key key = put_context(store);
    int64_t study = put_plan(store, "a", true, key.variant, 2), run;
    assert_int_equal(put_plan(store, "a", true, key.variant, 2), study);
    assert_int_equal(select_integer(store, "SELECT count(*) FROM planned"), 2);
    assert_int_equal(select_integer(store, "SELECT count(*) FROM asked"), 1);
    assert_int_equal(select_integer(store, "SELECT count(*) FROM plan WHERE run IS NULL AND input IS NULL AND counts"), 2);
    int64_t first = put_found(store, study, 0, "c0"), second = put_found(store, study, 1, "c1");
    assert_true(first != second);
    assert_int_equal(put_found(store, study, 0, "c0"), first);
    assert_int_equal(select_integer(store, "SELECT count(*) FROM found"), 2);
    key = (struct at_run_key){study, first, key.variant, key.build, key.device, 16, 1, "mpfr"};
    assert_int_equal(put_sample(store, &key, 1, &run, NULL), AT_OK);
    assert_int_equal(select_integer(store, "SELECT count(*) FROM planned"), 2);
    assert_int_equal(select_integer(store, "SELECT run FROM plan WHERE copy = 0"), run);
    assert_int_equal(select_integer(store, "SELECT count(*) FROM plan WHERE copy = 1 AND run IS NULL"), 1);
    put_found(store, study, 0, "c2"); /* the file was captured again: what was measured of the old one answers nothing */
    assert_int_equal(select_integer(store, "SELECT count(*) FROM plan WHERE run IS NULL"), 2);
    put_found(store, study, 0, "c0"); /* and back */
    assert_int_equal(select_integer(store, "SELECT run FROM plan WHERE copy = 0"), run);
    put_found(store, study, 0, "c2");
    assert_int_equal(select_integer(store, "SELECT count(*) FROM found"), 5);
    at_store_close(store);
}

/* Of study files of one name the last that was run counts, also when it is an old one; questions of command lines stand side by side. */
static void test_the_last_file_counts(void **state)
{
    const struct folder *folder = *state;
    struct at_store *store = open_or_fail(folder->db, AT_STORE_WRITE);
    int64_t variant = put_context(store).variant;
    int64_t flags = put_plan(store, "flags", false, variant, 1), a = put_plan(store, "a", true, variant, 1);
    assert_int_equal(select_integer(store, "SELECT count(*) FROM latest_study WHERE name = 'name'"), 2);
    int64_t b = put_plan(store, "b", true, variant, 1);
    char sql[128];
    snprintf(sql, sizeof sql, "SELECT count(*) FROM latest_study WHERE id IN (%d, %d)", (int)flags, (int)b);
    assert_int_equal(select_integer(store, sql), 2);
    assert_int_equal(select_integer(store, "SELECT count(*) FROM latest_study WHERE name = 'name'"), 2);
    put_plan(store, "a", true, variant, 1);
    snprintf(sql, sizeof sql, "SELECT count(*) FROM latest_study WHERE id IN (%d, %d)", (int)flags, (int)a);
    assert_int_equal(select_integer(store, sql), 2);
    put_plan(store, "b", true, variant, 1);
    assert_int_equal(select_integer(store, "SELECT count(*) FROM asked"), 4);
    at_store_close(store);
}

/* Another study's equal run is the same run, asked for by both. */
static void test_a_run_of_two_studies(void **state)
{
    const struct folder *folder = *state;
    struct at_store *store = open_or_fail(folder->db, AT_STORE_WRITE);
    struct at_run_key key = put_context(store);
    int64_t first, again;
    assert_int_equal(put_sample(store, &key, 1, &first, NULL), AT_OK);
    assert_int_equal(at_store_put_study(store, &(struct at_study_fact){"5b", "second", "other"}, &key.study, NULL), AT_OK);
    assert_int_equal(at_store_find_run(store, &key, &again, NULL), AT_OK);
    assert_int_equal(put_sample(store, &key, 1, &again, NULL), AT_OK);
    assert_int_equal(again, first);
    assert_int_equal(select_integer(store, "SELECT count(*) FROM run"), 1);
    assert_int_equal(select_integer(store, "SELECT count(*) FROM plan WHERE run = 1"), 2);
    at_store_close(store);
}

/* A plan is there whole or not at all, its study with it. */
static void test_a_refused_plan_leaves_nothing(void **state)
{
    const struct folder *folder = *state;
    struct at_store *store = open_or_fail(folder->db, AT_STORE_WRITE);
    int64_t variant = put_context(store).variant, id = -5;
    struct at_planned_fact planned[2] = {{input, 0, variant, 16, 1, "mpfr", {.tokens = 0}}, {input, 0, 99, 16, 1, "mpfr", {.tokens = 0}}};
    struct at_error error = {""};
    assert_int_equal(at_store_put_plan(store, &(struct at_study_fact){"p", "p", "p"}, true, planned, 2, &id, &error), AT_ERR_ARGUMENT);
    assert_int_equal(id, -5);
    assert_int_equal(select_integer(store, "SELECT (SELECT count(*) FROM study) - 1 + (SELECT count(*) FROM planned) +"
                                    " (SELECT count(*) FROM description) + (SELECT count(*) FROM asked)"), 0);
    at_store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_planned_then_answered, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_the_last_file_counts, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_a_run_of_two_studies, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_a_refused_plan_leaves_nothing, folder_setup, folder_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
