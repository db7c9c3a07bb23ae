/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/account_keep.h"

#include "scratch.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static const char text[] = "name: n\nrows: 2\nvariants: [fa3-fp8, fa3-fp16]\ninputs:\n"
                           "  - {distribution: v-mean, seeds: [1, 5], shape: {heads: 1, keys: 40, dim: 32}}\n";

struct keeping {
    struct at_account_keeper keeper;
    int told, ready;
    double value, share, expected, advice; /* of the first */
};

static enum at_status is_ready(void *context, struct at_error *error)
{
    struct keeping *k = context;
    (void)error;
    assert_int_equal(k->told, 0);
    k->ready++;
    return AT_OK;
}

static enum at_status keep(void *context, const struct at_account *account, struct at_error *error)
{
    struct keeping *k = context;
    const struct at_budget *b = account->budget;
    if (k->told++ == 0) {
        k->value = at_deviation_value(&b->whole, b->metric);
        k->share = b->entries[0].share_alone;
        k->expected = at_expectation_value(account->expectation);
        k->advice = account->advices ? at_deviation_value(&account->advices->list[0].deviation, b->metric) : NAN;
    }
    return at_account_keep(&k->keeper, account, error);
}

static void account(struct keeping *k, bool advice)
{
    struct at_study study;
    struct at_error error = {""};
    const struct at_account_request request = {.study = &study, .advice = advice, .ready = is_ready};
    if (scratch_study(text, &study, &error) || at_accounts_make(&request, keep, k, &error))
        fail_msg("%s", error.message);
    at_study_done(&study);
}

/* Each case and variant once, however often; what is read is what was told, to the bit. */
static void what_was_told_is_kept(void **state)
{
    (void)state;
    struct at_store *store;
    struct keeping first = {.told = 0}, second;
    struct at_error error = {""};
    assert_int_equal(at_store_open(scratch_path("k.db"), AT_STORE_WRITE, &store, &error), AT_OK);
    assert_int_equal(at_account_keeper_init(&first.keeper, store, AT_SIMD_AUTO, &error), AT_OK);
    second = first;
    account(&first, true);
    account(&second, true);
    assert_true(first.told == 4 && first.ready == 1 && scratch_number(store, "SELECT count(*) FROM budget") == 4);
    assert_true(first.value == second.value);
    assert_true(scratch_number(store, "SELECT count(*) FROM input WHERE label = 'v-mean' AND length(sha256) = 64") == 2);
    assert_true(scratch_number(store, "SELECT value FROM budget WHERE id = 1") == first.value);
    assert_true(scratch_number(store, "SELECT expected FROM budget WHERE id = 1") == first.expected);
    assert_true(scratch_number(store, "SELECT share_alone FROM share WHERE budget = 1 ORDER BY id LIMIT 1") == first.share);
    assert_true(scratch_number(store, "SELECT value FROM advice WHERE budget = 1 AND nth = 0") == first.advice);
    assert_true(scratch_number(store, "SELECT count(*) FROM share WHERE rounding = 'q' AND expected > 0") == 2); /* fp16 inputs stay */
    double advised = scratch_number(store, "SELECT count(*) FROM advice");
    second.told = 0;
    account(&second, false); /* another fact: nothing was advised */
    assert_true(scratch_number(store, "SELECT count(*) FROM budget WHERE advised = 0") == 4);
    assert_true(scratch_number(store, "SELECT count(*) FROM advice") == advised);
    assert_true(scratch_number(store, "SELECT count(*) FROM run") == 0);
    at_store_close(store);
}

static enum at_status not_ready(void *context, struct at_error *error)
{
    (void)context;
    return at_fail(error, AT_ERR_IO, "no room");
}

static void nothing_is_computed_where_nothing_can_be_kept(void **state)
{
    (void)state;
    struct at_study study;
    struct at_error error = {""};
    struct keeping k = {.told = 0};
    const struct at_account_request request = {.study = &study, .ready = not_ready};
    assert_int_equal(scratch_study(text, &study, &error), AT_OK);
    assert_int_equal(at_accounts_make(&request, keep, &k, &error), AT_ERR_IO);
    assert_string_equal(error.message, "no room");
    assert_int_equal(k.told, 0);
    at_study_done(&study);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_was_told_is_kept),
                                       cmocka_unit_test(nothing_is_computed_where_nothing_can_be_kept)};
    scratch_open();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    scratch_close();
    return failed;
}
