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
    sample_assert_pinned("rope-pairs", "1b9432585d808b8c04fa810deacab0578cb6667342e8119d56097ea3951e9d48");
}

enum { HEADS_Q = 4, HEADS_KV = 2, SEQ_Q = 300, SEQ_K = 400, DIM = 64, HALF = DIM / 2, PAIRS = 3 };

static const struct at_problem problem = {.batch = 1, .heads_q = HEADS_Q, .heads_kv = HEADS_KV, .seq_q = SEQ_Q, .seq_k = SEQ_K, .dim = DIM};

/* Turns pair i of every row back by its token's angle; the mean over the rows, within SIGMAS standard errors in each part. */
static void mean_of_pair(const struct at_tensor *t, int64_t h, int i, int64_t first, double base, double ret_mean[2])
{
    ret_mean[0] = ret_mean[1] = 0;
    for (int64_t s = 0; s < t->seq; s++) {
        float row[DIM];
        at_tensor_decode_rows(t, 0, h, s, 1, row);
        double angle = (double)(s + first) * pow(base, -2.0 * i / DIM);
        ret_mean[0] += (row[i] * cos(angle) + row[i + HALF] * sin(angle)) / (double)t->seq;
        ret_mean[1] += (row[i + HALF] * cos(angle) - row[i] * sin(angle)) / (double)t->seq;
    }
}

/* Which pairs are massive, as bits; each has the length told, and all the others none. */
static uint64_t pairs_of(const struct at_tensor *t, int64_t h, int64_t first, double length, double base, double ret_means[HALF][2])
{
    uint64_t found = 0;
    for (int i = 0; i < HALF; i++) {
        mean_of_pair(t, h, i, first, base, ret_means[i]);
        double size = hypot(ret_means[i][0], ret_means[i][1]), bound = SIGMAS * sqrt(2.0 / (double)t->seq);
        bool massive = size > length / 2;
        assert_true(fabs(size - (massive ? length : 0)) <= bound);
        found |= (uint64_t)massive << i;
    }
    return found;
}

static void constant_before_they_are_turned(void **state)
{
    (void)state;
    const double bases[] = {10000, 500};
    for (int n = 0; n < 2; n++) {
        struct at_qkv qkv = sample_make(n ? "rope-pairs:pairs=3,base=500" : "rope-pairs:pairs=3", &problem, AT_FP32, 31);
        uint64_t of_head[HEADS_KV];
        double k[HEADS_KV][HALF][2], q[HALF][2];
        for (int64_t h = 0; h < HEADS_KV; h++) {
            of_head[h] = pairs_of(&qkv.k, h, 0, 20, bases[n], k[h]);
            assert_int_equal(__builtin_popcountll(of_head[h]), PAIRS);
            assert_true(of_head[h] >> (HALF / 2) << (HALF / 2) == of_head[h]); /* of low frequency */
        }
        assert_true(of_head[0] != of_head[1]);
        for (int64_t h = 0; h < HEADS_Q; h++) {
            int64_t g = h / (HEADS_Q / HEADS_KV);
            assert_true(pairs_of(&qkv.q, h, SEQ_K - SEQ_Q, 10, bases[n], q) == of_head[g]);
            for (int i = 0; i < HALF; i++) /* one direction: the common score is positive */
                assert_true(!(of_head[g] >> i & 1) || q[i][0] * k[g][i][0] + q[i][1] * k[g][i][1] > 0.9 * 20 * 10);
        }
        double *v = sample_values(&qkv.v);
        sample_assert_normal(v, at_tensor_count(&qkv.v), 0, 1);
        free(v);
        at_qkv_done(&qkv);
    }
}

/* Far along a sequence too: noise and rounding aside, token 100000 has the angle of the mathematical library. */
static void angles_hold_at_long_context(void **state)
{
    (void)state;
    struct at_problem p = {.batch = 1, .heads_q = 1, .heads_kv = 1, .seq_q = 1, .seq_k = 100001, .dim = 32};
    struct at_qkv a = sample_make("rope-pairs:pairs=8,magnitude=1000,base=100", &p, AT_FP32, 32);
    for (int i = 8; i < 16; i++) {
        float first[32], last[32];
        double angle = 100000 * pow(100, -2.0 * i / 32);
        at_tensor_decode_rows(&a.k, 0, 0, 0, 1, first);
        at_tensor_decode_rows(&a.k, 0, 0, 100000, 1, last);
        assert_true(fabs(last[i] - (first[i] * cos(angle) - first[i + 16] * sin(angle))) <= 4 * SIGMAS);
        assert_true(fabs(last[i + 16] - (first[i] * sin(angle) + first[i + 16] * cos(angle))) <= 4 * SIGMAS);
    }
    at_qkv_done(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pinned),
        cmocka_unit_test(constant_before_they_are_turned),
        cmocka_unit_test(angles_hold_at_long_context),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
