/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/account.h"

#include "scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct seen {
    int count;
    char what[8][64];
};

static enum at_status note(void *context, const struct at_account *account, struct at_error *error)
{
    struct seen *seen = context;
    (void)error;
    assert_true(seen->count < 8 && account->budget->count > 0 && account->oracle->oracle && !account->advices);
    snprintf(seen->what[seen->count++], 64, "%.20s %d %.20s", account->c->input->label, (int)account->c->seed, account->variant->name);
    return AT_OK;
}

static const char text[] = "name: n\nrows: 2\nvariants: [fa3-fp8, fa3-fp16]\ninputs:\n"
                           "  - {distribution: normal, label: first, seeds: [1, 5], shape: {heads: 1, keys: 40, dim: 32}}\n"
                           "  - {distribution: sink, label: second, shape: {heads: 1, keys: 50, dim: 32}}\n";

static void every_case_and_variant_in_order(void **state)
{
    (void)state;
    static const char *const wanted[] = {"first 1 fa3-fp8",  "first 1 fa3-fp16", "first 5 fa3-fp8",
                                         "first 5 fa3-fp16", "second 1 fa3-fp8", "second 1 fa3-fp16"};
    struct at_study study;
    struct at_error error;
    struct seen seen = {.count = 0};
    assert_int_equal(scratch_study(text, &study, &error), AT_OK);
    struct at_account_request request = {.study = &study};
    assert_int_equal(at_accounts_make(&request, note, &seen, &error), AT_OK);
    assert_int_equal(seen.count, 6);
    for (int i = 0; i < 6; i++)
        assert_string_equal(seen.what[i], wanted[i]);
    seen.count = 0;
    request.label = "second";
    assert_int_equal(at_accounts_make(&request, note, &seen, &error), AT_OK);
    assert_int_equal(seen.count, 2);
    assert_string_equal(seen.what[0], wanted[4]);
    request.label = "secund";
    assert_int_equal(at_accounts_make(&request, note, &seen, &error), AT_ERR_NOT_FOUND);
    assert_non_null(strstr(error.message, "'second'"));
    at_study_done(&study);
}

static enum at_status refuse(void *context, const struct at_account *account, struct at_error *error)
{
    (void)account;
    ++*(int *)context;
    return at_fail(error, AT_ERR_MEMORY, "no more");
}

static void a_failure_ends_it(void **state)
{
    (void)state;
    struct at_study study;
    struct at_error error;
    int calls = 0;
    assert_int_equal(scratch_study(text, &study, &error), AT_OK);
    const struct at_account_request request = {.study = &study};
    assert_int_equal(at_accounts_make(&request, refuse, &calls, &error), AT_ERR_MEMORY);
    assert_int_equal(calls, 1);
    at_study_done(&study);
}

static enum at_status with_advice(void *context, const struct at_account *account, struct at_error *error)
{
    (void)error;
    assert_true(account->advices && account->advices->count > 0);
    ++*(int *)context;
    return AT_OK;
}

static void advice_where_asked_for(void **state)
{
    (void)state;
    struct at_study study;
    struct at_error error;
    int calls = 0;
    assert_int_equal(scratch_study(text, &study, &error), AT_OK);
    const struct at_account_request request = {.study = &study, .label = "second", .advice = true};
    assert_int_equal(at_accounts_make(&request, with_advice, &calls, &error), AT_OK);
    assert_int_equal(calls, 2);
    at_study_done(&study);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_case_and_variant_in_order),
        cmocka_unit_test(a_failure_ends_it),
        cmocka_unit_test(advice_where_asked_for),
    };
    scratch_open();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    scratch_close();
    return failed;
}
