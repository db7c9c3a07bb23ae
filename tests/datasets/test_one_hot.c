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
    sample_assert_pinned("one-hot", "dccf47bea80ca37d2cccad750413c36d31b01135cb9a8c24c537a99beede83d8");
}

enum { KEYS = 200, ROWS = 150, HEADS = 4, DIM = 64 };

/* One key of each row, among those it sees, takes everything: in fp32 the others' P are 0, together. */
static void assert_one_hot(const struct at_problem *p, enum at_format format, int64_t ret_times[KEYS])
{
    struct at_qkv qkv = sample_make("one-hot", p, format, 101);
    double scores[KEYS];
    for (int64_t h = 0; h < HEADS; h++)
        for (int64_t i = 0; i < ROWS; i++) {
            int64_t keys = at_problem_keys(p, i), first = 0;
            double rest = 0;
            sample_scores(p, &qkv, 0, h, i, scores);
            for (int64_t j = 1; j < keys; j++)
                first = scores[j] > scores[first] ? j : first;
            for (int64_t j = 0; j < keys; j++)
                rest += j == first ? 0 : exp(scores[j] - scores[first]);
            assert_true(fabs(scores[first] - 300) <= sample_score_bound(p, &qkv, 0, h, i, first));
            assert_true(rest < 0x1p-150); /* half of the smallest fp32 number */
            ret_times[first]++;
        }
    at_qkv_done(&qkv);
}

static void one_key_takes_all(void **state)
{
    (void)state;
    struct at_problem p = {.batch = 1, .heads_q = HEADS, .heads_kv = 2, .seq_q = ROWS, .seq_k = KEYS, .dim = DIM};
    int64_t times[KEYS] = {0}, low = 0;
    assert_one_hot(&p, AT_FP16, times);
    for (int j = 0; j < KEYS; j++) {
        low += j < KEYS / 4 ? times[j] : 0;
        assert_true((double)times[j] <= 3 + 2 * SIGMAS * sqrt(3)); /* 3 on average: no key is preferred */
    }
    sample_assert_share(low, HEADS * ROWS, 0.25);
    p.causal = true;
    assert_one_hot(&p, AT_FP32, times);
}

/* Rows without a key, under a causal mask with more queries than keys. */
static void rows_without_keys(void **state)
{
    (void)state;
    const struct at_problem p = {.batch = 1, .heads_q = 1, .heads_kv = 1, .seq_q = 9, .seq_k = 4, .dim = 32, .causal = true};
    struct at_qkv qkv = sample_make("one-hot", &p, AT_FP32, 102);
    assert_true(sample_score(&p, &qkv, 0, 0, 4, 0) < 100);                                                   /* noise */
    assert_true(fabs(sample_score(&p, &qkv, 0, 0, 5, 0) - 300) <= sample_score_bound(&p, &qkv, 0, 0, 5, 0)); /* sees key 0 alone */
    at_qkv_done(&qkv);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pinned),
        cmocka_unit_test(one_key_takes_all),
        cmocka_unit_test(rows_without_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
