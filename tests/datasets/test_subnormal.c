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
    sample_assert_pinned("subnormal", "c18b1f4a5ea046d35a1654033a3c4cfbdc9badc822d897ee7f4459af9910fd7a");
}

static const struct at_problem problem = {.batch = 1, .heads_q = 2, .heads_kv = 2, .seq_q = 256, .seq_k = 256, .dim = 64};

/* Elements below the smallest normal number of `format`, zeros among them. */
static int64_t count_subnormal(const struct at_tensor *t)
{
    double *values = sample_values(t), least = ldexp(1, at_formats[t->format].min_exponent);
    int64_t count = 0;
    for (int64_t i = 0; i < at_tensor_count(t); i++)
        count += fabs(values[i]) < least;
    free(values);
    return count;
}

/* P(|z| < x): what rounds up to 2^-14 is no longer subnormal, 2^-12 of it. */
static double share_below(double x)
{
    return erf(x * (1 - 0x1p-12) / sqrt(2));
}

static void q_and_v_are_subnormal_in_fp16(void **state)
{
    (void)state;
    struct at_qkv qkv = sample_make("subnormal", &problem, AT_FP16, 121);
    sample_assert_share(count_subnormal(&qkv.q), at_tensor_count(&qkv.q), share_below(2)); /* 2^-14 over 2^-15 */
    sample_assert_share(count_subnormal(&qkv.v), at_tensor_count(&qkv.v), share_below(4));
    double *k = sample_values(&qkv.k), scores[256], squares = 0;
    sample_assert_moments(k, at_tensor_count(&qkv.k), 0, 0x1p26, 3 * 0x1p52);
    for (int64_t i = 0; i < 256; i += 16) {
        sample_scores(&problem, &qkv, 0, 0, i, scores);
        for (int64_t j = 0; j < 256; j++)
            squares += scores[j] * scores[j] / 256 / 16;
    }
    /* 2^-2 nats: the length of 16 queries and 256 keys of 64 elements */
    assert_true(fabs(squares * 16 - 1) <= SIGMAS * (sqrt(2.0 / 64 / 16) + sqrt(2.0 / 256)));
    free(k);
    at_qkv_done(&qkv);
}

static void exponents_are_what_is_told(void **state)
{
    (void)state;
    struct at_qkv qkv = sample_make("subnormal:q-exponent=-3,k-exponent=0,v-exponent=-140", &problem, AT_FP32, 122);
    const struct at_tensor *tensors[] = {&qkv.q, &qkv.k, &qkv.v};
    const int exponents[] = {-3, 0, -140};
    for (int t = 0; t < 3; t++) {
        double *values = sample_values(tensors[t]);
        for (int64_t i = 0; i < at_tensor_count(tensors[t]); i++)
            values[i] = ldexp(values[i], -exponents[t]);
        sample_assert_moments(values, at_tensor_count(tensors[t]), 0, 1, 3);
        free(values);
    }
    assert_int_equal(count_subnormal(&qkv.v), at_tensor_count(&qkv.v));
    at_qkv_done(&qkv);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pinned),
        cmocka_unit_test(q_and_v_are_subnormal_in_fp16),
        cmocka_unit_test(exponents_are_what_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
