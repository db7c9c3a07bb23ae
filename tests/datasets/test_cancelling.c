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
    sample_assert_pinned("cancelling", "bfc7ef861311bf3c34a9b58b0ac460c7a2bcc9f868b10c33bff058bfef8ba857");
}

enum { KEYS = 1024, ROWS = 8, HEADS = 2, DIM = 32 };

static const struct at_problem problem = {.batch = 1, .heads_q = HEADS, .heads_kv = 1, .seq_q = ROWS, .seq_k = KEYS, .dim = DIM};

static const double mean_abs = 0.79788456080286541; /* of N(0, 1): sqrt(2 / pi) */

/* Row (h, i): P, and per column O and sum p|v|. */
static void attend(const struct at_qkv *qkv, int64_t h, int64_t i, double p[KEYS], double o[DIM], double sum_abs[DIM])
{
    double total = 0, highest = -INFINITY;
    sample_scores(&problem, qkv, 0, h, i, p);
    for (int64_t j = 0; j < KEYS; j++)
        highest = fmax(highest, p[j]);
    for (int64_t j = 0; j < KEYS; j++)
        total += p[j] = exp(p[j] - highest);
    for (int c = 0; c < DIM; c++)
        o[c] = sum_abs[c] = 0;
    for (int64_t j = 0; j < KEYS; j++) {
        float v[DIM];
        at_tensor_decode_rows(&qkv->v, 0, 0, j, 1, v);
        p[j] /= total;
        for (int c = 0; c < DIM; c++) {
            o[c] += p[j] * v[c];
            sum_abs[c] += p[j] * fabs(v[c]);
        }
    }
}

/*
 * |O| over sum p|v| is the residue: O to the rounding of V, sum p|v| to the sampling error of |N(0, 1)|, of variance 1 - 2/pi, over pairs
 * of weight 2 p.
 */
static void output_is_the_residue(void **state)
{
    (void)state;
    const double residue = 0.001;
    struct at_qkv qkv = sample_make("cancelling", &problem, AT_FP32, 81);
    double p[KEYS], o[DIM], sum_abs[DIM];
    for (int64_t h = 0; h < HEADS; h++)
        for (int64_t i = 0; i < ROWS; i++) {
            double weights = 0;
            attend(&qkv, h, i, p, o, sum_abs);
            for (int64_t j = 0; j < KEYS; j++)
                weights += 2 * p[j] * p[j];
            for (int c = 0; c < DIM; c++) {
                assert_true(fabs(o[c] - residue * mean_abs) <= 0x1p-23 * sum_abs[c]);
                assert_true(fabs(sum_abs[c] / mean_abs - 1) <= SIGMAS * sqrt((1 - 2 / M_PI) * weights) / mean_abs);
                assert_true(fabs(o[c] / sum_abs[c] / residue - 1) <= 0.5);
            }
        }
    at_qkv_done(&qkv);
}

/* Without a residue nothing is left, in 16 bits too. */
static void nothing_is_left(void **state)
{
    (void)state;
    struct at_qkv qkv = sample_make("cancelling:residue=0", &problem, AT_FP16, 82);
    double p[KEYS], o[DIM], sum_abs[DIM];
    attend(&qkv, 1, 3, p, o, sum_abs);
    for (int c = 0; c < DIM; c++)
        assert_true(fabs(o[c]) <= KEYS * 0x1p-53 * sum_abs[c] && sum_abs[c] > 0.5);
    at_qkv_done(&qkv);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pinned),
        cmocka_unit_test(output_is_the_residue),
        cmocka_unit_test(nothing_is_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
