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
    sample_assert_pinned("uniform", "db491ad7ceca61a775cbc26bd08a3fe22af4ecf75d3a46c02f7a2558baec5c9a");
}

static void assert_uniform(const char *spelling, double low, double high)
{
    const struct at_problem problem = {.batch = 1, .heads_q = 4, .heads_kv = 2, .seq_q = 256, .seq_k = 256, .dim = 64};
    struct at_qkv qkv = sample_make(spelling, &problem, AT_FP32, 8);
    const struct at_tensor *tensors[] = {&qkv.q, &qkv.k, &qkv.v};
    double width = high - low;
    for (int t = 0; t < 3; t++) {
        double *values = sample_values(tensors[t]);
        int64_t count = at_tensor_count(tensors[t]), first_eighth = 0;
        for (int64_t i = 0; i < count; i++) {
            assert_true(values[i] >= low && values[i] <= high);
            first_eighth += values[i] < low + width / 8;
        }
        sample_assert_share(first_eighth, count, 1.0 / 8);
        sample_assert_moments(values, count, (low + high) / 2, width * width / 12, pow(width, 4) / 80);
        free(values);
    }
    at_qkv_done(&qkv);
}

static void lies_between_its_ends(void **state)
{
    (void)state;
    assert_uniform("uniform", -1, 1);
    assert_uniform("uniform:low=0,high=2", 0, 2);
    assert_uniform("uniform:low=3,high=-1", -1, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pinned),
        cmocka_unit_test(lies_between_its_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
