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
    sample_assert_pinned("deep-negative", "9454fb69f177c31529a8a3fbf4a470fbdf7058239efc32f14f2995df9d861e41");
}

enum { KEYS = 256, ROWS = 512, HEADS = 4 };

static const struct at_problem problem = {.batch = 1, .heads_q = HEADS, .heads_kv = 2, .seq_q = ROWS, .seq_k = KEYS, .dim = 64};

/* A row is either like any other or wholly below: its centre is its level, whose distribution is uniform. */
static void a_share_of_the_rows_lies_deep(void **state)
{
    (void)state;
    struct at_qkv qkv = sample_make("deep-negative", &problem, AT_FP32, 51);
    double scores[KEYS], *depths = malloc(ROWS * HEADS * sizeof *depths), farthest = -INFINITY;
    int64_t deep = 0;
    for (int64_t h = 0; h < HEADS; h++) {
        for (int64_t i = 0; i < ROWS; i++) {
            double mean = 0, squares = 0, highest = -INFINITY;
            sample_scores(&problem, &qkv, 0, h, i, scores);
            for (int64_t j = 0; j < KEYS; j++)
                mean += scores[j] / KEYS;
            for (int64_t j = 0; j < KEYS; j++) {
                squares += (scores[j] - mean) * (scores[j] - mean) / (KEYS - 1);
                highest = fmax(highest, scores[j]);
            }
            double spread = 1 + SIGMAS * sqrt(2.0 / 63); /* that of a row's own deviation: the length of its query */
            assert_true(sqrt(squares) <= spread * (1 + SIGMAS / sqrt(2.0 * KEYS)));
            if (mean > -100) {
                assert_true(fabs(mean) <= SIGMAS * spread / sqrt(KEYS));
                continue;
            }
            farthest = fmax(farthest, highest);
            assert_true(mean <= -200 + SIGMAS * spread / sqrt(KEYS) && mean >= -490 - SIGMAS * spread / sqrt(KEYS));
            depths[deep++] = mean;
        }
    }
    sample_assert_share(deep, ROWS * HEADS, 0.0625);
    sample_assert_moments(depths, deep, -345, 290 * 290 / 12.0 + 1.0 / KEYS, pow(290, 4) / 80 + 1);
    assert_true(farthest < -200 + 2 * SIGMAS); /* no score near 0: the largest of a row is negative */
    free(depths);
    at_qkv_done(&qkv);
}

static void levels_hold_in_16_bits(void **state)
{
    (void)state;
    struct at_qkv qkv = sample_make("deep-negative:share=1,near=300,far=300,deviation=0", &problem, AT_BF16, 52);
    for (int64_t h = 0; h < HEADS; h++)
        for (int64_t i = 0; i < ROWS; i += 37)
            for (int64_t j = 0; j < KEYS; j += 5)
                assert_true(fabs(sample_score(&problem, &qkv, 0, h, i, j) + 300) <= sample_score_bound(&problem, &qkv, 0, h, i, j));
    at_qkv_done(&qkv);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pinned),
        cmocka_unit_test(a_share_of_the_rows_lies_deep),
        cmocka_unit_test(levels_hold_in_16_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
