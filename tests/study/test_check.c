/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/check.h"

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

/* What each kernel of tests/perturb is found to be: verdict, heads and rows that are a bug, and the pattern. */
static void every_kernel_is_judged(void **state)
{
    (void)state;
    static const struct {
        const char *kernel;
        enum at_check_verdict verdict;
        int heads, head; /* bugs; the first of them */
        const char *pattern, *evidence;
    } wanted[] = {
        {"twin", AT_CHECK_SAME_BITS, 0, 0, NULL, NULL},
        {"forward-64", AT_CHECK_NOISE, 0, 0, NULL, NULL},
        {"forward-160", AT_CHECK_NOISE, 0, 0, NULL, NULL},
        {"p-448", AT_CHECK_NOISE, 0, 0, NULL, NULL},
        {"plain-fp32", AT_CHECK_NOISE, 0, 0, NULL, NULL},
        {"plain-p", AT_CHECK_NOISE, 0, 0, NULL, NULL},
        {"v-scale-dropped", AT_CHECK_BUG, 2, 0, "V's scale is dropped", "leaves"},
        {"k-scale-dropped", AT_CHECK_BUG, 2, 0, "K's scale is dropped", "leaves"},
        {"heads-swapped", AT_CHECK_BUG, 2, 0, "two heads swapped", "with head 1 of batch 0"},
        {"mask-off-by-one", AT_CHECK_BUG, 2, 0, "the mask is off", "each row sees 1 key more"},
        {"p-saturates", AT_CHECK_BUG, 2, 0, "P saturates", "of the running maximum, which is 2^-1."},
        {"one-row-wrong", AT_CHECK_BUG, 1, 1, "one row wrong", "row 24 alone: rows misplaced: row 24 holds row 23"},
        {"future-visible", AT_CHECK_BUG, 2, 0, "future keys are visible", "each row sees all keys"},
        {"one-nan", AT_CHECK_BUG, 1, 1, "one row wrong", "row 47 alone: NaN or infinity: outputs: 1 NaN, 0 infinite"},
        {"noisy-head", AT_CHECK_BUG, 1, 0, "unknown", "no hypothesis explains it"},
    };
    assert_int_equal(sizeof wanted / sizeof wanted[0], kernel_count);
    for (size_t i = 0; i < kernel_count; i++) {
        struct attempted a;
        int heads = 0;
        attempted_open(&a, wanted[i].kernel, "normal", &attempted_problem, "fa3-fp8");
        struct at_check check = attempted_check(&a);
        const struct at_check_head *head = &check.head[wanted[i].head];
        for (int64_t h = 0; h < check.heads; h++)
            heads += check.head[h].verdict == AT_CHECK_BUG;
        if (check.verdict != wanted[i].verdict || heads != wanted[i].heads)
            fail_msg("%s: %s, %d heads", wanted[i].kernel, at_check_verdict_name(check.verdict), heads);
        if (heads && (strcmp(head->pattern, wanted[i].pattern) != 0 || !strstr(head->evidence, wanted[i].evidence)))
            fail_msg("%s: %s (%s)", wanted[i].kernel, head->pattern, head->evidence);
        assert_true(kernel_find(wanted[i].kernel)->right == (heads == 0));
        at_check_done(&check);
        attempted_done(&a);
    }
}

/* Ratios are measured over expected, of heads as of rows, and the twin's own are 1. */
static void errors_stand_beside_what_is_expected(void **state)
{
    (void)state;
    struct attempted a;
    attempted_open(&a, "forward-64", "iid-outlier", &attempted_problem, "fa3-bf16");
    struct at_check check = attempted_check(&a);
    assert_int_equal(check.verdict, AT_CHECK_NOISE);
    assert_true(check.controls > 0 && check.bounds.row > 1 && check.bounds.lse > 0);
    for (int64_t h = 0; h < check.heads; h++) {
        const struct at_check_head *head = &check.head[h];
        double sum = 0, expected = 0;
        for (int64_t i = 0; i < check.rows; i++) {
            const struct at_check_error *e = &check.row[h * check.rows + i].dequantised;
            assert_true(e->ratio == e->measured / e->expected && e->ratio <= check.bounds.row);
            assert_true(e->ratio <= check.row[h * check.rows + head->worst].dequantised.ratio);
            sum += e->measured * e->measured / (double)check.rows;
            expected += e->expected * e->expected / (double)check.rows;
        }
        assert_true(fabs(head->dequantised.measured / sqrt(sum) - 1) <= 0x1p-40);
        assert_true(fabs(head->dequantised.expected / sqrt(expected) - 1) <= 0x1p-40);
        assert_true(head->original.measured > 0 && head->original.expected > 0);
    }
    at_check_done(&check);
    attempted_done(&a);
    attempted_open(&a, "twin", "iid-outlier", &attempted_problem, "fa3-bf16");
    check = attempted_check(&a);
    assert_true(check.controls == 0 && isnan(check.bounds.row)); /* the same bits need no bound */
    assert_true(check.head[0].dequantised.ratio == 1 || fabs(check.head[0].dequantised.ratio - 1) <= 0x1p-40);
    at_check_done(&check);
    attempted_done(&a);
}

/* Errors of head 0, whose rows are the first 48, times a factor; checked. */
static struct at_check magnify(struct attempted *a, double factor)
{
    struct at_check_case c;
    struct at_check_expectation e;
    attempted_expect(a, &c, &e);
    for (int64_t i = 0; i < 48 * 32; i++) {
        const double truth = c.truths[AT_AGAINST_DEQUANTISED].head[0].o[i];
        a->k.o[i] = (float)(truth + factor * ((double)c.o[i] - truth));
    }
    at_check_expectation_done(&e);
    at_check_case_done(&c);
    a->k.numerics.output = AT_FP32; /* holds the errors */
    attempted_write(a);
    return attempted_check(a);
}

