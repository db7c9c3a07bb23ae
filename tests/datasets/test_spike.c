/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "sample.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "datasets/spike.h"

enum { ROWS = 16 };

static struct at_qkv make(const struct at_problem *p, enum at_format format, int64_t key, double gap, double deviation)
{
    struct at_qkv qkv;
    assert_int_equal(at_qkv_init(&qkv, format, p, NULL), AT_OK);
    at_spike_fill(&(struct at_spike){.key = key, .gap = gap, .deviation = deviation, .v_mean = 0.5}, p, 11, &qkv);
    return qkv;
}

/* Every format, scale and mask: the key's score is the gap in every row, to what rounding the inputs can do. */
static void gap_holds_in_every_row(void **state)
{
    (void)state;
    static const enum at_format formats[] = {AT_FP32, AT_BF16, AT_FP16, AT_E4M3};
    for (int f = 0; f < 4; f++) {
        for (int dim = 32; dim <= 256; dim *= 2) {
            struct at_problem p = {.batch = 2, .heads_q = 4, .heads_kv = 2, .seq_q = ROWS, .seq_k = 24, .dim = dim, .causal = dim > 64,
                                   .scale = dim == 64 ? 0.3 : 0};
            struct at_qkv qkv = make(&p, formats[f], 10, 7.5, 0.25);
            for (int64_t b = 0; b < p.batch; b++)
                for (int64_t h = 0; h < p.heads_q; h++)
                    for (int64_t i = 0; i < ROWS; i++)
                        assert_true(fabs(sample_score(&p, &qkv, b, h, i, 10) - 7.5) <= sample_score_bound(&p, &qkv, b, h, i, 10));
            at_qkv_done(&qkv);
        }
    }
}

/*
 * The others: mean 0 and variance deviation^2. In one row the scores are independent normal given the query, whose length has relative
 * variance 2 / (dim - 1); all rows share the keys.
 */
static void others_scatter_as_told(void **state)
{
    (void)state;
    const int64_t keys = 2048, key = 100;
    const double deviation = 0.5;
    struct at_problem p = {.batch = 1, .heads_q = 2, .heads_kv = 1, .seq_q = ROWS, .seq_k = keys, .dim = 64};
    struct at_qkv qkv = make(&p, AT_FP32, key, 9, deviation);
    double total = 0, n = (double)(keys - 1), d = (double)(p.dim - 1);
    for (int64_t h = 0; h < p.heads_q; h++) {
        for (int64_t i = 0; i < ROWS; i++) {
            double sum = 0, squares = 0;
            for (int64_t j = 0; j < keys; j++) {
                double score = sample_score(&p, &qkv, 0, h, i, j);
                sum += j == key ? 0 : score;
                squares += j == key ? 0 : score * score;
            }
            assert_true(fabs(sum / n) <= SIGMAS * sqrt(squares / n / n));
            total += squares / n;
        }
    }
    double rows = (double)(p.heads_q * ROWS), relative = sqrt(2 / d / rows + 2 / n);
    assert_true(fabs(total / rows / (deviation * deviation) - 1) <= SIGMAS * relative);
    at_qkv_done(&qkv);
}

static void v_has_its_mean(void **state)
{
    (void)state;
    struct at_problem p = {.batch = 1, .heads_q = 1, .heads_kv = 1, .seq_q = 8, .seq_k = 512, .dim = 64};
    struct at_qkv qkv = make(&p, AT_FP32, 3, 5, 0.1);
    double *v = sample_values(&qkv.v);
    sample_assert_normal(v, at_tensor_count(&qkv.v), 0.5, 1);
    free(v);
    at_qkv_done(&qkv);
}

static void keys_are_equally_long(void **state)
{
    (void)state;
    struct at_problem p = {.batch = 1, .heads_q = 1, .heads_kv = 1, .seq_q = 8, .seq_k = 8, .dim = 128};
    struct at_qkv qkv = make(&p, AT_FP32, 3, 5, 0.1);
    float k[128];
    for (int64_t j = 0; j < 8; j++) {
        double squares = 0;
        at_tensor_decode_rows(&qkv.k, 0, 0, j, 1, k);
        for (int c = 0; c < 128; c++)
            squares += (double)k[c] * k[c];
        /* chi-squared of dim - 1 degrees; the key itself is of length sqrt(dim), to fp32 rounding */
        assert_true(j == 3 ? fabs(squares / 128 - 1) <= 2 * 0x1p-24 : fabs(squares - 127) <= SIGMAS * sqrt(2 * 127.0));
    }
    at_qkv_done(&qkv);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gap_holds_in_every_row),
        cmocka_unit_test(others_scatter_as_told),
        cmocka_unit_test(v_has_its_mean),
        cmocka_unit_test(keys_are_equally_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
