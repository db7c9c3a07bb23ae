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
    sample_assert_pinned("saturating", "ff544237b75476fcef172dcbeaaeddebf8fc9858e8cc97a0525af5e72a234202");
}

static const struct at_problem problem = {.batch = 1, .heads_q = 4, .heads_kv = 2, .seq_q = 512, .seq_k = 512, .dim = 64};

/* A share of the elements is the format's largest number, of either sign; the rest is untouched. */
static void assert_saturates(enum at_format format, double largest)
{
    struct at_qkv qkv = sample_make("saturating:probability=0.01", &problem, format, 131);
    const struct at_tensor *tensors[] = {&qkv.q, &qkv.k, &qkv.v};
    for (int t = 0; t < 3; t++) {
        double *values = sample_values(tensors[t]);
        int64_t count = at_tensor_count(tensors[t]), high = 0, low = 0;
        for (int64_t i = 0; i < count; i++) {
            high += values[i] == largest;
            low += values[i] == -largest;
            assert_true(fabs(values[i]) == largest || fabs(values[i]) < 10);
        }
        sample_assert_share(high + low, count, 0.01);
        sample_assert_share(high, high + low, 0.5);
        free(values);
    }
    at_qkv_done(&qkv);
}

static void a_share_saturates(void **state)
{
    (void)state;
    static const enum at_format narrow[] = {AT_FP16, AT_E4M3, AT_E5M2};
    for (int f = 0; f < 3; f++)
        assert_saturates(narrow[f], at_formats[narrow[f]].max);
    assert_saturates(AT_FP32, 1e5); /* the wide formats hold it */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pinned),
        cmocka_unit_test(a_share_saturates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