/*
 * A factor that lifts the head above the bound of heads, but no row above that of rows: the head alone convicts. Had the bounds changed
 * places, the rows would, and of head 1 as well, which is right. A larger one lifts a row as well; that is not what is wrong with the head.
 */
static void heads_and_rows_have_bounds_of_their_own(void **state)
{
    (void)state;
    struct attempted a;
    const struct at_problem problem = {1, 4, 4, 48, 256, 32, true, 0};
    attempted_open(&a, "forward-64", "normal", &problem, "fa3-fp8");
    struct at_check check = attempted_check(&a);
    const struct at_check_head *head = &check.head[0];
    const double row = check.row[head->worst].dequantised.ratio, least = check.bounds.head / head->dequantised.ratio;
    const double most = check.bounds.row / row, factor = sqrt(least * most);
    assert_true(check.verdict == AT_CHECK_NOISE && least < most && row > check.bounds.head);
    at_check_done(&check);
    check = magnify(&a, factor);
    assert_int_equal(check.head[0].verdict, AT_CHECK_BUG);
    assert_int_equal(check.head[0].bad, 0);
    assert_true(check.head[0].dequantised.ratio > check.bounds.head && *check.head[0].pattern);
    assert_true(check.head[1].verdict == AT_CHECK_NOISE && check.row[48 + check.head[1].worst].dequantised.ratio > check.bounds.head);
    at_check_done(&check);
    check = magnify(&a, 1.001 * most / factor);
    assert_int_equal(check.head[0].bad, 1);
    assert_string_equal(check.head[0].pattern, "unknown");
    at_check_done(&check);
    attempted_done(&a);
}

/* A wrong log-sum-exp beside right outputs is a bug of its own. */
static void a_wrong_log_sum_exp(void **state)
{
    (void)state;
    struct attempted a;
    attempted_open(&a, "forward-64", "normal", &attempted_problem, "fa3-fp8");
    for (int64_t i = 0; i < attempted_problem.seq_q; i++)
        a.k.lse[i] *= 0x1.71547652b82fep+0f; /* to base 2 */
    attempted_write(&a);
    struct at_check check = attempted_check(&a);
    assert_int_equal(check.verdict, AT_CHECK_BUG);
    assert_true(check.head[0].lse_bad && check.head[0].bad == 0 && strcmp(check.head[0].pattern, "log-sum-exp: it is to base 2") == 0);
    assert_int_equal(check.head[1].verdict, AT_CHECK_NOISE);
    at_check_done(&check);
    a.k.lse[0] = NAN;
    attempted_write(&a);
    check = attempted_check(&a);
    assert_true(check.head[0].lse_bad);
    at_check_done(&check);
    attempted_done(&a);
}

/* One row of one key: every schedule rounds alike, and nothing says how far another kernel may come. */
static void too_little_to_say(void **state)
{
    (void)state;
    struct attempted a;
    const struct at_problem tiny = {1, 1, 1, 1, 1, 32, false, 0};
    attempted_open(&a, "twin", "normal", &tiny, "fa3-fp8");
    a.k.o[0] *= 1.5f;
    attempted_write(&a);
    struct at_check check = attempted_check(&a);
    assert_int_equal(check.verdict, AT_CHECK_CANNOT_SAY);
    assert_non_null(strstr(check.reason, "no bound for format noise: 1 rows of 1 heads"));
    at_check_done(&check);
    a.k.o[0] = INFINITY; /* needs no bound */
    attempted_write(&a);
    check = attempted_check(&a);
    assert_int_equal(check.verdict, AT_CHECK_BUG);
    assert_true(check.head[0].nonfinite == 1 && strcmp(check.head[0].pattern, "NaN or infinity") == 0);
    at_check_done(&check);
    attempted_done(&a);
}

/* Rows whose truth is NaN are left out; they alone never make a pass. */
static void inputs_that_are_not_finite(void **state)
{
    (void)state;
    static float q[2 * 48 * 32], k[2 * 96 * 32], v[2 * 96 * 32];
    struct attempted a;
    attempted_open(&a, "forward-64", "normal", &attempted_problem, "fa3-bf16");
    at_tensor_decode_rows(&a.k.inputs.q, 0, 0, 0, 2 * 48, q);
    at_tensor_decode_rows(&a.k.inputs.k, 0, 0, 0, 2 * 96, k);
    at_tensor_decode_rows(&a.k.inputs.v, 0, 0, 0, 2 * 96, v);
    q[3 * 32] = NAN;
    a.input.capture = strdup(scratch_capture("nan", &attempted_problem, q, k, v));
    a.input.causal = 1;
    struct at_check check = attempted_check(&a);
    assert_int_equal(check.verdict, AT_CHECK_CANNOT_SAY);
    assert_non_null(strstr(check.reason, "1 rows have no finite truth"));
    assert_true(check.head[0].undefined == 1 && !check.row[3].defined && isnan(check.row[3].dequantised.ratio));
    assert_int_equal(check.head[1].verdict, AT_CHECK_NOISE);
    at_check_done(&check);
    free(a.input.capture);
    attempted_done(&a);
}

int main(void)
{
    at_stats_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kernel_is_judged),     cmocka_unit_test(errors_stand_beside_what_is_expected),
        cmocka_unit_test(a_wrong_log_sum_exp),        cmocka_unit_test(too_little_to_say),
        cmocka_unit_test(inputs_that_are_not_finite), cmocka_unit_test(heads_and_rows_have_bounds_of_their_own),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
