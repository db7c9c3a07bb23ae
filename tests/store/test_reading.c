/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "fixture.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const struct at_input_fact input = {"capture", "x.safetensors", "x", "fp16", 0, {1, 4, 2, 128, 256, 64, true, 0}, "c0", 0, 0};
static const struct at_readout_fact first = {"5e", "head.safetensors", "w", "bf16", 50, 128};
static const struct at_readout_fact changed = {"5f", "head.safetensors", "w", "bf16", 50, 128};
static const struct at_reference_fact reference = {"original", "", "mpfr", "70", 256, -120.5, 0, 11, {.known = false}};

static int64_t put_plan(struct at_store *store, int64_t variant, struct at_readout_fact readout)
{
    const struct at_planned_fact planned = {input, 0, variant, 16, 1, "mpfr", readout};
    struct at_error error = {""};
    int64_t id = -1;
    if (at_store_put_plan(store, &(struct at_study_fact){"a", "name", "a"}, true, &planned, 1, &id, &error))
        fail_msg("%s", error.message);
    return id;
}

static enum at_status put_run(struct at_store *store, const struct at_run_key *key, const char *output,
                              const struct at_readout_fact *readout, int reference_of, struct at_error *error)
{
    const struct at_token_fact tokens[] = {{0, 0, 3, 5, 0.25, 0x1p-40, 1, 2.5, 0x1p-30},
                                           {reference_of, 1, -1, 7, NAN, 0, -1, NAN, 0},
                                           {0, 2, 0, 7, INFINITY, INFINITY, 0, INFINITY, 0}};
    const struct at_run_fact run = {
        .key = *key, .operands_sha256 = "op", .output_sha256 = output, .reading = {readout, tokens, readout ? 3 : 0}};
    int64_t id;
    return at_store_put_run(store, &run, &reference, 1, NULL, 0, NULL, 0, &id, error);
}

static struct at_run_key begin(const struct folder *folder, struct at_store **ret_store, struct at_readout_fact readout)
{
    *ret_store = open_or_fail(folder->db, AT_STORE_WRITE);
    struct at_run_key key = put_context(*ret_store);
    struct at_input_fact found = input;
    key = (struct at_run_key){put_plan(*ret_store, key.variant, readout), 0, key.variant, key.build, key.device, 16, 1, "mpfr"};
    assert_int_equal(at_store_put_found(*ret_store, key.study, 0, &found, &key.input, NULL), AT_OK);
    return key;
}

/* What is put comes back; what has no value is NULL, infinity is a value. */
static void test_facts_come_back(void **state)
{
    struct at_store *store;
    struct at_error error = {""};
    struct at_run_key key = begin(*state, &store, first);
    int64_t id;
    if (put_run(store, &key, "out", &first, 0, &error))
        fail_msg("%s", error.message);
    assert_int_equal(select_integer(store, "SELECT count(*) FROM readout WHERE sha256 = '5e' AND file = 'head.safetensors' AND tensor = 'w'"
                                           " AND format = 'bf16' AND tokens = 50 AND width = 128"),
                     1);
    assert_int_equal(select_integer(store, "SELECT count(*) FROM token_change WHERE against = 'original' AND batch = 0 AND head = 3 AND"
                                           " row = 5 AND kl = 0.25 AND top_unchanged = 1 AND max_logit = 2.5"),
                     1);
    assert_int_equal(select_integer(store, "SELECT count(*) FROM token_change WHERE batch = 1 AND head IS NULL AND kl IS NULL AND"
                                           " top_unchanged IS NULL AND max_logit IS NULL"),
                     1);
    assert_int_equal(select_integer(store, "SELECT count(*) FROM token_change WHERE batch = 2 AND kl > 1e308 AND top_unchanged = 0"), 1);
    assert_int_equal(at_store_find_reading(store, 1, &first, &id, NULL), AT_OK);
    assert_int_equal(at_store_find_reading(store, 1, &changed, &id, NULL), AT_ERR_NOT_FOUND);
    assert_int_equal(at_store_find_reading(store, 2, &first, &id, NULL), AT_ERR_NOT_FOUND);
    at_store_close(store);
}

/* A run without the readout that its study asks for is none of its runs, until it has been read out; the readout that came last counts. */
static void test_a_run_answers_with_its_readout(void **state)
{
    static const char open[] = "SELECT count(*) FROM plan WHERE run IS NULL";
    struct at_store *store;
    struct at_run_key key = begin(*state, &store, first);
    assert_int_equal(put_run(store, &key, "out", NULL, 0, NULL), AT_OK);
    assert_int_equal(select_integer(store, open), 1);
    assert_int_equal(put_run(store, &key, "out", &first, 0, NULL), AT_OK);
    assert_int_equal(select_integer(store, open), 0);
    assert_int_equal(put_run(store, &key, "out", &first, 0, NULL), AT_OK); /* found */
    assert_int_equal(select_integer(store, "SELECT count(*) FROM run"), 1);
    assert_int_equal(select_integer(store, "SELECT count(*) FROM token_change"), 3);
    put_plan(store, key.variant, changed);
    assert_int_equal(select_integer(store, open), 1);
    assert_int_equal(put_run(store, &key, "out", &changed, 0, NULL), AT_OK);
    assert_int_equal(select_integer(store, open), 0);
    put_plan(store, key.variant, first); /* and back */
    put_plan(store, key.variant, first);
    assert_int_equal(select_integer(store, "SELECT count(*) FROM planned_readout"), 3);
    assert_int_equal(select_integer(store, "SELECT count(*) FROM plan JOIN readout ON readout.id = plan.readout WHERE sha256 = '5e'"), 1);
    assert_int_equal(select_integer(store, open), 0);
    at_store_close(store);
}

/* Nothing of it is stored. */
static void test_another_output_is_refused(void **state)
{
    struct at_store *store;
    struct at_error error = {""};
    struct at_run_key key = begin(*state, &store, first);
    assert_int_equal(put_run(store, &key, "out", NULL, 0, NULL), AT_OK);
    assert_int_equal(put_run(store, &key, "other", &first, 0, &error), AT_ERR_FORMAT);
    assert_non_null(strstr(error.message, "run 1 is stored with another output"));
    assert_int_equal(put_run(store, &key, "out", &first, 1, &error), AT_ERR_ARGUMENT);
    assert_non_null(strstr(error.message, "sample 1 of the readout names reference 1 of 1"));
    assert_int_equal(select_integer(store, "SELECT (SELECT count(*) FROM reading) + (SELECT count(*) FROM token_change)"), 0);
    at_store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_facts_come_back, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_a_run_answers_with_its_readout, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_another_output_is_refused, folder_setup, folder_teardown),
    };
    return cmocka_run_group_tests_name("store/reading", tests, NULL, NULL);
}
