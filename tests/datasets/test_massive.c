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
    sample_assert_pinned("massive", "f3f35a3c2c55e6679a21efad71b19b21791abed455d4e660bb228eb1497bd03e");
}

enum { BATCH = 2, HEADS_Q = 4, HEADS_KV = 2, SEQ_Q = 64, SEQ_K = 96, DIM = 64, TOKENS = 2, CHANNELS = 3 };

static const struct at_problem problem = {
    .batch = BATCH, .heads_q = HEADS_Q, .heads_kv = HEADS_KV, .seq_q = SEQ_Q, .seq_k = SEQ_K, .dim = DIM};

static const double median = 0.67448975019608171; /* of |N(0, 1)| */

/* Tokens (bits of two words) and channels of head (b, h) whose elements are massive; every one of them is the same but for its sign. */
static void find(const struct at_tensor *t, int64_t b, int64_t h, float size, int64_t first, bool ret_token[SEQ_K], bool ret_channel[DIM])
{
    int64_t count = 0, tokens = 0, channels = 0;
    for (int64_t s = 0; s < t->seq; s++) {
        float row[DIM];
        at_tensor_decode_rows(t, b, h, s, 1, row);
        for (int c = 0; c < DIM; c++) {
            if (!(fabsf(row[c]) > 100))
                continue;
            assert_true(fabsf(row[c]) == size);
            count++;
            ret_token[s + first] = ret_channel[c] = true;
        }
    }
    for (int64_t s = 0; s < SEQ_K; s++)
        tokens += ret_token[s];
    for (int c = 0; c < DIM; c++)
        channels += ret_channel[c];
    assert_int_equal(count, tokens * channels);
}

/* The tokens are those of the batch, the channels those of the key/value head, in Q, K and V alike. */
static void few_tokens_in_few_channels(void **state)
{
    (void)state;
    struct at_qkv qkv = sample_make("massive:channels=3", &problem, AT_FP32, 21);
    bool tokens[BATCH][SEQ_K] = {{0}}, channels[HEADS_KV][DIM] = {{0}};
    float size = (float)(1000 * median);
    for (int64_t b = 0; b < BATCH; b++) {
        for (int64_t h = 0; h < HEADS_KV; h++) {
            find(&qkv.k, b, h, size, 0, tokens[b], channels[h]);
            find(&qkv.v, b, h, size, 0, tokens[b], channels[h]);
        }
        for (int64_t h = 0; h < HEADS_Q; h++) {
            bool of_q[SEQ_K] = {false}; /* the first token has no row of Q here */
            find(&qkv.q, b, h, size, SEQ_K - SEQ_Q, of_q, channels[h / (HEADS_Q / HEADS_KV)]);
            for (int s = 0; s < SEQ_K; s++)
                assert_true(!of_q[s] || tokens[b][s]);
        }
        int count = 0;
        for (int s = 0; s < SEQ_K; s++)
            count += tokens[b][s];
        assert_int_equal(count, TOKENS);
        assert_true(tokens[b][0]);
    }
    for (int h = 0; h < HEADS_KV; h++) {
        int count = 0;
        for (int c = 0; c < DIM; c++)
            count += channels[h][c];
        assert_int_equal(count, CHANNELS);
    }
    at_qkv_done(&qkv);
}

static int ascending(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* What the magnitude is measured by: the median of all |elements|, whose density there is 2 phi(median) = 0.636. */
static void magnitude_is_over_the_median(void **state)
{
    (void)state;
    struct at_qkv qkv = sample_make("massive:magnitude=1000", &problem, AT_FP32, 22);
    double *k = sample_values(&qkv.k), count = (double)at_tensor_count(&qkv.k), largest = 0;
    for (int64_t i = 0; i < at_tensor_count(&qkv.k); i++) {
        k[i] = fabs(k[i]);
        largest = fmax(largest, k[i]);
    }
    qsort(k, (size_t)count, sizeof *k, ascending);
    double density = 2 / sqrt(2 * M_PI) * exp(-median * median / 2), massive = BATCH * HEADS_KV * TOKENS * 2;
    double bound = (SIGMAS / (2 * sqrt(count)) + massive / count) / density / median;
    assert_true(fabs(1000 / (largest / k[(size_t)count / 2]) - 1) <= bound);
    free(k);
    at_qkv_done(&qkv);
}

static void one_token_is_the_first(void **state)
{
    (void)state;
    struct at_qkv qkv = sample_make("massive:tokens=1,channels=1", &problem, AT_FP16, 23);
    double *v = sample_values(&qkv.v);
    int64_t count = 0;
    for (int64_t i = 0; i < at_tensor_count(&qkv.v); i++) {
        count += fabs(v[i]) > 100;
        assert_true(fabs(v[i]) <= 100 || i / DIM % SEQ_K == 0);
    }
    assert_int_equal(count, BATCH * HEADS_KV);
    free(v);
    at_qkv_done(&qkv);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pinned),
        cmocka_unit_test(few_tokens_in_few_channels),
        cmocka_unit_test(magnitude_is_over_the_median),
        cmocka_unit_test(one_token_is_the_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
