/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/check_model.h"

#include "attempted.h"
#include "scratch.h"
#include "stats/stats.h"
#include "study/check_spread.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct at_problem wide(int64_t dim)
{
    return (struct at_problem){1, 2, 2, 64, dim < 128 ? 128 : 64, dim, true, 0};
}

/* Head dimensions that the twin has not: right kernels are noise, wrong ones bugs, by name; nothing has the twin's bits. */
static void kernels_of_other_dimensions(void **state)
{
    (void)state;
    static const struct {
        const char *kernel, *pattern, *evidence; /* NULL: a right one */
    } wanted[] = {
        {"twin", NULL, NULL},
        {"forward-64", NULL, NULL},
        {"forward-160", NULL, NULL},
        {"p-448", NULL, NULL},
        {"plain-fp32", NULL, NULL},
        {"plain-p", NULL, NULL},
        {"v-scale-dropped", "V's scale is dropped", "leaves"},
        {"k-scale-dropped", "K's scale is dropped", "leaves"},
        {"heads-swapped", "two heads swapped", "with head 1 of batch 0"},
        {"mask-off-by-one", "the mask is off", "each row sees 1 key more"},
        {"p-saturates", "P saturates", "of the running maximum, which is 2^-1."},
        {"one-row-wrong", "one row wrong", "row 32 alone: rows misplaced: row 32 holds row 31"},
        {"future-visible", "future keys are visible", "each row sees all keys"},
        {"one-nan", "one row wrong", "row 63 alone: NaN or infinity: outputs: 1 NaN, 0 infinite"},
        {"noisy-head", "", ""}, /* no hypothesis explains it: "unknown", or one row, where only one is so far off */
    };
    assert_int_equal(sizeof wanted / sizeof wanted[0], kernel_count);
    for (size_t i = 0; i < 2 * kernel_count; i++) {
        const size_t k = i % kernel_count;
        const struct at_problem p = wide(i < kernel_count ? 96 : 192);
        struct attempted a;
        attempted_open(&a, wanted[k].kernel, "normal", &p, "fa3-fp8");
        struct at_check check = attempted_check(&a);
        const struct at_check_head *head = &check.head[check.head[0].verdict != AT_CHECK_BUG];
        assert_true(check.by_model && strcmp(check.expected_by, "a-priori model") == 0 && check.head[0].differing == -1);
        if (check.verdict != (wanted[k].pattern ? AT_CHECK_BUG : AT_CHECK_NOISE))
            fail_msg("%s, d = %d: %s, row %g of %g, head %g of %g", wanted[k].kernel, (int)p.dim, at_check_verdict_name(check.verdict),
                     check.row[check.head[0].worst].dequantised.ratio, check.bounds.row, check.head[0].dequantised.ratio,
                     check.bounds.head);
        if (wanted[k].pattern && *wanted[k].pattern &&
            (strcmp(head->pattern, wanted[k].pattern) != 0 || !strstr(head->evidence, wanted[k].evidence)))
            fail_msg("%s, d = %d: %s (%s)", wanted[k].kernel, (int)p.dim, head->pattern, head->evidence);
        at_check_done(&check);
        attempted_done(&a);
    }
}

/* Other variants, inputs and dimensions, P of 16 bits among them: a plain kernel with the declared P is noise. */
static void plain_kernels_are_noise(void **state)
{
    (void)state;
    static const struct {
        const char *distribution, *variant;
        int64_t dim;
    } cases[] = {{"normal", "fa3-fp16", 96},      {"iid-outlier", "fa3-bf16", 192},      {"sink", "fp8-two-level", 96},
                 {"v-mean", "fp8-token", 80},     {"k-channel", "fa3-fp8", 40},          {"normal", "fp8-hadamard:rotate=hadamard32", 96},
                 {"normal", "fp8-block128", 192}, {"uniform", "fa3-fp8:p.offset=448", 8}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct attempted a;
        const struct at_problem p = wide(cases[i].dim);
        attempted_open(&a, "plain-p", cases[i].distribution, &p, cases[i].variant);
        struct at_check check = attempted_check(&a);
        if (check.verdict != AT_CHECK_NOISE)
            fail_msg("%s, %s: %s", cases[i].distribution, cases[i].variant, at_check_verdict_name(check.verdict));
        at_check_done(&check);
        attempted_done(&a);
    }
}

