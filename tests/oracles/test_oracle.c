/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "oracles/oracle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static void test_find(void **state)
{
    (void)state;
    const struct at_oracle *oracle = NULL;
    struct at_error error;
    for (size_t i = 0; i < at_oracle_count; i++) {
        assert_int_equal(at_oracle_find(at_oracles[i]->name, &oracle, &error), AT_OK);
        assert_ptr_equal(oracle, at_oracles[i]);
    }
    oracle = NULL;
    assert_int_equal(at_oracle_find("mfpr", &oracle, &error), AT_ERR_NOT_FOUND);
    assert_non_null(strstr(error.message, "'mpfr'"));
    assert_int_equal(at_oracle_find("weather", &oracle, &error), AT_ERR_NOT_FOUND);
    assert_null(strstr(error.message, "'mpfr'"));
    assert_non_null(strstr(error.message, "attest list oracles"));
    assert_null(oracle);
}

static void test_head_check(void **state)
{
    (void)state;
    struct at_problem problem = {1, 1, 1, 5, 7, 32, false, 0};
    int64_t rows[] = {0, 4, 2};
    struct at_oracle_head head = {&problem, rows, 3, NULL, NULL, NULL, 0};
    struct at_error error;
    assert_int_equal(at_oracle_head_check(&head, "any", &error), AT_OK);
    rows[2] = 5;
    assert_int_equal(at_oracle_head_check(&head, "any", &error), AT_ERR_ARGUMENT);
    assert_string_equal(error.message, "oracle any: query row 5 of a sequence of 5: count from 0");
    rows[2] = -1;
    assert_int_equal(at_oracle_head_check(&head, "any", NULL), AT_ERR_ARGUMENT);
    head.row_count = 2;
    assert_int_equal(at_oracle_head_check(&head, "any", &error), AT_OK);
    head.score_dim = -64;
    assert_int_equal(at_oracle_head_check(&head, "any", &error), AT_ERR_ARGUMENT);
    head.score_dim = 64;
    head.row_count = -1;
    assert_int_equal(at_oracle_head_check(&head, "any", &error), AT_ERR_ARGUMENT);
    problem.seq_k = 0;
    assert_int_equal(at_oracle_head_check(&head, "any", &error), AT_ERR_ARGUMENT);
    assert_true(strncmp(error.message, "oracle any: ", 12) == 0);
}

static void test_truth_arrays(void **state)
{
    (void)state;
    struct at_problem problem = {1, 1, 1, 5, 7, 32, false, 0};
    struct at_oracle_truth truth;
    struct at_error error;
    assert_int_equal(at_oracle_truth_init(&truth, &problem, 3, 1, &error), AT_OK);
    truth.o[3 * 32 - 1] = truth.o_low[3 * 32 - 1] = truth.radius[3 * 32 - 1] = truth.sum_abs[3 * 32 - 1] = 1; /* the last of each */
    truth.lse[2] = truth.lse_radius[2] = truth.p[3 * 7 - 1] = 1;
    at_oracle_truth_done(&truth);
    assert_null(truth.o);
    at_oracle_truth_done(&truth);
    assert_int_equal(at_oracle_truth_init(&truth, &problem, 3, 0, &error), AT_OK);
    assert_null(truth.p);
    at_oracle_truth_done(&truth);
    assert_int_equal(at_oracle_truth_init(&truth, &problem, 0, 0, &error), AT_ERR_ARGUMENT);
    problem.seq_k = INT64_MAX / 16; /* more than any machine holds */
    assert_int_equal(at_oracle_truth_init(&truth, &problem, 3, 1, &error), AT_ERR_MEMORY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_find), cmocka_unit_test(test_head_check), cmocka_unit_test(test_truth_arrays)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
