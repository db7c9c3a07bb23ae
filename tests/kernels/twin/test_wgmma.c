/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/twin/wgmma.h"

#include "../support/codes.h"
#include "../support/dot_spec.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static const struct {
    enum at_format a, b;
} pairs[] = {{AT_E4M3, AT_E4M3}, {AT_E5M2, AT_E5M2}, {AT_E4M3, AT_E5M2}, {AT_E5M2, AT_E4M3},
             {AT_FP16, AT_FP16}, {AT_BF16, AT_BF16}, {AT_FP32, AT_FP32}};

enum { PAIRS = sizeof pairs / sizeof pairs[0], DOTS = 12000, MOST = 32 };

static void check_dot(enum at_format fa, enum at_format fb, const uint32_t *a, const uint32_t *b, float c, const char *replay)
{
    float x[MOST], y[MOST];
    for (int k = 0; k < at_wgmma_depth(fa); k++) {
        x[k] = at_decode(fa, a[k]);
        y[k] = at_decode(fb, b[k]);
    }
    uint32_t got = bits_of(at_wgmma_dot(fa, fb, x, y, 1, c)), wanted = bits_of(spec_dot(fa, fb, a, b, 1, c));
    if (got != wanted)
        fail_msg("%s.%s + %a: got %08x, wanted %08x; %s", at_formats[fa].name, at_formats[fb].name, (double)c, got, wanted, replay);
}

static void every_regime_gives_the_bits_of_the_specification(void **state)
{
    (void)state;
    for (int p = 0; p < PAIRS; p++)
        for (int regime = 0; regime < CODES_REGIME_COUNT; regime++)
            for (uint64_t i = 0; i < DOTS; i++) {
                struct at_random key = {(uint64_t)(regime * PAIRS + p), 1}, other = {key.seed, 2};
                uint32_t a[MOST], b[MOST];
                char replay[64];
                for (int k = 0; k < MOST; k++) {
                    a[k] = random_code(pairs[p].a, (enum code_regime)regime, key, i * MOST + (uint64_t)k);
                    uint64_t at = i * MOST + (uint64_t)(regime == CODES_CANCEL ? k / 2 : k);
                    b[k] = random_code(pairs[p].b, regime == CODES_CANCEL ? CODES_NARROW : (enum code_regime)regime, other, at);
                }
                snprintf(replay, sizeof replay, "pair %d, regime %d, dot %" PRIu64, p, regime, i);
                check_dot(pairs[p].a, pairs[p].b, a, b, i % 3 ? random_accumulator((struct at_random){key.seed, 3}, i) : 0.0f, replay);
            }
}

/* One product against one accumulator, at every distance of their exponents: the window of F bits and the final truncation, alone. */
static void every_distance_between_product_and_accumulator(void **state)
{
    (void)state;
    for (int p = 0; p < PAIRS; p++)
        for (int exponent = -149; exponent < 128; exponent++)
            for (uint64_t i = 0; i < 32; i++) {
                struct at_random key = {(uint64_t)(exponent + 200), (uint64_t)p};
                uint32_t a[MOST] = {0}, b[MOST] = {0};
                a[i % 8] = random_code(pairs[p].a, CODES_NARROW, key, i);
                b[i % 8] = random_code(pairs[p].b, CODES_NARROW, key, 100 + i);
                float c = (float)ldexp(1.0 + at_random_uniform(key, 200 + i), exponent) * (i & 1 ? -1.0f : 1.0f);
                check_dot(pairs[p].a, pairs[p].b, a, b, isinf(c) ? 1.0f : c, "distance");
            }
}

/* The claims of the table in words, checked on figures anyone can redo by hand. */
static void figures_by_hand(void **state)
{
    (void)state;
    float a[MOST] = {1}, b[MOST] = {1};
    /* e4m3: 1 + 2^-13 needs 14 bits and stays, 1 + 2^-14 does not. */
    assert_true(at_wgmma_dot(AT_E4M3, AT_E4M3, a, b, 1, 0x1p-13f) == 1.0f + 0x1p-13f);
    assert_true(at_wgmma_dot(AT_E4M3, AT_E4M3, a, b, 1, 0x1.fp-14f) == 1.0f);
    assert_true(at_wgmma_dot(AT_E4M3, AT_E4M3, a, b, 1, -0x1.fp-14f) == 1.0f); /* toward zero, term by term */
    assert_true(at_wgmma_dot(AT_FP16, AT_FP16, a, b, 1, 0x1.fp-24f) == 1.0f);
    assert_true(at_wgmma_dot(AT_FP16, AT_FP16, a, b, 1, -0x1p-24f) == 1.0f - 0x1p-24f);
    assert_true(at_wgmma_dot(AT_FP16, AT_FP16, a, b, 1, 0x1p-23f) == 1.0f + 0x1p-23f);
    /* 32 products of 1/2^14 each beside a 1: each is cut off before it is added. */
    float small[MOST], one[MOST];
    for (int k = 0; k < MOST; k++) {
        small[k] = 0x1p-7f;
        one[k] = 0x1p-7f;
    }
    assert_true(at_wgmma_dot(AT_E5M2, AT_E5M2, small, one, 1, 1.0f) == 1.0f);
    assert_true(at_wgmma_dot(AT_E5M2, AT_E5M2, small, one, 1, 0.0f) == 32 * 0x1p-14f);
    /* 1.5 * 1.5 is not renormalised: its exponent is 0, not 1, so 2^-13 still counts and is only lost to the 14 bits of the result. */
    a[0] = b[0] = 1.5f;
    assert_true(at_wgmma_dot(AT_E4M3, AT_E4M3, a, b, 1, -0x1p-13f) == 2.25f - 0x1p-12f);
    assert_true(at_wgmma_dot(AT_E4M3, AT_E4M3, a, b, 1, 0x1p-13f) == 2.25f);
    assert_int_equal(bits_of(at_wgmma_dot(AT_E4M3, AT_E4M3, a, b, 1, -2.25f)), 0);
}

