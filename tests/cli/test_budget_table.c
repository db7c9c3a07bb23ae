/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "cli/budget_table.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct at_deviation of_square(double square)
{
    return (struct at_deviation){.outputs = 1, .error2 = square, .truth2 = 1};
}

struct made_up {
    struct at_study_input input;
    struct at_case c;
    struct at_variant_choice variant;
    struct at_oracle oracle;
    struct at_oracle_choice choice;
    struct at_budget budget;
    struct at_expectation expectation;
    struct at_advices advices;
    struct at_account account;
};

/* An error of 0.1, 81 % of V alone, 25 % removed with Q; V to 16 bits leaves 0.02, a scale per channel 0.05. */
static void made_up_init(struct made_up *m)
{
    static char label[] = "mine";
    *m = (struct made_up){.input = {.label = label}, .oracle = {.name = "mpfr"}, .variant = {.name = "fa3-fp8"}};
    m->c = (struct at_case){.input = &m->input, .seed = 7, .problem = {1, 1, 1, 5, 9, 32, false, 0}, .rows = {.count = 3}};
    m->choice = (struct at_oracle_choice){.oracle = &m->oracle};
    m->budget = (struct at_budget){.whole = of_square(0.01), .none = of_square(0), .count = 2, .sum_alone = 0.91, .sum_removed = 1.05};
    m->budget.entries[0] = (struct at_budget_entry){AT_ROUNDING_V, of_square(0.0081), of_square(0.002), 0.81, 0.8};
    m->budget.entries[1] = (struct at_budget_entry){AT_ROUNDING_Q, of_square(1e-9), of_square(0.0075), 1e-7, 0.25};
    m->expectation = (struct at_expectation){.truth2 = 1};
    m->expectation.square[AT_ROUNDING_V] = 0.0025;
    m->advices = (struct at_advices){.count = 2, .value = 0.1};
    m->advices.list[0] =
        (struct at_advice){.rounding = AT_ROUNDING_V, .change = "v.format=fp16", .widens = true, .deviation = of_square(0.0004)};
    m->advices.list[1] = (struct at_advice){.rounding = AT_ROUNDING_V, .change = "v.scale=channel", .deviation = of_square(0.0025)};
    m->account = (struct at_account){&m->c, NULL, &m->variant, &m->choice, &m->budget, &m->expectation, &m->advices};
}

static void printed(const struct at_account *account, char *text, size_t size)
{
    FILE *file = tmpfile();
    int kept = dup(STDOUT_FILENO);
    assert_true(file && kept >= 0);
    fflush(stdout);
    dup2(fileno(file), STDOUT_FILENO);
    at_budget_print(account);
    fflush(stdout);
    dup2(kept, STDOUT_FILENO);
    ssize_t length = pread(fileno(file), text, size - 1, 0);
    assert_true(length >= 0);
    text[length] = '\0';
    close(kept);
    fclose(file);
}

static void assert_says(const char *text, const char *words)
{
    if (!strstr(text, words))
        fail_msg("\"%s\" is not in:\n%s", words, text);
}

static void the_table(void **state)
{
    (void)state;
    struct made_up m;
    char text[8192];
    made_up_init(&m);
    printed(&m.account, text, sizeof text);
    assert_says(text, "mine, seed 7, fa3-fp8: 9 keys, d = 32, 3 rows in each of 1 head\n");
    assert_says(text, "rel_rmse is 0.100 with all roundings");
    assert_says(text, "81 %");
    assert_says(text, "< 0.001 %"); /* small, and never 0 */
    assert_says(text, "9 %");       /* the remainder: 1 - 0.91 */
    assert_says(text, "-5 %");      /* and 1 - 1.05 */
    assert_says(text, "rel_rmse 5.00e-2; measured / expected 2.");
    assert_says(text, "81 % is V's quantisation (E5-E6): v.scale=channel brings rel_rmse from 0.100 to 5.00e-2, measured.");
    assert_says(text, "In 16 bits v.format=fp16 brings it from 0.100 to 2.00e-2, measured.");
}

/* The leading rounding stands first, also where the best change is for another; one with a negative share never leads. */
static void the_leading_rounding(void **state)
{
    (void)state;
    struct made_up m;
    char text[8192];
    made_up_init(&m);
    m.advices.list[2] = m.advices.list[1];
    m.advices.count = 3;
    m.advices.list[1] = (struct at_advice){.rounding = AT_ROUNDING_Q, .change = "q.scale=token", .deviation = of_square(0.0016)};
    printed(&m.account, text, sizeof text);
    assert_says(text, "81 % is V's quantisation (E5-E6): v.scale=channel brings rel_rmse from 0.100 to 5.00e-2, measured.\n"
                      "Best of all: q.scale=token brings it from 0.100 to 4.00e-2, measured.\nIn 16 bits");
    m.advices.list[2].deviation = of_square(0.04);
    printed(&m.account, text, sizeof text);
    assert_says(text, "81 % is V's quantisation (E5-E6): no change for it in these formats makes rel_rmse smaller.\nBest of all: q.scale");
    m.budget.entries[0].share_alone = m.budget.entries[0].share_removed = -0.645;
    printed(&m.account, text, sizeof text);
    assert_says(text, "25 % goes without Q's quantisation (E5-E6): q.scale=token brings");
    m.budget.entries[1].share_removed = -0.25;
    printed(&m.account, text, sizeof text);
    assert_says(text, "leaves anything to change");
}

static void without_advice_or_gain(void **state)
{
    (void)state;
    struct made_up m;
    char text[8192];
    made_up_init(&m);
    m.account.advices = NULL;
    printed(&m.account, text, sizeof text);
    assert_null(strstr(text, "brings"));
    m.account.advices = &m.advices;
    m.advices.value = 0.01;
    printed(&m.account, text, sizeof text);
    assert_says(text, "None of these changes makes rel_rmse smaller.");
    m.advices.count = 0;
    printed(&m.account, text, sizeof text);
    assert_says(text, "leaves anything to change");
}

static void the_json(void **state)
{
    (void)state;
    struct made_up m;
    made_up_init(&m);
    json_t *made = at_budget_json(&m.account);
    assert_non_null(made);
    assert_int_equal(json_array_size(json_object_get(made, "shares")), 2);
    assert_int_equal(json_array_size(json_object_get(made, "advice")), 2);
    assert_true(json_is_true(json_object_get(json_array_get(json_object_get(made, "advice"), 0), "widens")));
    assert_true(fabs(json_number_value(json_object_get(made, "remainder_alone")) - 0.09) < 1e-12);
    assert_true(json_number_value(json_object_get(json_object_get(made, "expected"), "rel_rmse")) == 0.05);
    assert_int_equal(json_integer_value(json_object_get(made, "seed")), 7);
    json_decref(made);
    static char path[] = "x.safetensors";
    m.input.capture = path;
    m.account.advices = NULL;
    made = at_budget_json(&m.account);
    assert_true(json_is_null(json_object_get(made, "seed")) && json_is_null(json_object_get(made, "advice")));
    json_decref(made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table),
        cmocka_unit_test(the_leading_rounding),
        cmocka_unit_test(without_advice_or_gain),
        cmocka_unit_test(the_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
