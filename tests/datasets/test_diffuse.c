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
    sample_assert_pinned("diffuse", "41708337e91273fc063ba022b018b8cb89e779ec6b3c1c788abe31dd2ae1f037");
}

enum { KEYS = 2048, ROWS = 24 };

/* Given its query, the scores of a row are independent N(0, deviation^2): mean and variance hold in each row, normality in all. */
static void assert_row_scatter(const char *spelling, double deviation, const struct at_problem *p, enum at_format format)
{
    struct at_qkv qkv = sample_make(spelling, p, format, 41);
    double *scores = malloc(KEYS * sizeof *scores);
    double rounding = ldexp(1, -at_formats[format].mantissa_bits); /* of q and of k, each half of it */
    for (int64_t h = 0; h < p->heads_q; h++) {
        for (int64_t i = 0; i < ROWS; i++) {
            double sum = 0, squares = 0, sum_p = 0, sum_p2 = 0;
            sample_scores(p, &qkv, 0, h, i, scores);
            for (int64_t j = 0; j < KEYS; j++) {
                sum += scores[j] / KEYS;
                squares += scores[j] * scores[j] / KEYS;
                sum_p += exp(scores[j]);
                sum_p2 += exp(2 * scores[j]);
            }
            assert_true(fabs(sum) <= deviation * SIGMAS / sqrt(KEYS));
            assert_true(fabs(squares / (deviation * deviation) - 1) <= SIGMAS * sqrt(2.0 / KEYS) + 2 * rounding);
            if (deviation <= 1) /* nearly uniform: e^-deviation^2 of the keys count, to the sampling error of the sums */
                assert_true(sum_p * sum_p / sum_p2 / KEYS > exp(-deviation * deviation) / 2);
            sample_assert_normal(scores, KEYS, 0, deviation);
        }
    }
    free(scores);
    at_qkv_done(&qkv);
}

static void every_row_scatters_as_told(void **state)
{
    (void)state;
    const struct at_problem p = {.batch = 1, .heads_q = 2, .heads_kv = 1, .seq_q = ROWS, .seq_k = KEYS, .dim = 64};
    struct at_problem scaled = p;
    scaled.dim = 32;
    scaled.scale = 0.5;
    assert_row_scatter("diffuse:deviation=0.25", 0.25, &p, AT_FP32);
    assert_row_scatter("diffuse", 1, &p, AT_FP16);
    assert_row_scatter("diffuse:deviation=2", 2, &scaled, AT_FP16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pinned),
        cmocka_unit_test(every_row_scatters_as_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