static void exponents_of_every_code(void **state)
{
    (void)state;
    for (int format = 0; format < AT_FP32; format++)
        for (uint32_t code = 0; code < 1u << at_formats[format].bits; code++) {
            if (spec_special((enum at_format)format, code))
                continue;
            float x = at_decode((enum at_format)format, code);
            int wanted = x == 0 ? AT_WGMMA_ZERO : (int)fmax(floor(log2(fabs((double)x))), at_formats[format].min_exponent);
            assert_int_equal(at_wgmma_exponent((enum at_format)format, x), wanted);
        }
}

static void specials_follow_their_rules(void **state)
{
    (void)state;
    static const enum at_format formats[] = {AT_E5M2, AT_FP16, AT_BF16};
    for (size_t f = 0; f < sizeof formats / sizeof formats[0]; f++) {
        float a[MOST] = {2.0f, 1.0f}, b[MOST] = {3.0f, -1.0f};
        int last = at_wgmma_depth(formats[f]) - 1;
        enum at_format format = formats[f];
        assert_int_equal(bits_of(at_wgmma_dot(format, format, a, b, 1, NAN)), 0x7fffffff);
        assert_true(at_wgmma_dot(format, format, a, b, 1, INFINITY) == INFINITY);
        assert_true(at_wgmma_dot(format, format, a, b, 1, -INFINITY) == -INFINITY);
        a[last] = INFINITY;
        assert_int_equal(bits_of(at_wgmma_dot(format, format, a, b, 1, 0)), 0x7fffffff); /* infinity times zero */
        b[last] = -1.0f;
        assert_true(at_wgmma_dot(format, format, a, b, 1, 0) == -INFINITY);
        assert_int_equal(bits_of(at_wgmma_dot(format, format, a, b, 1, INFINITY)), 0x7fffffff);
        a[last - 1] = -INFINITY;
        b[last - 1] = -INFINITY;
        assert_int_equal(bits_of(at_wgmma_dot(format, format, a, b, 1, 0)), 0x7fffffff); /* both signs */
        a[last] = 1.0f;
        assert_true(at_wgmma_dot(format, format, a, b, 1, 0) == INFINITY);
        b[0] = NAN;
        assert_int_equal(bits_of(at_wgmma_dot(format, format, a, b, 1, 0)), 0x7fffffff);
    }
    float huge[MOST], same[MOST];
    for (int k = 0; k < MOST; k++)
        huge[k] = same[k] = at_decode(AT_BF16, 0x7f7f);
    assert_true(at_wgmma_dot(AT_BF16, AT_BF16, huge, same, 1, 0) == INFINITY);
    same[0] = -same[0];
    assert_true(at_wgmma_dot(AT_BF16, AT_BF16, huge, same, 1, -FLT_MAX) == INFINITY);
}

/* Measured on an H200: bf16 terms are aligned to 2^(E - 25) with E at least -133, and what is truncated to nothing is +0. */
static void tiny_sums_follow_the_hardware(void **state)
{
    (void)state;
    float a[MOST] = {0x1p-74f, -0x1p-80f}, b[MOST] = {0x1p-66f, 0x1p-79f};
    assert_true(at_wgmma_dot(AT_BF16, AT_BF16, a, b, 1, 0) == 0x1p-140f); /* -2^-159 is below the grid of 2^-158 */
    a[1] = -0x1p-79f;
    assert_true(at_wgmma_dot(AT_BF16, AT_BF16, a, b, 1, 0) == 0x1p-140f - 0x1p-149f); /* -2^-158 is on it */
    a[0] = 0;
    a[1] = -0x1p-76f;
    assert_int_equal(bits_of(at_wgmma_dot(AT_BF16, AT_BF16, a, b, 1, 0)), 0); /* -2^-155 underflows */
    assert_int_equal(bits_of(at_wgmma_dot(AT_BF16, AT_BF16, a, b, 1, -0.0f)), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_regime_gives_the_bits_of_the_specification),
        cmocka_unit_test(every_distance_between_product_and_accumulator),
        cmocka_unit_test(figures_by_hand),
        cmocka_unit_test(exponents_of_every_code),
        cmocka_unit_test(specials_follow_their_rules),
        cmocka_unit_test(tiny_sums_follow_the_hardware),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
