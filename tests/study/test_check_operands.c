/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/check_pattern.h"

#include "attempted.h"
#include "kernels/twin/attention.h"
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

/* The outputs of the attempt, put on trial, are explained so; frees it. */
static void explained_as(struct attempted *a, const char *pattern, const char *evidence)
{
    struct at_check_case c;
    struct at_check_expectation e;
    char text[160], why[200];
    attempted_write(a);
    attempted_expect(a, &c, &e);
    struct at_check_suspect s = attempted_suspect(&c, &e, 0, text, why);
    assert_int_equal(at_check_try_operands(&s, 1, NULL), AT_OK);
    if (strcmp(text, pattern) != 0 || !strstr(why, evidence))
        fail_msg("%s (%s) in place of %s (%s)", text, why, pattern, evidence);
    free((void *)(uintptr_t)s.which);
    at_check_expectation_done(&e);
    at_check_case_done(&c);
    attempted_done(a);
}

/* What a suspect is called when the kernel computed `other` in the place of the declared operands; with the operands' own bits put back. */
static void assert_named(const char *variant, bool causal, void (*change)(struct kernel_case *k), const char *pattern, const char *evidence)
{
    struct attempted a;
    struct at_problem problem = attempted_problem;
    problem.causal = causal;
    attempted_open(&a, "twin", "normal", &problem, variant);
    change(&a.k);
    assert_int_equal(kernel_find("twin")->compute(&a.k, NULL), AT_OK);
    explained_as(&a, pattern, evidence);
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

static void add_mask(struct kernel_case *k)
{
    k->operands.problem.causal = true;
}

static void swap_heads_of(struct at_operand *operand)
{
    struct at_tensor *t = &operand->codes;
    size_t half = (size_t)(t->seq * t->dim) * at_format_size(t->format);
    char *codes = t->codes;
    for (size_t j = 0; j < half; j++) {
        char was = codes[j];
        codes[j] = codes[half + j];
        codes[half + j] = was;
    }
    float was = operand->scale.value[0];
    operand->scale.value[0] = operand->scale.value[1];
    operand->scale.value[1] = was;
}

/* Head 0 reads what head 1 should, and the other way. */
static void swap_keys_and_values(struct kernel_case *k)
{
    swap_heads_of(&k->operands.k);
    swap_heads_of(&k->operands.v);
}

static void swap_values(struct kernel_case *k)
{
    swap_heads_of(&k->operands.v);
}

static void swap_keys(struct kernel_case *k)
{
    swap_heads_of(&k->operands.k);
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
    assert_named("fa3-fp8", true, swap_values, "V is read from a neighbouring key/value head", "from the next one");
    assert_named("fa3-bf16", false, swap_keys, "K is read from a neighbouring key/value head", "from the next one");
    assert_named("fa3-bf16", false, add_mask, "a causal mask is applied that was not declared", "aligned to the bottom right");
    assert_named("fp8-token", true, see_the_future, "future keys are visible", "each row sees all keys");
}

/* A case of one head from the start, of which the kernel sees `keys` keys, with that mask. */
static void assert_named_of_keys(const char *variant, bool causal, int64_t keys, bool masked, const char *pattern, const char *evidence)
{
    struct attempted a;
    const struct at_problem one = {1, 1, 1, 48, 96, 32, causal, 0};
    attempted_open(&a, "twin", "normal", &one, variant);
    for (int64_t i = 0; i < 48; i++) { /* of rows that see no more the outputs stay */
        struct at_operands o = a.k.operands;
        int64_t seen = at_problem_keys(&one, i);
        struct at_attention out = {.o = a.k.o + i * 32, .row_max = (float[1]){0}, .row_sum = (float[1]){0}, .lse = a.k.lse + i};
        o.problem.seq_k = keys;
        o.problem.causal = masked;
        if (masked || seen > keys)
            assert_int_equal(at_twin_attend(&o, 0, 0, &(struct at_rows){1, &i}, a.question.simd, &out, NULL), AT_OK);
    }
    explained_as(&a, pattern, evidence);
}

static void keys_that_are_not_seen(void **state)
{
    (void)state;
    assert_named_of_keys("fa3-fp8", true, 95, true, "the mask is off", "each row sees 1 key less than it should");
    assert_named_of_keys("fa3-bf16:tile=64x32", false, 64, false, "the last key tile is ignored", "no row sees keys from 64 on");
    assert_named_of_keys("fa3-bf16:tile=64x32", true, 64, false, "the last key tile is ignored", "no row sees keys from 64 on");
    assert_named_of_keys("fa3-fp8", false, 48, true, "a causal mask is applied that was not declared", "aligned to the top left");
}

/*
 * Q's scale and K's differ by 1 %: without one of them scores are nearly what they are without the other, and both fit. The kernel
 * has no noise of its own: what it has left out leaves the least, and is named, though K's is tried first.
 */
static void of_two_that_fit_the_better_is_named(void **state)
{
    (void)state;
    struct attempted a;
    struct at_check_case c;
    struct at_check_expectation e;
    char text[160], why[200];
    attempted_open(&a, "twin", "normal", &attempted_problem, "fa3-fp8");
    for (int h = 0; h < 2; h++)
        a.k.operands.k.scale.value[h] = 1.01f * a.k.operands.q.scale.value[h];
    drop_q(&a.k);
    assert_int_equal(kernel_find("plain-fp32")->compute(&a.k, NULL), AT_OK);
    attempted_write(&a);
    attempted_expect(&a, &c, &e);
    for (int h = 0; h < 2; h++)
        c.operands.k.scale.value[h] = 1.01f * c.operands.q.scale.value[h];
    struct at_check_suspect s = attempted_suspect(&c, &e, 0, text, why);
    assert_int_equal(at_check_try_operands(&s, 1, NULL), AT_OK);
    assert_string_equal(text, "Q's scale is dropped");
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
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_operand_that_differs_is_named), cmocka_unit_test(keys_that_are_not_seen),
                                       cmocka_unit_test(of_two_that_fit_the_better_is_named),
                                       cmocka_unit_test(nothing_is_named_where_nothing_differs)};
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
