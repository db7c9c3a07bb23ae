/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "sample.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

enum { SEQ = 256, DIM = 64, HEADS_Q = 6, HEADS_KV = 2, BATCH = 2, CHANNELS = 3 };

static const struct at_problem problem = {.batch = BATCH, .heads_q = HEADS_Q, .heads_kv = HEADS_KV, .seq_q = SEQ, .seq_k = SEQ, .dim = DIM};

static void pinned(void **state)
{
    (void)state;
    sample_assert_pinned("k-channel", "890ab6e31d8c0b5abee61eb07465a46bec3f4eecea301713cebbaf4f9a80868a");
}

/* Mean and standard deviation over the rows of head (b, h), for each column. */
static void columns(const struct at_tensor *t, int64_t b, int64_t h, double ret_mean[DIM], double ret_sd[DIM])
{
    static float rows[SEQ * DIM];
    at_tensor_decode_rows(t, b, h, 0, SEQ, rows);
    for (int c = 0; c < DIM; c++) {
        double sum = 0, squares = 0;
        for (int s = 0; s < SEQ; s++)
            sum += (double)rows[s * DIM + c];
        ret_mean[c] = sum / SEQ;
        for (int s = 0; s < SEQ; s++)
            squares += ((double)rows[s * DIM + c] - ret_mean[c]) * ((double)rows[s * DIM + c] - ret_mean[c]);
        ret_sd[c] = sqrt(squares / (SEQ - 1));
    }
}

/* Checks every column of a head and returns which are large, as bits. */
static uint64_t large_columns(const struct at_tensor *t, int64_t b, int64_t h, double magnitude, double spread, double ret_mean[DIM])
{
    double sd[DIM];
    uint64_t large = 0;
    columns(t, b, h, ret_mean, sd);
    for (int c = 0; c < DIM; c++) {
        bool is_large = fabs(ret_mean[c]) > magnitude / 2;
        double want_mean = is_large ? magnitude : 0, want_sd = is_large ? magnitude * spread : 1;
        large |= (uint64_t)is_large << c;
        assert_true(fabs(fabs(ret_mean[c]) - want_mean) <= SIGMAS * want_sd / sqrt(SEQ));
        assert_true(fabs(sd[c] - want_sd) <= SIGMAS * want_sd / sqrt(2.0 * (SEQ - 1)));
    }
    return large;
}

static void same_few_channels_of_k_and_q(void **state)
{
    (void)state;
    struct at_qkv qkv = sample_make("k-channel:channels=3,magnitude=40,spread=0.1,q-magnitude=8", &problem, AT_FP32, 9);
    double first_mean[HEADS_KV][DIM], mean[DIM];
    uint64_t of_head[HEADS_KV];
    for (int64_t b = 0; b < BATCH; b++) {
        for (int64_t h = 0; h < HEADS_KV; h++) {
            uint64_t large = large_columns(&qkv.k, b, h, 40, 0.1, mean);
            assert_int_equal(__builtin_popcountll(large), CHANNELS);
            for (int c = 0; c < DIM; c++) {
                if (b == 0)
                    first_mean[h][c] = mean[c];
                assert_false((large >> c & 1) && mean[c] * first_mean[h][c] < 0); /* one sign in all batches */
            }
            assert_true(b == 0 || large == of_head[h]); /* a model's channels, not an input's */
            of_head[h] = large;
        }
        assert_true(of_head[0] != of_head[1]);
        for (int64_t h = 0; h < HEADS_Q; h++)
            assert_true(large_columns(&qkv.q, b, h, 8, 0.1, mean) == of_head[h / (HEADS_Q / HEADS_KV)]);
    }
    double *v = sample_values(&qkv.v);
    sample_assert_normal(v, at_tensor_count(&qkv.v), 0, 1);
    free(v);
    at_qkv_done(&qkv);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pinned),
        cmocka_unit_test(same_few_channels_of_k_and_q),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
