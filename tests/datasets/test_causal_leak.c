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
    sample_assert_pinned("causal-leak:future=7", "002d00e38518dbba1f607f5f562e8fb0ab679bd550982410ec328dc96957f8e2");
}

#include <string.h>

enum { SEQ = 96, FROM = 48, HEADS = 2, DIM = 32 };

static const struct at_problem problem = {
    .batch = 2, .heads_q = 4, .heads_kv = HEADS, .seq_q = SEQ, .seq_k = SEQ, .dim = DIM, .causal = true};

/* Rows [from, to) of every head of two tensors: all the same bits, or each different. */
static void assert_rows(const struct at_tensor *a, const struct at_tensor *b, int64_t from, int64_t to, bool same)
{
    for (int64_t n = 0; n < a->batch; n++)
        for (int64_t h = 0; h < a->heads; h++)
            for (int64_t s = from; s < to; s++)
                assert_true((memcmp(at_tensor_row(a, n, h, s), at_tensor_row(b, n, h, s), DIM * sizeof(float)) == 0) == same);
}

static void futures_differ_in_the_future_alone(void **state)
{
    (void)state;
    static const char *const futures[] = {"normal", "causal-leak", "causal-leak:future=1", "causal-leak:future=2",
                                          "causal-leak:future=1,sigma=100"};
    struct at_qkv made[5];
    for (int f = 0; f < 5; f++)
        made[f] = sample_make(futures[f], &problem, AT_FP32, 141);
    for (int f = 0; f < 5; f++)
        for (int g = 0; g < f; g++) {
            bool same = f == 1 && g == 0; /* future 0 goes on as normal does */
            assert_rows(&made[f].q, &made[g].q, 0, SEQ, true);
            assert_rows(&made[f].k, &made[g].k, 0, FROM, true);
            assert_rows(&made[f].v, &made[g].v, 0, FROM, true);
            assert_rows(&made[f].k, &made[g].k, FROM, SEQ, same);
            assert_rows(&made[f].v, &made[g].v, FROM, SEQ, same);
        }
    for (int f = 0; f < 5; f++)
        at_qkv_done(&made[f]);
}

static void the_future_has_its_own_deviation(void **state)
{
    (void)state;
    struct at_qkv qkv = sample_make("causal-leak:from=0.25,future=100000,sigma=50", &problem, AT_FP32, 142);
    const int64_t from = SEQ / 4, of_head = (SEQ - from) * DIM;
    double *v = sample_values(&qkv.v), *later = malloc((size_t)(2 * HEADS * of_head) * sizeof *later);
    for (int64_t head = 0; head < 2 * HEADS; head++)
        memcpy(later + head * of_head, v + (head * SEQ + from) * DIM, (size_t)of_head * sizeof *later);
    sample_assert_normal(later, 2 * HEADS * of_head, 0, 50);
    for (int64_t head = 0; head < 2 * HEADS; head++)
        memcpy(later + head * from * DIM, v + head * SEQ * DIM, (size_t)(from * DIM) * sizeof *later);
    sample_assert_normal(later, 2 * HEADS * from * DIM, 0, 1);
    free(later);
    free(v);
    at_qkv_done(&qkv);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pinned),
        cmocka_unit_test(futures_differ_in_the_future_alone),
        cmocka_unit_test(the_future_has_its_own_deviation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
