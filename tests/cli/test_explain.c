/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "tests/cli/command.h"
#include "tests/reports/fixture.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define SMALL "--shape 1x1x300x32 --rows 3"

static const char *db(void)
{
    return fixture_path("e.db");
}

static int clean(void **state)
{
    (void)state;
    fixture_done();
    return 0;
}

/* The JSON of an account, which must be the only one; free the whole. */
static json_t *account_of(struct outcome o, json_t **ret_whole)
{
    assert_code(o, 0);
    assert_json(o, "explain");
    *ret_whole = json_loads(o.out, 0, NULL);
    json_t *list = json_object_get(*ret_whole, "explain");
    assert_int_equal(json_array_size(list), 1);
    return json_array_get(list, 0);
}

static double number(const json_t *object, const char *key)
{
    json_t *value = json_object_get(object, key);
    if (!json_is_number(value))
        fail_msg("%s is no number", key);
    return json_number_value(value);
}

static void tables_and_json_say_the_same(void **state)
{
    (void)state;
    json_t *whole,
        *account = account_of(attest("explain --distribution k-channel " SMALL " --variants fa3-fp8 --json --db %s", db()), &whole);
    double alone = 0, removed = 0;
    size_t i;
    json_t *share;
    json_array_foreach(json_object_get(account, "shares"), i, share)
    {
        double all = number(account, "all"), of = number(share, "alone"), without = number(share, "without");
        assert_true(fabs(number(share, "share_alone") - of * of / (all * all)) <= 1e-12 * (1 + of * of / (all * all)));
        assert_true(fabs(number(share, "share_removed") - (1 - without * without / (all * all))) <= 1e-12);
        alone += number(share, "share_alone");
        removed += number(share, "share_removed");
    }
    assert_true(fabs(1 - alone - number(account, "remainder_alone")) <= 1e-9);
    assert_true(fabs(1 - removed - number(account, "remainder_removed")) <= 1e-9);
    assert_true(number(json_object_get(account, "expected"), "rel_rmse") > 0);
    json_t *best = json_array_get(json_object_get(account, "advice"), 0);
    assert_true(json_is_object(best) && number(best, "value") < number(account, "all"));
    json_decref(whole);
    struct outcome o = attest("explain --distribution k-channel " SMALL " --variants fa3-fp8 --db %s", db());
    assert_code(o, 0);
    assert_true(says(o.out, "K's quantisation") && says(o.out, "remainder: interaction") && says(o.out, "k.smooth=mean") &&
                says(o.out, " brings rel_rmse from "));
    assert_true(says(o.out, "measured / expected"));
    assert_true(says(o.out, "Kept in ") && says(o.out, "e.db: attest show budgets"));
}

/* What was told is there to be read, to the bit; once, however often it is made. What could not begin makes no database. */
static void what_was_told_is_kept(void **state)
{
    (void)state;
    struct outcome o = attest("explain --distribution v-mean " SMALL " --variants fa4-fp8 --db %s", db());
    assert_code(o, 64);
    assert_int_not_equal(access(db(), F_OK), 0);
    json_t *whole, *account = account_of(attest("explain --distribution v-mean " SMALL " --variants fa3-fp8 --json --db %s", db()), &whole);
    json_t *again, *same = account_of(attest("explain --distribution v-mean " SMALL " --variants fa3-fp8 --json --db %s", db()), &again);
    assert_true(json_equal(account, same));
    o = attest("show budgets --json --db %s", db());
    assert_code(o, 0);
    json_t *shown = json_loads(o.out, 0, NULL), *rows = json_object_get(shown, "budgets"), *shares = json_object_get(account, "shares");
    assert_true(json_array_size(rows) == json_array_size(shares) && json_array_size(rows) > 5);
    for (size_t i = 0; i < json_array_size(rows); i++) {
        json_t *row = json_array_get(rows, i), *share = json_array_get(shares, i);
        assert_string_equal(json_string_value(json_object_get(row, "name")), json_string_value(json_object_get(share, "rounding")));
        assert_true(number(row, "alone") == number(share, "alone") && number(row, "share_alone") == number(share, "share_alone") &&
                    number(row, "without") == number(share, "without") && number(row, "share_removed") == number(share, "share_removed"));
        assert_true(number(row, "all") == number(account, "all") && number(row, "none") == number(account, "none"));
        assert_true(fabs(number(row, "remainder_alone") - number(account, "remainder_alone")) <= 1e-12);
    }
    json_decref(shown);
    o = attest("show advice --json --db %s", db());
    shown = json_loads(o.out, 0, NULL);
    rows = json_object_get(shown, "advice");
    json_t *advice = json_object_get(account, "advice");
    assert_int_equal(json_array_size(rows), json_array_size(advice));
    for (size_t i = 0; i < json_array_size(rows); i++) {
        json_t *row = json_array_get(rows, i), *told = json_array_get(advice, i);
        assert_string_equal(json_string_value(json_object_get(row, "change")), json_string_value(json_object_get(told, "change")));
        assert_true(number(row, "value") == number(told, "value"));
    }
    json_decref(shown);
    json_decref(whole);
    json_decref(again);
}

