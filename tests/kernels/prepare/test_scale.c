/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/prepare/scale.h"

#include "core/random.h"

#include "../support/codes.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { BATCH = 2, HEADS = 4, SEQ = 150, DIM = 32, COUNT = BATCH * HEADS * SEQ * DIM };

static float *draw_values(void)
{
    float *x = malloc(COUNT * sizeof *x);
    assert_non_null(x);
    for (uint64_t i = 0; i < COUNT; i++)
        x[i] = (float)(at_random_normal((struct at_random){1, 71}, i) * exp2(6 * at_random_normal((struct at_random){1, 72}, i / DIM)));
    return x;
}

/* Whether (b, h, s, c) and the element (b2, h2, s2, c2) share a scale, in words of the issue. */
static bool share(enum at_scale_granularity g, int64_t group, const int64_t x[4], const int64_t y[4])
{
    bool batch = x[0] == y[0], head = batch && x[1] == y[1];
    switch (g) {
    case AT_SCALE_NONE:
    case AT_SCALE_TENSOR: return true;
    case AT_SCALE_HEAD: return batch && x[1] / group == y[1] / group;
    case AT_SCALE_BLOCK64: return head && x[2] / 64 == y[2] / 64;
    case AT_SCALE_BLOCK128: return head && x[2] / 128 == y[2] / 128;
    case AT_SCALE_TOKEN: return head && x[2] == y[2];
    case AT_SCALE_CHANNEL: return head && x[3] == y[3];
    default: return false;
    }
}

static void split(int64_t i, int64_t index[4])
{
    index[3] = i % DIM;
    index[2] = i / DIM % SEQ;
    index[1] = i / DIM / SEQ % HEADS;
    index[0] = i / DIM / SEQ / HEADS;
}

static float amax_of(const float *x, enum at_scale_granularity g, int64_t group, const int64_t at[4])
{
    float most = 0;
    for (int64_t i = 0; i < COUNT; i++) {
        int64_t other[4];
        split(i, other);
        if (share(g, group, at, other) && fabsf(x[i]) > most)
            most = fabsf(x[i]);
    }
    return most;
}

static void groups_are_those_of_the_granularity(void **state)
{
    (void)state;
    float *x = draw_values();
    for (int g = 0; g < AT_SCALE_GRANULARITY_COUNT; g++)
        for (int64_t group = 1; group <= (g == AT_SCALE_HEAD ? 4 : 1); group *= 2) {
            struct at_operand_numerics n = {.format = AT_E4M3, .storage = AT_E4M3, .scale = (enum at_scale_granularity)g};
            struct at_scales s;
            assert_int_equal(at_scales_init(&s, &n, x, BATCH, HEADS, SEQ, DIM, group, NULL), AT_OK);
            assert_int_equal(s.granularity, g);
            for (uint64_t draw = 0; draw < 60; draw++) {
                int64_t at[4];
                split((int64_t)(at_random_bits((struct at_random){(uint64_t)g, 73}, draw) % COUNT), at);
                float wanted = g == AT_SCALE_NONE ? 1.0f : amax_of(x, (enum at_scale_granularity)g, group, at) / 448.0f;
                assert_int_equal(bits_of(at_scale_of(&s, at[0], at[1], at[2], at[3])), bits_of(wanted));
            }
            free(s.value);
        }
    free(x);
}

static void nan_does_not_enter_the_maximum(void **state)
{
    (void)state;
    float x[64] = {1, NAN, -3, 2};
    struct at_operand_numerics n = {.format = AT_E4M3, .storage = AT_E4M3, .scale = AT_SCALE_HEAD};
    struct at_scales s;
    assert_int_equal(at_scales_init(&s, &n, x, 1, 1, 2, 32, 1, NULL), AT_OK);
    assert_true(s.value[0] == 3.0f / 448.0f);
    free(s.value);
    x[63] = NAN; /* nor does the last element, after which no other comes to replace it */
    assert_int_equal(at_scales_init(&s, &n, x, 1, 1, 2, 32, 1, NULL), AT_OK);
    assert_true(s.value[0] == 3.0f / 448.0f);
    free(s.value);
}

/* A power of two that never clips and is never more than twice what is needed. */
static void powers_of_two_fit_and_do_not_waste(void **state)
{
    (void)state;
    for (int format = 0; format < AT_FP32; format++) {
        struct at_operand_numerics n = {
            .format = (enum at_format)format, .storage = (enum at_format)format, .scale = AT_SCALE_HEAD, .scale_rule = AT_SCALE_POW2};
        double largest = at_formats[format].max;
        for (uint64_t i = 0; i < 4000; i++) {
            float amax = float_of((uint32_t)at_random_bits((struct at_random){7, 74}, i) & 0x7f7fffff);
            amax = i < 60 ? (float)ldexp(largest, (int)i - 30) : amax; /* the largest value itself, times powers of two: exactly 1 */
            if (!isfinite(amax) || amax == 0)
                continue;
            float scale = at_scale_value(&n, amax);
            int exponent;
            assert_true(frexpf(scale, &exponent) == 0.5f && scale >= 0x1p-126f);
            assert_true((double)amax <= largest * (double)scale);
            assert_true(scale == 0x1p-126f || (double)amax > largest * (double)scale / 2);
        }
    }
}

static void scales_from_amax_and_at_the_edges(void **state)
{
    (void)state;
    struct at_operand_numerics n = {.format = AT_FP16, .storage = AT_E5M2, .scale = AT_SCALE_TOKEN};
    assert_true(at_scale_value(&n, 57344.0f) == 1 && at_scale_value(&n, 3.0f) == 3.0f / 57344.0f); /* of what is stored */
    assert_true(at_scale_value(&n, 0) == 1);
    float tiny = at_scale_value(&n, 0x1p-149f);
    assert_true(tiny == 0x1p-126f && isfinite(1 / tiny));
    n.scale_rule = AT_SCALE_GIVEN;
    n.given_scale = 0.37f;
    assert_true(at_scale_value(&n, 3.0f) == 0.37f && at_scale_value(&n, 0) == 0.37f);
    n.given_scale = 0x1p-140f; /* its reciprocal would be infinite */
    assert_true(isfinite(1 / at_scale_value(&n, 3.0f)));
    n.given_scale = 0x1.8p-127f;
    assert_true(at_scale_value(&n, 3.0f) == 0x1p-126f);
    n.scale = AT_SCALE_NONE;
    assert_true(at_scale_value(&n, 3.0f) == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(groups_are_those_of_the_granularity),
        cmocka_unit_test(nan_does_not_enter_the_maximum),
        cmocka_unit_test(powers_of_two_fit_and_do_not_waste),
        cmocka_unit_test(scales_from_amax_and_at_the_edges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
