/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "sample.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static void pinned(void **state)
{
    (void)state;
    sample_assert_pinned("near-tie", "9574c3b8b940eedbcb5774727d8392ff2791520092da957749bff12af7c5860d");
}

enum { KEYS = 300, ROWS = 20, HEADS = 2, DIM = 64 };

static const struct at_problem problem = {.batch = 1, .heads_q = HEADS, .heads_kv = 1, .seq_q = ROWS, .seq_k = KEYS, .dim = DIM};

/*
 * The scores of a row differ, by no more than one last place of fp32 at the score that they share. sample_score sums 64 terms in double:
 * 64 * 2^-53 * 10, a thousandth of a last place, is its own error.
 */
static void rows_tie_to_one_last_place(void **state)
{
    (void)state;
    struct at_qkv qkv = sample_make("near-tie", &problem, AT_FP16, 91);
    double scores[KEYS];
    for (int64_t h = 0; h < HEADS; h++)
        for (int64_t i = 0; i < ROWS; i++) {
            double low = INFINITY, high = -INFINITY;
            sample_scores(&problem, &qkv, 0, h, i, scores);
            for (int64_t j = 0; j < KEYS; j++) {
                low = fmin(low, scores[j]);
                high = fmax(high, scores[j]);
            }
            double place = (double)nextafterf((float)low, INFINITY) - (double)(float)low;
            assert_true(fabs(low - 10) <= sample_score_bound(&problem, &qkv, 0, h, i, 0) + 0x1p-20);
            assert_true(high - low <= place * (1 + 0x1p-10));
            assert_true(high - low >= place * (1 - 2 * SIGMAS / KEYS)); /* both ends of the interval are reached */
        }
    at_qkv_done(&qkv);
}

/* Eight bits hold no difference as small: the keys tie exactly. */
static void eight_bits_tie_exactly(void **state)
{
    (void)state;
    struct at_qkv qkv = sample_make("near-tie", &problem, AT_E4M3, 92);
    double scores[KEYS];
    sample_scores(&problem, &qkv, 0, 0, 5, scores);
    for (int64_t j = 1; j < KEYS; j++)
        assert_true(scores[j] == scores[0]);
    at_qkv_done(&qkv);
}

static void separation_is_what_is_told(void **state)
{
    (void)state;
    struct at_qkv qkv = sample_make("near-tie:score=5,separation=0.5", &problem, AT_FP32, 93);
    double scores[KEYS];
    sample_scores(&problem, &qkv, 0, 1, 2, scores);
    for (int64_t j = 0; j < KEYS; j++)
        scores[j] = (scores[j] - 5) / 0.5;
    sample_assert_moments(scores, KEYS, 0, 1.0 / 12, 1.0 / 80);
    at_qkv_done(&qkv);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pinned),
        cmocka_unit_test(rows_tie_to_one_last_place),
        cmocka_unit_test(eight_bits_tie_exactly),
        cmocka_unit_test(separation_is_what_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