/* The figure of an advice is that of attest run with the spelled variant. */
static void advice_is_what_run_measures(void **state)
{
    (void)state;
    json_t *whole, *account = account_of(attest("explain --distribution v-mean " SMALL " --variants fa3-fp8 --json --db %s", db()), &whole);
    double all = number(account, "all"), then = number(json_array_get(json_object_get(account, "advice"), 0), "value");
    char command[512];
    snprintf(command, sizeof command, "run --distribution v-mean " SMALL " --variant fa3-fp8 --variant 'fa3-fp8:%s' --db %s --json",
             json_string_value(json_object_get(json_array_get(json_object_get(account, "advice"), 0), "change")), fixture_path("a.db"));
    struct outcome o = attest("%s", command);
    assert_code(o, 0);
    json_t *run = json_loads(o.out, 0, NULL), *results = json_object_get(json_object_get(run, "run"), "results");
    assert_true(fabs(number(json_array_get(results, 0), "rel_rmse") / all - 1) <= 1e-12);
    assert_true(fabs(number(json_array_get(results, 1), "rel_rmse") / then - 1) <= 1e-12);
    json_decref(run);
    json_decref(whole);
}

static void metrics_captures_and_studies(void **state)
{
    (void)state;
    struct outcome o = attest("explain --distribution v-mean " SMALL " --variants fa3-fp8 --metric bias --no-advice --db %s", db());
    assert_code(o, 0);
    assert_true(says(o.out, "shares are of the signed bias") && !says(o.out, "measured.\n"));
    o = attest(
        "explain --distribution normal --shape 1x1x40x32 --rows 2 --seeds 1,2 --variants fa3-fp8 --metric lse_error --no-advice --db %s",
        db());
    assert_code(o, 0);
    assert_true(says(o.out, "seed 1, fa3-fp8") && says(o.out, "seed 2, fa3-fp8") && says(o.out, "log-sum-exp"));
    FILE *file = fopen(fixture_path("s.yaml"), "w");
    assert_non_null(file);
    fputs("name: s\nrows: 2\nvariants: [fa3-fp8, fa3-fp16]\ninputs:\n"
          "  - {distribution: normal, label: one, shape: {heads: 1, keys: 40, dim: 32}}\n"
          "  - {distribution: normal, label: two, shape: {heads: 1, keys: 40, dim: 32}}\n",
          file);
    fclose(file);
    o = attest("explain %s --case two --variants fp8-two-level --no-advice --db %s", fixture_path("s.yaml"), db());
    assert_code(o, 0);
    assert_true(says(o.out, "two, seed 1, fp8-two-level") && says(o.out, "promotion sums") && !says(o.out, "one, seed 1"));
    o = attest("explain %s --no-advice --db %s", fixture_path("s.yaml"), db());
    assert_code(o, 0);
    assert_true(says(o.out, "one, seed 1, fa3-fp8") && says(o.out, "two, seed 1, fa3-fp16"));
    o = attest("explain %s --case twoo --db %s", fixture_path("s.yaml"), db());
    assert_code(o, 2);
    assert_complaint(o, "'two'");
}

static void mistakes_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *arguments;
        int code;
        const char *complaint;
    } cases[] = {
        {"explain", 64, "explain what?"},
        {"explain --distribution normal " SMALL, 64, "no variant given"},
        {"explain --distribution normal " SMALL " --variants fa3-fp8 --metric rel_rmsd", 64, "'rel_rmse'"},
        {"explain --distribution normal " SMALL " --variants fa3-fp8 --case x", 64, "'--case' belongs to a study file"},
        {"explain none.yaml --rows 3", 64, "does not go with a study file"},
        {"explain none.yaml", 2, "none.yaml"},
        {"explain --distribution normal --shape 1x1x3x32 --variants fa4-fp8", 64, "fa3-fp8"},
        {"explain --input none.safetensors --variants fa3-fp8", 2, "none.safetensors"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct outcome o = attest("%s", cases[i].arguments);
        assert_code(o, cases[i].code);
        assert_complaint(o, cases[i].complaint);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(tables_and_json_say_the_same, clean), cmocka_unit_test_teardown(what_was_told_is_kept, clean),
        cmocka_unit_test_teardown(advice_is_what_run_measures, clean),  cmocka_unit_test_teardown(metrics_captures_and_studies, clean),
        cmocka_unit_test_teardown(mistakes_are_refused, clean),
    };
    (void)argc;
    command_program(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
