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
    sample_assert_pinned("v-mean", "a138c85dec56ca6be5075f17ddc0bdd2aababe36e52be3077cd40ddcfb2bfb96");
}

static void only_v_has_the_mean(void **state)
{
    (void)state;
    const struct at_problem problem = {.batch = 1, .heads_q = 4, .heads_kv = 4, .seq_q = 256, .seq_k = 256, .dim = 64};
    struct at_qkv qkv = sample_make("v-mean:mean=-0.75,sigma=2", &problem, AT_FP32, 7);
    const struct at_tensor *tensors[] = {&qkv.q, &qkv.k, &qkv.v};
    const double mean[] = {0, 0, -0.75}, sd[] = {1, 1, 2};
    for (int t = 0; t < 3; t++) {
        double *values = sample_values(tensors[t]);
        sample_assert_moments(values, at_tensor_count(tensors[t]), mean[t], sd[t] * sd[t], 3 * pow(sd[t], 4));
        sample_assert_normal(values, at_tensor_count(tensors[t]), mean[t], sd[t]);
        free(values);
    }
    at_qkv_done(&qkv);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pinned),
        cmocka_unit_test(only_v_has_the_mean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
