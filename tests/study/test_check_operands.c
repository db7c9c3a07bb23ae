/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/check_pattern.h"

#include "attempted.h"
#include "scratch.h"
#include "stats/stats.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* What a suspect is called when the kernel computed `other` in the place of the declared operands; with the operands' own bits put back. */
static void assert_named(const char *variant, bool causal, void (*change)(struct kernel_case *k), const char *pattern, const char *evidence)
{
    struct attempted a;
    struct at_check_case c;
    struct at_check_expectation e;
    struct at_problem problem = attempted_problem;
    char text[160], why[200];
    problem.causal = causal;
    attempted_open(&a, "twin", "normal", &problem, variant);
    change(&a.k);
    assert_int_equal(kernel_find("twin")->compute(&a.k, NULL), AT_OK);
    attempted_write(&a);
    attempted_expect(&a, &c, &e);
    struct at_check_suspect s = attempted_suspect(&c, &e, 0, text, why);
    assert_int_equal(at_check_try_operands(&s, 1, NULL), AT_OK);
    if (strcmp(text, pattern) != 0 || !strstr(why, evidence))
        fail_msg("%s (%s) in place of %s (%s)", text, why, pattern, evidence);
    free((void *)(uintptr_t)s.which);
    at_check_expectation_done(&e);
    at_check_case_done(&c);
    attempted_done(&a);
}

static void ones(struct at_scales *scale)
{
    for (int64_t i = 0; i < scale->batch * scale->heads * scale->groups; i++)
        scale->value[i] = 1;
}

static void drop_q(struct kernel_case *k)
{
    ones(&k->operands.q.scale);
}

static void drop_q_and_k(struct kernel_case *k)
{
    ones(&k->operands.q.scale);
    ones(&k->operands.k.scale);
}

static void drop_v(struct kernel_case *k)
{
    ones(&k->operands.v.scale);
}

static void scale_twice(struct kernel_case *k)
{
    k->operands.problem.scale = 1.0 / (double)k->problem.dim;
}

static void no_softmax_scale(struct kernel_case *k)
{
    k->operands.problem.scale = 1;
}

static void base_two(struct kernel_case *k)
{
    k->operands.problem.scale = log(2) / sqrt((double)k->problem.dim);
}

static void see_the_future(struct kernel_case *k)
{
    k->operands.problem.causal = false;
}

/* One key less, the last one: of the one head looked at the rows before stay where they are. */
static void drop_last_key(struct kernel_case *k)
{
    k->operands.problem.heads_q = k->operands.problem.heads_kv = 1; /* the layout of one head needs no other stride */
    k->problem.heads_q = k->problem.heads_kv = 1;
    k->operands.problem.seq_k--;
}

/* Head 0 reads what head 1 should, and the other way. */
static void swap_keys_and_values(struct kernel_case *k)
{
    struct at_tensor *tensors[2] = {&k->operands.k.codes, &k->operands.v.codes};
    struct at_scales *scales[2] = {&k->operands.k.scale, &k->operands.v.scale};
    for (int i = 0; i < 2; i++) {
        char *codes = tensors[i]->codes;
        size_t half = (size_t)(tensors[i]->seq * tensors[i]->dim);
        for (size_t j = 0; j < half; j++) {
            char was = codes[j];
            codes[j] = codes[half + j];
            codes[half + j] = was;
        }
        float was = scales[i]->value[0];
        scales[i]->value[0] = scales[i]->value[1];
        scales[i]->value[1] = was;
    }
}

static void as_declared(struct kernel_case *k)
{
    k->lse[0] = 0;
}

static void each_operand_that_differs_is_named(void **state)
{
    (void)state;
    assert_named("fa3-fp8", false, drop_q, "Q's scale is dropped", "leaves");
    assert_named("fa3-fp8", false, drop_q_and_k, "Q's and K's scales are dropped", "leaves");
    assert_named("fa3-fp8", true, drop_v, "V's scale is dropped", "leaves");
    assert_named("fa3-fp8", false, scale_twice, "the softmax scale is applied twice", "leaves");
    assert_named("fa3-bf16", false, no_softmax_scale, "the softmax scale is dropped", "leaves");
    assert_named("fa3-bf16", true, base_two, "2^x stands for e^x", "leaves");
    assert_named("fa3-bf16", true, see_the_future, "future keys are visible", "each row sees all keys");
    assert_named("fa3-fp8", true, swap_keys_and_values, "another key/value head", "the key/value head 1 further on");
    assert_named("fp8-token", true, see_the_future, "future keys are visible", "each row sees all keys");
}

/* A case of one head from the start: the mask early by one key. */
static void a_mask_that_is_early(void **state)
{
    (void)state;
    struct attempted a;
    struct at_check_case c;
    struct at_check_expectation e;
    const struct at_problem one = {1, 1, 1, 48, 96, 32, true, 0};
    char text[160], why[200];
    attempted_open(&a, "twin", "normal", &one, "fa3-fp8");
    drop_last_key(&a.k);
    assert_int_equal(kernel_find("twin")->compute(&a.k, NULL), AT_OK);
    attempted_write(&a);
    attempted_expect(&a, &c, &e);
    struct at_check_suspect s = attempted_suspect(&c, &e, 0, text, why);
    assert_int_equal(at_check_try_operands(&s, 1, NULL), AT_OK);
    assert_string_equal(text, "the mask is off");
    assert_non_null(strstr(why, "each row sees 1 key less than it should"));
    free((void *)(uintptr_t)s.which);
    at_check_expectation_done(&e);
    at_check_case_done(&c);
    attempted_done(&a);
}

/* Where the declared operands were used, no hypothesis is better than that: each leaves more than format noise. */
static void nothing_is_named_where_nothing_differs(void **state)
{
    (void)state;
    assert_named("fa3-fp8", true, as_declared, "", "");
}

int main(void)
{
    at_stats_init();
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_operand_that_differs_is_named), cmocka_unit_test(a_mask_that_is_early),
                                       cmocka_unit_test(nothing_is_named_where_nothing_differs)};
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
