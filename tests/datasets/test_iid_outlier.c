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
    sample_assert_pinned("iid-outlier:probability=0.1", "866a8cfb03bebf0b411004095cfa06333102eabab532615be6ddf6d6438d2ef6");
}

static double two_sided_tail(double x)
{
    return erfc(x / sqrt(2.0));
}

static void outliers_are_as_many_and_as_large_as_told(void **state)
{
    (void)state;
    const struct at_problem problem = {.batch = 1, .heads_q = 8, .heads_kv = 8, .seq_q = 512, .seq_k = 512, .dim = 128};
    const double p = 0.001, sigma = 10, total = 1 + sigma * sigma, far = 6;
    struct at_qkv qkv = sample_make("iid-outlier", &problem, AT_FP32, 5);
    const struct at_tensor *tensors[] = {&qkv.q, &qkv.k, &qkv.v};
    for (int t = 0; t < 3; t++) {
        double *values = sample_values(tensors[t]);
        int64_t count = at_tensor_count(tensors[t]), hits = 0;
        for (int64_t i = 0; i < count; i++)
            hits += fabs(values[i]) > far;
        sample_assert_share(hits, count, (1 - p) * two_sided_tail(far) + p * two_sided_tail(far / sqrt(total)));
        sample_assert_moments(values, count, 0, 1 + p * sigma * sigma, 3 * (1 - p) + 3 * p * total * total);
        free(values);
    }
    at_qkv_done(&qkv);
}

static void ends_are_normal(void **state)
{
    (void)state;
    const struct at_problem problem = {.batch = 1, .heads_q = 2, .heads_kv = 2, .seq_q = 256, .seq_k = 256, .dim = 64};
    static const char *const spellings[] = {"iid-outlier:probability=0", "iid-outlier:probability=1,sigma=2"};
    const double sd[] = {1, sqrt(5.0)};
    for (int i = 0; i < 2; i++) {
        struct at_qkv qkv = sample_make(spellings[i], &problem, AT_FP32, 6);
        double *values = sample_values(&qkv.v);
        sample_assert_normal(values, at_tensor_count(&qkv.v), 0, sd[i]);
        free(values);
        at_qkv_done(&qkv);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pinned),
        cmocka_unit_test(outliers_are_as_many_and_as_large_as_told),
        cmocka_unit_test(ends_are_normal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
