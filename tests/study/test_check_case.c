/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/check_case.h"

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

/* The declared output format gives way to the tensor's, but fp32 holds any. */
static void the_output_format_is_the_kernels(void **state)
{
    (void)state;
    static const struct {
        const char *variant, *declared;
        enum at_format format, output;
    } rows[] = {{"fp8:output=fp16", "fa3-fp8", AT_FP16, AT_FP16},
                {"fp8:output=fp32", "fa3-fp8", AT_FP32, AT_BF16},
                {"fa3-fp8", "fa3-fp8", AT_BF16, AT_BF16}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct attempted a;
        struct at_check_case c;
        attempted_open(&a, "twin", "normal", &attempted_problem, rows[i].variant);
        assert_int_equal(at_variant_choose(rows[i].declared, &a.k.variant, NULL), AT_OK);
        assert_int_equal(at_check_case_open(&a.question, &c, NULL), AT_OK);
        assert_true(c.format == rows[i].format && c.numerics.output == rows[i].output && c.operands.numerics.output == rows[i].output);
        assert_memory_equal(c.lse, a.k.lse, (size_t)(2 * 48) * sizeof *c.lse);
        at_check_case_done(&c);
        attempted_done(&a);
    }
}

/* With a mean of K taken out the true log-sum-exp holds what the mean took. */
static void the_true_log_sum_exp_holds_the_mean_of_k(void **state)
{
    (void)state;
    struct attempted a;
    struct at_check_case c;
    attempted_open(&a, "twin", "k-channel", &attempted_problem, "fp8-smooth-k");
    assert_int_equal(at_check_case_open(&a.question, &c, NULL), AT_OK);
    assert_int_equal(at_check_case_solve(&c, NULL), AT_OK);
    for (int64_t i = 0; i < 48; i++) {
        double wanted = c.truths[AT_AGAINST_DEQUANTISED].head[1].lse[i] + (double)c.operands.lse_shift[48 + i];
        assert_true(at_check_true_lse(&c, 1, i) == wanted && at_check_lse_error(&c, 1, i, (float)wanted) == 0);
        assert_true(at_check_lse_error(&c, 1, i, (float)wanted + 1) >= 0.5);
    }
    at_check_case_done(&c);
    attempted_done(&a);
}

/* FlashAttention-3's own codes and descales: operands are what the file holds, and the outputs are the twin's to the bit. */
static void codes_with_descales_are_operands(void **state)
{
    (void)state;
    struct at_study_input input = {
        .label = (char[]){"fa3"}, .capture = (char[]){AT_CAPTURES "/fa3_fp8_d256_causal.safetensors"}, .causal = -1};
    struct at_variant_choice variant;
    assert_int_equal(at_variant_choose("fa3-fp8", &variant, NULL), AT_OK);
    const struct at_study study = {
        .name = input.label, .inputs = &input, .input_count = 1, .variants = &variant, .variant_count = 1, .rows = 9};
    struct at_check_question question = {.study = &study,
                                         .scales = {"q_descale", "k_descale", "v_descale"},
                                         .output = {.path = input.capture},
                                         .level = 0.001,
                                         .memory = 0x1p40};
    struct at_check_case c;
    struct at_check check;
    struct at_error error;
    assert_int_equal(at_check_case_open(&question, &c, &error), AT_OK);
    assert_true(c.c.problem.causal && c.c.problem.dim == 256 && c.c.rows.count == 9 && c.operands.q.codes.format == AT_E4M3);
    assert_true(c.operands.k.scale.value[0] == 1.541121482849121f && c.operands.q.scale.value[1] == 0.14630192518234253f);
    at_check_case_done(&c);
    assert_int_equal(at_check(&question, &check, &error), AT_OK);
    assert_int_equal(check.verdict, AT_CHECK_SAME_BITS);
    at_check_done(&check);
    question.scales[1] = NULL;
    assert_int_equal(at_check_case_open(&question, &c, &error), AT_ERR_ARGUMENT);
    assert_non_null(strstr(error.message, "name those of K with --k-scale"));
    question.scales[1] = "k_descale";
    assert_int_equal(at_variant_choose("fa3-fp16", &variant, NULL), AT_OK);
    assert_int_equal(at_check_case_open(&question, &c, &error), AT_ERR_ARGUMENT);
    assert_non_null(strstr(error.message, "the codes are e4m3, the variant declares q.format=fp16"));
    assert_int_equal(at_variant_choose("fp8-hadamard", &variant, NULL), AT_OK);
    assert_int_equal(at_check_case_open(&question, &c, &error), AT_ERR_UNSUPPORTED);
}

static void what_is_no_single_question_is_refused(void **state)
{
    (void)state;
    struct attempted a;
    struct at_check_case c;
    struct at_error error;
    uint64_t seeds[2] = {5, 6};
    attempted_open(&a, "twin", "normal", &attempted_problem, "fa3-fp8");
    a.input.seeds = seeds;
    a.input.seed_count = 2;
    assert_int_equal(at_check_case_open(&a.question, &c, &error), AT_ERR_ARGUMENT);
    assert_non_null(strstr(error.message, "an output belongs to one input"));
    a.input.seed_count = 1;
    a.question.memory = 1;
    assert_int_equal(at_check_case_open(&a.question, &c, &error), AT_ERR_MEMORY);
    a.question.memory = 0x1p40;
    a.question.output.path = scratch_path("nowhere.safetensors");
    assert_int_equal(at_check_case_open(&a.question, &c, &error), AT_ERR_NOT_FOUND);
    a.input.problem.seq_q = 47; /* the output is of 48 rows */
    attempted_write(&a);
    assert_int_equal(at_check_case_open(&a.question, &c, &error), AT_ERR_FORMAT);
    attempted_done(&a);
}

int main(void)
{
    at_stats_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_output_format_is_the_kernels),
        cmocka_unit_test(the_true_log_sum_exp_holds_the_mean_of_k),
        cmocka_unit_test(codes_with_descales_are_operands),
        cmocka_unit_test(what_is_no_single_question_is_refused),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
