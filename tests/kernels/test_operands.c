/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/operands.h"

#include "support/cases.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const struct at_problem problem = {2, 2, 1, 130, 70, 32, false, 0};

/* Scales are laid out [batch][heads][groups]: each granularity against figures that spell their own place. */
static void a_scale_is_found_at_its_place(void **state)
{
    (void)state;
    float value[2 * 3 * 200];
    for (int i = 0; i < 2 * 3 * 200; i++)
        value[i] = (float)i;
    static const struct {
        enum at_scale_granularity granularity;
        int64_t groups, s, c;
        int group;
    } cases[] = {{AT_SCALE_NONE, 1, 130, 7, 0},     {AT_SCALE_TENSOR, 1, 130, 7, 0},    {AT_SCALE_HEAD, 1, 130, 7, 0},
                 {AT_SCALE_BLOCK64, 4, 130, 7, 2},  {AT_SCALE_BLOCK64, 4, 127, 7, 1},   {AT_SCALE_BLOCK128, 2, 130, 7, 1},
                 {AT_SCALE_BLOCK128, 2, 127, 7, 0}, {AT_SCALE_TOKEN, 200, 130, 7, 130}, {AT_SCALE_CHANNEL, 32, 130, 7, 7}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct at_scales s = {cases[i].granularity, 2, 3, cases[i].groups, value};
        for (int64_t b = 0; b < 2; b++)
            for (int64_t h = 0; h < 3; h++)
                assert_true(at_scale_of(&s, b, h, cases[i].s, cases[i].c) == (float)((b * 3 + h) * cases[i].groups + cases[i].group));
    }
}

static struct at_operands operands_of(const char *variant, uint64_t seed)
{
    struct at_numerics n = numerics_of(variant);
    struct at_qkv x = random_inputs(&problem, seed);
    struct at_operands o = prepared(&problem, &n, &x);
    at_qkv_done(&x);
    return o;
}

static void flip(struct at_operands *o, void *bytes, size_t size, const char *what)
{
    struct at_sha256 before = at_operands_sha256(o);
    for (size_t i = 0; i<size; i += size> 1 ? size - 1 : 1) { /* the first byte and the last */
        ((uint8_t *)bytes)[i] ^= 1;
        if (strcmp(before.hex, at_operands_sha256(o).hex) == 0)
            fail_msg("%s: byte %zu is not in the digest", what, i);
        ((uint8_t *)bytes)[i] ^= 1;
    }
    assert_string_equal(before.hex, at_operands_sha256(o).hex);
}

/* Every byte that dequantisation reads is in the digest: first and last of codes, scales and means of each operand. */
static void the_digest_covers_what_is_dequantised(void **state)
{
    (void)state;
    struct at_operands o = operands_of("fp8:smooth=qkv,scale=token,v.scale=channel,v.rotate=hadamard,seed=3", 1);
    flip(&o, o.q.codes.codes, 2 * 2 * 130 * 32, "Q's codes");
    flip(&o, o.k.codes.codes, 2 * 70 * 32, "K's codes");
    flip(&o, o.v.codes.codes, 2 * 70 * 32, "V's codes");
    flip(&o, o.q.scale.value, 2 * 2 * 130 * sizeof(float), "Q's scales");
    flip(&o, o.k.scale.value, 2 * 70 * sizeof(float), "K's scales");
    flip(&o, o.v.scale.value, 2 * 32 * sizeof(float), "V's scales");
    flip(&o, o.q.mean, 2 * 2 * 2 * 32 * sizeof(float), "Q's means");
    flip(&o, o.k.mean, 2 * 32 * sizeof(float), "K's means");
    flip(&o, o.v.mean, 2 * 32 * sizeof(float), "V's means");
    flip(&o, &o.numerics.rotation_seed, 8, "the seed of V's rotation");
    at_operands_done(&o);
}

static void equal_operands_have_equal_digests(void **state)
{
    (void)state;
    struct at_operands a = operands_of("fa3-fp8", 1), b = operands_of("fp8-two-level", 1), c = operands_of("fa3-fp8", 2);
    assert_string_equal(at_operands_sha256(&a).hex, at_operands_sha256(&b).hex); /* they differ in the kernel only */
    assert_string_not_equal(at_operands_sha256(&a).hex, at_operands_sha256(&c).hex);
    at_operands_done(&a);
    at_operands_done(&b);
    at_operands_done(&c);
    assert_null(a.q.codes.codes);
    at_operands_done(&a); /* twice is harmless */
}

/* Query heads 0 to 5 of two batches on three key/value heads: each count has its own digit. */
static void clips_of_a_head_are_those_of_what_it_reads(void **state)
{
    (void)state;
    struct at_clips q[12], k[6], v[6];
    struct at_operands o = {.problem = {2, 6, 3, 1, 1, 32, false, 0}, .q.clips = q, .k.clips = k, .v.clips = v};
    o.q.codes = (struct at_tensor){AT_E4M3, 2, 6, 1, 32, NULL};
    for (int i = 0; i < 12; i++)
        q[i] = (struct at_clips){i, 100 * i};
    for (int i = 0; i < 6; i++) {
        k[i] = (struct at_clips){10000 * i, 7};
        v[i] = (struct at_clips){1000000 * i, 3};
    }
    for (int b = 0; b < 2; b++)
        for (int h = 0; h < 6; h++) {
            struct at_clips got = at_operands_head_clips(&o, b, h);
            int kv = 3 * b + h / 2;
            assert_int_equal(got.saturated, 6 * b + h + 10000 * kv + 1000000 * kv);
            assert_int_equal(got.underflowed, 100 * (6 * b + h) + 10);
        }
    assert_int_equal(at_operand_clips(&o.q).saturated, 66);
    assert_int_equal(at_operand_clips(&o.q).underflowed, 6600);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clips_of_a_head_are_those_of_what_it_reads),
        cmocka_unit_test(a_scale_is_found_at_its_place),
        cmocka_unit_test(the_digest_covers_what_is_dequantised),
        cmocka_unit_test(equal_operands_have_equal_digests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
