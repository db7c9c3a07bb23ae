/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "rules/unfused.h"

#include "core/random.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

enum { KEYS = 9, DIM = 32 };

static float q[KEYS * DIM], k[KEYS * DIM], v[KEYS * DIM];
static const struct at_unfused fp32 = {AT_FP32, false, AT_FP32, AT_FP32};

static struct at_unfused_head draw(const struct at_problem *problem)
{
    for (int i = 0; i < KEYS * DIM; i++) {
        q[i] = (float)at_random_normal((struct at_random){7, 1}, (uint64_t)i);
        k[i] = (float)at_random_normal((struct at_random){7, 2}, (uint64_t)i);
        v[i] = (float)at_random_normal((struct at_random){7, 3}, (uint64_t)i);
    }
    return (struct at_unfused_head){problem, q, k, v, 1, 1, 1};
}

/* Against double: fp32 sums of 32 and 9 terms, each score, exponential and weight within (32 + 9 + 8) 2^-24 of terms below 8. */
static void fp32_is_attention(void **unused)
{
    (void)unused;
    const struct at_problem problem = {1, 1, 1, KEYS, KEYS, DIM, true, 0};
    struct at_unfused_head head = draw(&problem);
    float o[KEYS * DIM], lse[KEYS];
    assert_int_equal(at_unfused_attend(&fp32, &head, 0, KEYS, o, lse, NULL), AT_OK);
    for (int i = 0; i < KEYS; i++) {
        double sum = 0, expected[DIM] = {0};
        for (int j = 0; j <= i; j++) {
            double score = 0;
            for (int c = 0; c < DIM; c++)
                score += (double)q[i * DIM + c] * (double)k[j * DIM + c];
            double e = exp(score / sqrt(DIM));
            sum += e;
            for (int c = 0; c < DIM; c++)
                expected[c] += e * (double)v[j * DIM + c];
        }
        assert_true(fabs((double)lse[i] - log(sum)) <= 8 * 49 * 0x1p-24);
        for (int c = 0; c < DIM; c++)
            assert_true(fabs((double)o[i * DIM + c] - expected[c] / sum) <= 8 * 49 * 0x1p-24);
    }
}

/* Rows asked for one by one are those of the whole; powers of two may be given apart, and the softmax scale may stand on either side. */
static void parts_and_scales(void **unused)
{
    (void)unused;
    const struct at_problem problem = {1, 1, 1, KEYS, KEYS, DIM, false, 0.25};
    struct at_unfused_head head = draw(&problem);
    struct at_unfused on_k = fp32;
    float o[KEYS * DIM], lse[KEYS], part[DIM], part_lse;
    on_k.scale_on_k = true;
    assert_int_equal(at_unfused_attend(&fp32, &head, 0, KEYS, o, lse, NULL), AT_OK);
    for (int i = 0; i < KEYS * DIM; i++) {
        q[i] *= 0.5f;
        k[i] *= 4;
        v[i] *= 2;
    }
    head.q_descale = 2;
    head.k_descale = 0.25f;
    head.v_descale = 0.5f;
    for (int i = 0; i < KEYS; i++)
        for (int variant = 0; variant < 2; variant++) {
            assert_int_equal(at_unfused_attend(variant ? &on_k : &fp32, &head, i, 1, part, &part_lse, NULL), AT_OK);
            assert_memory_equal(part, o + i * DIM, sizeof part);
            assert_true(part_lse == lse[i]);
        }
}

/* Two equal keys of weight 1/2, values 1 and 1 + 2^-7, mean 1 + 2^-8: a tie in bf16, to even. Scores of 257 are 256 in bf16. */
static void bf16_rounds_each_step(void **unused)
{
    (void)unused;
    const struct at_problem problem = {1, 1, 1, 1, 2, DIM, false, 1};
    struct at_unfused bf16 = {AT_BF16, false, AT_BF16, AT_FP32};
    float one_q[DIM] = {1, 1}, two_k[2 * DIM] = {256, 0}, two_v[2 * DIM] = {1}, o[DIM], lse;
    two_k[DIM] = 256;
    two_k[DIM + 1] = 1;
    two_v[DIM] = 1 + 0x1p-7f;
    struct at_unfused_head head = {&problem, one_q, two_k, two_v, 1, 1, 1};
    assert_int_equal(at_unfused_attend(&bf16, &head, 0, 1, o, &lse, NULL), AT_OK);
    assert_true(o[0] == 1);
    assert_int_equal(at_unfused_attend(&fp32, &head, 0, 1, o, &lse, NULL), AT_OK);
    assert_true(o[0] > 1 + 0x1p-8f);
}

/* FA3's baseline for FP8: 2048 equal weights of 2^-11 are below half of e4m3's smallest number. */
static void small_probabilities_vanish_in_e4m3(void **unused)
{
    (void)unused;
    enum { MANY = 2048 };
    const struct at_problem problem = {1, 1, 1, 1, MANY, DIM, false, 0};
    struct at_unfused baseline = {AT_BF16, true, AT_E4M3, AT_BF16};
    float *zeros = calloc((size_t)MANY * DIM, sizeof *zeros), *ones = calloc((size_t)MANY * DIM, sizeof *ones), o[DIM], lse;
    for (int i = 0; zeros && ones && i < MANY * DIM; i++)
        ones[i] = 1;
    struct at_unfused_head head = {&problem, zeros, zeros, ones, 1, 1, 1};
    assert_int_equal(at_unfused_attend(&baseline, &head, 0, 1, o, &lse, NULL), AT_OK);
    assert_true(o[0] == 0);
    assert_int_equal(at_unfused_attend(&fp32, &head, 0, 1, o, &lse, NULL), AT_OK);
    assert_true(o[0] == 1);
    free(zeros);
    free(ones);
}

static void rows_without_keys_and_nan(void **unused)
{
    (void)unused;
    const struct at_problem problem = {1, 1, 1, 3, 2, DIM, true, 0};
    struct at_unfused_head head = draw(&problem);
    float o[3 * DIM], lse[3];
    v[0] = NAN;
    assert_int_equal(at_unfused_attend(&fp32, &head, 0, 3, o, lse, NULL), AT_OK);
    assert_true(o[0] == 0 && lse[0] == -INFINITY);
    assert_true(isnan(o[DIM]) && isnan(o[2 * DIM]) && !isnan(o[DIM + 1]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fp32_is_attention),         cmocka_unit_test(parts_and_scales),
        cmocka_unit_test(bf16_rounds_each_step),     cmocka_unit_test(small_probabilities_vanish_in_e4m3),
        cmocka_unit_test(rows_without_keys_and_nan),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