/* Where the twin is too, both expect the same of heads, to within what was measured of their spread; asked for, the model decides. */
static void the_model_beside_the_twin(void **state)
{
    (void)state;
    static const char *const variants[] = {"fa3-fp8", "fa3-fp16", "fp8-block128", "standard-fp16"};
    for (size_t i = 0; i < sizeof variants / sizeof variants[0]; i++) {
        struct attempted a;
        const struct at_problem p = wide(64);
        attempted_open(&a, "twin", "normal", &p, variants[i]);
        struct at_check twin = attempted_check(&a);
        assert_int_equal(twin.verdict, AT_CHECK_SAME_BITS);
        a.question.by = AT_CHECK_BY_MODEL;
        struct at_check model = attempted_check(&a);
        assert_int_equal(model.verdict, AT_CHECK_NOISE);
        for (int64_t h = 0; h < twin.heads; h++) {
            assert_true(model.head[h].dequantised.measured == twin.head[h].dequantised.measured);
            assert_true(model.head[h].dequantised.ratio > 0.5 && model.head[h].dequantised.ratio <= model.bounds.head);
            double ratio = model.head[h].original.expected / twin.head[h].original.expected;
            assert_true(ratio > 0.5 && ratio < 2); /* that of tests/study/test_expect.c */
        }
        at_check_done(&twin);
        at_check_done(&model);
        a.question.by = AT_CHECK_BY_TWIN;
        attempted_done(&a);
    }
}

/* A log-sum-exp is judged by the declared instruction and fp32 alone: to base 2 it is none, whatever the head dimension. */
static void log_sum_exps_without_a_twin(void **state)
{
    (void)state;
    struct attempted a;
    const struct at_problem p = wide(96);
    attempted_open(&a, "plain-p", "normal", &p, "fa3-fp8");
    for (int64_t i = 0; i < p.seq_q; i++)
        a.k.lse[i] *= 0x1.71547652b82fep+0f;
    a.k.lse[p.seq_q + 5] += 0.01f;
    attempted_write(&a);
    struct at_check check = attempted_check(&a);
    assert_int_equal(check.verdict, AT_CHECK_BUG);
    assert_true(check.head[0].bad == 0 && strcmp(check.head[0].pattern, "log-sum-exp: it is to base 2") == 0);
    assert_true(check.head[1].lse_bad == 1 && check.row[p.seq_q + 5].lse_bad);
    assert_true(check.bounds.lse > 0 && check.bounds.lse < 0.01);
    at_check_done(&check);
    attempted_done(&a);
}

/* Rows of fewer queries than the spread was measured with: rows alone decide. */
static void few_rows(void **state)
{
    (void)state;
    struct attempted a;
    const struct at_problem p = {1, 1, 1, 5, 128, 96, false, 0};
    attempted_open(&a, "plain-p", "normal", &p, "fa3-fp8");
    struct at_check check = attempted_check(&a);
    assert_int_equal(check.verdict, AT_CHECK_NOISE);
    assert_true(isnan(check.bounds.head) && check.bounds.row > 1);
    at_check_done(&check);
    a.question.by = AT_CHECK_BY_TWIN;
    struct at_error error;
    assert_int_equal(at_check(&a.question, &check, &error), AT_ERR_UNSUPPORTED);
    assert_non_null(strstr(error.message, "head dimension 96"));
    attempted_done(&a);
}

int main(void)
{
    at_stats_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kernels_of_other_dimensions),
        cmocka_unit_test(plain_kernels_are_noise),
        cmocka_unit_test(the_model_beside_the_twin),
        cmocka_unit_test(log_sum_exps_without_a_twin),
        cmocka_unit_test(few_rows),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
