/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "study/check_expect.h"

#include "stats/stats.h"
#include "study/check_spread.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* Three schedules, one head of three rows of one column; truths of 0 round to next to nothing. */
static double together(const double *squares, const int64_t *which, int64_t count, bool declared)
{
    static double truths[3];
    struct at_oracle_truth truth = {.o = truths};
    struct at_check_case c = {.c = {.problem = {1, 1, 1, 3, 3, 1, false, 0}, .rows = {.count = 3}}, .numerics = {.output = AT_BF16}};
    struct at_check_expectation e = {.controls = 2}; /* too few for a tail: the largest counts */
    const struct at_check_question question = {.level = 0.001};
    double copy[9];
    c.question = &question;
    if (squares)
        e.schedule = memcpy(copy, squares, sizeof copy);
    c.truths[AT_AGAINST_DEQUANTISED].head = &truth;
    return at_check_together(&c, &e, 0, which, count, declared);
}

static void figures_by_hand(void **state)
{
    (void)state;
    const double squares[9] = {1, 2, 30, /* declared */ 4, 2, 30, 1, 8, 30};
    const int64_t one[1] = {0}, two[2] = {0, 1};
    assert_true(fabs(together(squares, one, 1, false) - 2) <= 0x1p-50);                  /* 4 over the mean of 1 and 1 */
    assert_true(fabs(together(squares, two, 2, false) - sqrt(9 / 4.5)) <= 0x1p-50);      /* 1 + 8 over 2.5 + 2 */
    assert_true(fabs(together(squares, two, 2, true) - sqrt(9 / 3.0)) <= 0x1p-50);       /* over 1 + 2 */
    assert_true(fabs(together(squares, (const int64_t[]){2}, 1, false) - 1) <= 0x1p-50); /* all alike */
    assert_true(isinf(together(NULL, one, 1, false)));
}

/* A schedule without any error is held to the rounding of the output, not to 0. */
static void rounding_is_the_least(void **state)
{
    (void)state;
    const double squares[9] = {0};
    const int64_t one[1] = {1};
    assert_true(together(squares, one, 1, false) == 0 && together(squares, one, 1, true) == 1); /* the declared one is a schedule too */
}

/* With 17 schedules the bound is that of their tail (src/stats/tail.c), never below the largest. */
static void enough_schedules_have_a_tail(void **state)
{
    (void)state;
    double truth_of_one[1] = {0}, squares[17], ratio[17], bound = 0;
    struct at_oracle_truth truth = {.o = truth_of_one};
    struct at_check_case c = {.c = {.problem = {1, 1, 1, 1, 1, 1, false, 0}, .rows = {.count = 1}}, .numerics = {.output = AT_BF16}};
    const struct at_check_question question = {.level = 0.01};
    const struct at_check_expectation e = {.controls = 16, .schedule = squares};
    const int64_t one[1] = {0};
    c.question = &question;
    c.truths[AT_AGAINST_DEQUANTISED].head = &truth;
    for (int m = 0; m < 17; m++) {
        squares[m] = 1 + 0.125 * m;
        ratio[m] = sqrt(squares[m]);
    }
    assert_int_equal(at_stats_tail_bound(ratio, 17, 1, 0.01, &bound), AT_OK);
    assert_true(bound > ratio[16] && at_check_together(&c, &e, 0, one, 1, true) == bound);
    const struct at_check_question lax = {.level = 0.9};
    c.question = &lax;
    assert_true(at_check_together(&c, &e, 0, one, 1, true) == ratio[16]);
}

/* By the model rows together are held to the bound of heads, fewer than it was measured with to that of rows. */
static void the_model_has_bounds_and_no_schedules(void **state)
{
    (void)state;
    const struct at_check_case c = {.by_model = true};
    const struct at_check_expectation e = {.bounds = {.row = 5, .head = 2}};
    const int64_t rows = at_check_spread_rows();
    assert_true(at_check_together(&c, &e, 0, NULL, rows, true) == 2 && at_check_together(&c, &e, 0, NULL, rows - 1, false) == 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_model_has_bounds_and_no_schedules), cmocka_unit_test(figures_by_hand),
                                       cmocka_unit_test(rounding_is_the_least), cmocka_unit_test(enough_schedules_have_a_tail)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
