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
    sample_assert_pinned("all-masked", "895780ffc90a73e4e3a8d30a5d51e36b4d7edc21fe67926e3d6978f047d9e273");
}

enum { SEQ = 128, PADDED = 32, HEADS = 2, DIM = 64 };

static const struct at_problem problem = {
    .batch = 1, .heads_q = HEADS, .heads_kv = 1, .seq_q = SEQ, .seq_k = SEQ, .dim = DIM, .causal = true};

/* Padded rows see masked keys alone; what their scores differ by is that of the rows without a mask. */
static void padded_rows_see_masked_keys_alone(void **state)
{
    (void)state;
    struct at_qkv qkv = sample_make("all-masked", &problem, AT_FP16, 111),
                  plain = sample_make("all-masked:level=0", &problem, AT_FP16, 111);
    double scores[SEQ], unmasked[SEQ];
    float root = at_decode(AT_FP16, at_encode(AT_FP16, (float)sqrt(10000 * sqrt(DIM)), AT_OVERFLOW_SATURATE));
    double level = (double)root * root / sqrt(DIM);
    int64_t wholly = 0;
    assert_true(fabs(level / 10000 - 1) <= 0x1p-10);
    for (int64_t h = 0; h < HEADS; h++)
        for (int64_t i = 0; i < SEQ; i++) {
            int64_t masked = 0, keys = at_problem_keys(&problem, i);
            sample_scores(&problem, &qkv, 0, h, i, scores);
            sample_scores(&problem, &plain, 0, h, i, unmasked);
            for (int64_t j = 0; j < keys; j++) {
                bool is_masked = j < PADDED;
                masked += is_masked;
                assert_true(fabs(scores[j] + (is_masked ? level : 0) - unmasked[j]) <= DIM * 0x1p-53 * 2 * level);
                assert_true(fabs(unmasked[j]) < 2 * SIGMAS);
            }
            wholly += masked == keys;
        }
    assert_int_equal(wholly, HEADS * PADDED);
    at_qkv_done(&qkv);
    at_qkv_done(&plain);
}

static void everything_can_be_masked(void **state)
{
    (void)state;
    struct at_qkv qkv = sample_make("all-masked:padding=1,level=200", &problem, AT_FP32, 112);
    for (int64_t j = 0; j < SEQ; j++)
        assert_true(fabs(sample_score(&problem, &qkv, 0, 0, SEQ - 1, j) + 200) < 2 * SIGMAS);
    at_qkv_done(&qkv);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pinned),
        cmocka_unit_test(padded_rows_see_masked_keys_alone),
        cmocka_unit_test(everything_can_be_masked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
