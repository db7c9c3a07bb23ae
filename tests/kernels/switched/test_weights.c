/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/switched/weights.h"

#include "core/elementary.h"
#include "core/random.h"
#include "kernels/switched/fl.h"
#include "kernels/twin/mufu.h"

#include "../support/cases.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct at_switches none = {0};

static void functions_have_the_units_bits_on_fp32(void **state)
{
    (void)state;
    struct at_random key = {1, 91};
    for (uint64_t i = 0; i < 20000; i++) {
        float x = (float)(at_random_normal(key, i) * 30), y = fabsf(x) + 0x1p-20f;
        assert_true(at_switched_exp2(AT_MUFU, true, (double)x) == (double)at_ex2_approx(x));
        assert_true(at_switched_exp2(AT_EXACT, true, (double)x) == (double)at_ex2_exact(x));
        assert_true(at_switched_exp2(AT_MUFU, false, (double)x) == at_exp2((double)x));
        assert_true(at_switched_reciprocal(AT_MUFU, true, (double)y) == (double)at_rcp_approx(y));
        assert_true(at_switched_reciprocal(AT_EXACT, true, (double)y) == (double)(1.0f / y));
        assert_true(at_switched_log2(AT_MUFU, true, (double)y) == (double)at_lg2_approx(y));
        assert_true(at_switched_log2(AT_EXACT, true, (double)y) == (double)at_lg2_exact(y));
    }
    assert_true(at_switched_exp2(AT_MUFU, true, -INFINITY) == 0 && at_switched_exp2(AT_MUFU, false, -INFINITY) == 0);
    assert_true(at_switched_reciprocal(AT_MUFU, true, 0) == 0 && at_switched_reciprocal(AT_EXACT, false, NAN) == 0);
}

/* Between two fp32 numbers the relative error is that at fl(x): the argument's rounding does not enter. */
static void between_fp32_numbers_the_error_is_the_units(void **state)
{
    (void)state;
    struct at_random key = {2, 91};
    for (uint64_t i = 0; i < 20000; i++) {
        double x = at_random_normal(key, i) * 15, y = (double)(float)x, at_y = (double)at_ex2_approx((float)x);
        double error = at_y / at_exp2(y) - 1, got = at_switched_exp2(AT_MUFU, true, x) / at_exp2(x) - 1;
        assert_true(fabs(got - error) <= 4 * 0x1p-50);
        x = fabs(x) + 0x1p-20;
        y = (double)(float)x;
        error = (double)at_rcp_approx((float)x) * y - 1;
        assert_true(fabs(at_switched_reciprocal(AT_MUFU, true, x) * x - 1 - error) <= 4 * 0x1p-53);
        error = (double)at_lg2_approx((float)x) - at_switched_log2(AT_MUFU, false, y);
        got = at_switched_log2(AT_MUFU, true, x) - at_switched_log2(AT_MUFU, false, x);
        assert_true(fabs(got - error) <= 64 * 0x1p-48);
    }
}

enum { TILE = 77, TILES = 5 };

static void tile_of_scores(struct at_random key, uint64_t t, double *scores, float *narrow)
{
    for (uint64_t i = 0; i < TILE; i++) {
        narrow[i] = i % 13 == 5 ? -INFINITY : (float)(at_random_normal(key, t * 1000 + i) * 40);
        scores[i] = (double)narrow[i];
    }
}

/* Tile after tile with all on: the twin's own softmax, bit by bit. */
static void tiles_have_the_bits_of_the_twins_softmax(void **state)
{
    (void)state;
    static const char *const variants[] = {"fa3-fp8", "fa3-fp16", "fp8:p.offset=448,exp2=exact", "fp8:sum=quantised"};
    for (size_t v = 0; v < 8; v++) {
        struct at_numerics n = numerics_of(variants[v / 2]);
        struct at_softmax_rule rule = at_softmax_rule_of(&n, v % 2, AT_SIMD_SCALAR);
        struct at_softmax_row row = {.max = -INFINITY};
        struct at_switched_softmax switched = {.max = -INFINITY};
        for (uint64_t t = 0; t < TILES; t++) {
            double scores[TILE];
            float narrow[TILE], room[TILE];
            tile_of_scores((struct at_random){v, 92}, t, scores, narrow);
            float c = 0.0131f * (float)(v % 2 ? t + 1 : 1), rescale = at_softmax_tile(&rule, &row, c, narrow, TILE);
            double got = at_switched_tile(&rule, at_switches_all(), &switched, (double)c, scores, TILE, room);
            if (rule.row_sum == AT_SUM_QUANTISED) {
                at_softmax_add(&row, rescale, narrow, TILE);
                at_switched_add(&switched, at_switches_all(), got, scores, TILE);
            }
            assert_true(got == (double)rescale && switched.max == (double)row.max);
            for (int i = 0; i < TILE; i++)
                assert_true(scores[i] == (double)narrow[i]);
        }
        assert_true(at_switched_total(&switched, at_switches_all()) == (double)at_softmax_total(&row));
    }
}

/* With none on a tile's weights and the sum are those of one softmax over all scores. */
static void without_rounding_tiles_are_one_softmax(void **state)
{
    (void)state;
    struct at_numerics n = numerics_of("fa3-fp8");
    struct at_softmax_rule rule = at_softmax_rule_of(&n, false, AT_SIMD_SCALAR);
    struct at_switched_softmax row = {.max = -INFINITY};
    double scores[TILE], sum = 0, most = -INFINITY, c = 0.013;
    float narrow[TILE], room[TILE];
    for (int pass = 0; pass < 2; pass++)
        for (uint64_t t = 0; t < TILES; t++) {
            tile_of_scores((struct at_random){3, 92}, t, scores, narrow);
            for (int i = 0; i < TILE; i++) {
                most = fmax(most, scores[i]);
                sum += pass ? exp2((scores[i] - most) * c + 8) : 0;
            }
        }
    for (uint64_t t = 0; t < TILES; t++) {
        tile_of_scores((struct at_random){3, 92}, t, scores, narrow);
        at_switched_tile(&rule, none, &row, c, scores, TILE, room);
    }
    /* each weight loses 2^-50 and 200 * 2^-53 of its exponent, the sum TILES * TILE * 2^-53 */
    assert_true(fabs(at_switched_total(&row, none) / sum - 1) <= 0x1p-49 + (400 + TILES * TILE) * 0x1p-53);
}

static void fused_operations_round_once(void **state)
{
    (void)state;
    /* 1 + 2^-24 + 2^-60 lies above the middle of two fp32 numbers, and its nearest double on it */
    const double a = 1 + 0x1p-12, product = a * a; /* 1 + 2^-11 + 2^-24 */
    assert_true(at_fl_fma(a, a, 0x1p-60) == (double)fmaf((float)a, (float)a, 0x1p-60f));
    assert_true(at_fl_fma(a, a, 0x1p-60) == 1 + 0x1p-11 + 0x1p-23 && at_fl(product + 0x1p-60) == 1 + 0x1p-11);
    assert_true(at_fl_fma(1 + 0x1p-40, 1, 0) == 1);
    const double numbers[] = {1, 0.5, -INFINITY, 0x1p-149}, others[] = {1, 0x1p-150};
    assert_true(at_are_fp32(numbers, 4) && !at_are_fp32(others, 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(functions_have_the_units_bits_on_fp32),
        cmocka_unit_test(between_fp32_numbers_the_error_is_the_units),
        cmocka_unit_test(tiles_have_the_bits_of_the_twins_softmax),
        cmocka_unit_test(without_rounding_tiles_are_one_softmax),
        cmocka_unit_test(fused_operations_round_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
