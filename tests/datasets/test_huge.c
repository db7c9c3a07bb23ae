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
    sample_assert_pinned("huge", "a1ce8279bf4f3478838337324edd69867626fc981659900068454bba8de13118");
}

enum { KEYS = 512, ROWS = 256, HEADS = 2, DIM = 64 };

static const struct at_problem problem = {.batch = 1, .heads_q = HEADS, .heads_kv = 1, .seq_q = ROWS, .seq_k = KEYS, .dim = DIM};

/* Every |q.k| is beyond what fp16 can hold, with one sign in a row; around it the keys scatter as without it. */
static void every_product_overflows_fp16(void **state)
{
    (void)state;
    struct at_qkv qkv = sample_make("huge", &problem, AT_FP16, 61);
    double scores[KEYS];
    int64_t beyond = 0, positive = 0;
    float root = (float)at_decode(AT_FP16, at_encode(AT_FP16, sqrtf(80000), AT_OVERFLOW_SATURATE));
    for (int64_t h = 0; h < HEADS; h++) {
        for (int64_t i = 0; i < ROWS; i++) {
            double centre = copysign((double)root * root, sample_score(&problem, &qkv, 0, h, i, 0)), mean = 0, squares = 0;
            sample_scores(&problem, &qkv, 0, h, i, scores);
            for (int64_t j = 0; j < KEYS; j++) {
                double product = scores[j] * sqrt(DIM);
                beyond += fabs(product) > at_formats[AT_FP16].max;
                assert_true(product * centre > 0);
                mean += (product - centre) / KEYS;
                squares += (product - centre) * (product - centre) / KEYS;
            }
            positive += centre > 0;
            assert_true(fabs(mean) <= SIGMAS * sqrt(squares / KEYS));
            assert_true(sqrt(squares / DIM) <= (1 + SIGMAS * sqrt(2.0 / DIM)) * (1 + SIGMAS / sqrt(2.0 * KEYS)));
        }
    }
    assert_int_equal(beyond, HEADS * ROWS * KEYS);
    sample_assert_share(positive, HEADS * ROWS, 0.5);
    at_qkv_done(&qkv);
}

/* Below the edge none overflows: the size is a parameter. */
static void size_is_what_is_told(void **state)
{
    (void)state;
    struct at_qkv qkv = sample_make("huge:size=60000", &problem, AT_FP32, 62);
    double scores[KEYS];
    sample_scores(&problem, &qkv, 0, 1, 7, scores);
    for (int64_t j = 0; j < KEYS; j++)
        assert_true(fabs(fabs(scores[j]) * sqrt(DIM) - 60000) <= 60000 * 0x1p-22 + 2 * SIGMAS * sqrt(DIM));
    at_qkv_done(&qkv);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pinned),
        cmocka_unit_test(every_product_overflows_fp16),
        cmocka_unit_test(size_is_what_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
