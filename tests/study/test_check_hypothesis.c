/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/check_hypothesis.h"

#include "attempted.h"
#include "scratch.h"
#include "stats/stats.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct asked {
    const char *pattern;
    int times, all;
    bool scores; /* of the last one */
};

static enum at_status count(void *context, const struct at_check_hypothesis *x, struct at_error *error)
{
    (void)error;
    struct asked *a = context;
    a->all++;
    if (strcmp(x->pattern, a->pattern) == 0) {
        a->times++;
        a->scores = x->scores;
    }
    return AT_OK;
}

static struct asked ask(const char *variant, const struct at_problem *problem, const char *pattern)
{
    struct attempted a;
    struct at_check_case c;
    struct asked asked = {.pattern = pattern};
    attempted_open(&a, "twin", "normal", problem, variant);
    assert_int_equal(at_check_case_open(&a.question, &c, NULL), AT_OK);
    assert_int_equal(at_check_each_hypothesis(&c, count, &asked, NULL), AT_OK);
    at_check_case_done(&c);
    attempted_done(&a);
    return asked;
}

/* A scale that the variant does not have cannot be dropped, nor a mask that hides nothing. */
static void what_changes_nothing_is_no_hypothesis(void **state)
{
    (void)state;
    static const char *const scales[] = {"V's scale is dropped", "K's scale is dropped", "Q's scale is dropped",
                                         "Q's and K's scales are dropped", "all scales are dropped"};
    for (size_t i = 0; i < sizeof scales / sizeof scales[0]; i++) {
        assert_int_equal(ask("fa3-fp8", &attempted_problem, scales[i]).times, 1);
        assert_int_equal(ask("fa3-bf16", &attempted_problem, scales[i]).times, 0);
        assert_int_equal(ask("fa3-fp8:v.scale=none", &attempted_problem, scales[i]).times, i > 0);
    }
    struct at_problem p = attempted_problem;
    assert_int_equal(ask("fa3-bf16", &p, "future keys are visible").times, 1);
    assert_int_equal(ask("fa3-bf16", &p, "a causal mask is applied that was not declared").times, 0);
    p.causal = false;
    assert_int_equal(ask("fa3-bf16", &p, "future keys are visible").times, 0);
    assert_int_equal(ask("fa3-bf16", &p, "a causal mask is applied that was not declared").times, 2);
    p.seq_q = 1; /* the last row sees all keys; the first key alone if aligned to the top left */
    assert_int_equal(ask("fa3-bf16", &p, "a causal mask is applied that was not declared").times, 1);
    p.causal = true;
    assert_int_equal(ask("fa3-bf16", &p, "future keys are visible").times, 0);
    p = attempted_problem;
    assert_int_equal(ask("fa3-bf16", &p, "the softmax scale is dropped").times, 1);
    p.scale = 1;
    assert_int_equal(ask("fa3-bf16", &p, "the softmax scale is dropped").times, 0);
    assert_int_equal(ask("fa3-bf16", &p, "the softmax scale is applied twice").times, 0);
}

static void scores_do_not_know_of_v(void **state)
{
    (void)state;
    assert_false(ask("fa3-fp8", &attempted_problem, "V's scale is dropped").scores);
    assert_false(ask("fa3-fp8", &attempted_problem, "V is read from a neighbouring key/value head").scores);
    assert_true(ask("fa3-fp8", &attempted_problem, "K is read from a neighbouring key/value head").scores);
    assert_true(ask("fa3-fp8", &attempted_problem, "all scales are dropped").scores);
    assert_true(ask("fa3-fp8", &attempted_problem, "the mask is off").scores);
    assert_true(ask("fa3-fp8", &attempted_problem, "future keys are visible").scores);
}

/* Another head on either side, if there are so many: of two the next is the previous. */
static void neighbours(void **state)
{
    (void)state;
    const char *v = "V is read from a neighbouring key/value head", *both = "another key/value head";
    struct at_problem p = attempted_problem;
    assert_int_equal(ask("fa3-bf16", &p, v).times, 1);
    p.heads_q = p.heads_kv = 1;
    assert_int_equal(ask("fa3-bf16", &p, v).times, 0);
    p.heads_q = p.heads_kv = 4;
    assert_int_equal(ask("fa3-bf16", &p, v).times, 2);
    assert_int_equal(ask("fa3-bf16", &p, both).times, 3);
}

int main(void)
{
    at_stats_init();
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_changes_nothing_is_no_hypothesis), cmocka_unit_test(scores_do_not_know_of_v),
                                       cmocka_unit_test(neighbours)};
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
