/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "core/random.h"
#include "kernels/twin/head.h"

#include "../support/codes.h"
#include "../support/tile.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const struct at_problem problem = {1, 1, 1, 1, 128, 32, false, 0};

/* Inputs whose V is `value` everywhere, with Q and K zero. */
static struct at_qkv constant_v(float value)
{
    struct at_qkv x;
    assert_int_equal(at_qkv_init(&x, AT_FP16, &problem, NULL), AT_OK);
    for (int64_t i = 0; i < at_tensor_count(&x.v); i++)
        ((uint16_t *)x.v.codes)[i] = (uint16_t)at_encode(AT_FP16, value, AT_OVERFLOW_IEEE);
    return x;
}

/* One tile of `n` keys with weight p each, starting from O = start; returns O in column 0, all columns alike. */
static float one_tile(const char *variant, float v, float start, float p, int64_t n)
{
    struct tile_fixture f;
    tile_init(&f, variant, &problem, constant_v(v), 0, 0);
    tile_load_v(&f, 0, n);
    for (int c = 0; c < 32; c++)
        f.row.o[c] = start;
    for (int64_t i = 0; i < n; i++)
        f.w.scores[i] = p;
    tile_multiply(&f, 1.0f, n);
    for (int c = 1; c < 32; c++)
        assert_true(f.row.o[c] == f.row.o[0]);
    for (int64_t i = 0; i < n; i++)
        assert_true(f.row.p[i] == (double)p);
    float o = f.row.o[0];
    tile_done(&f);
    return o;
}

/*
 * 128 products of 1/4 beside an accumulator of 2^15. The unit of the last place kept is 2^(15 - 13) = 4: a single accumulator loses each
 * product; a separate one holds their sum, 32 (or 8 for each 32 keys), and adds it in fp32.
 */
static void promotion_decides_what_small_products_are_worth(void **state)
{
    (void)state;
    const char *none = "fp8:scale=none,tile=64x128,promote=none", *tile = "fp8:scale=none,tile=64x128,promote=tile";
    assert_true(one_tile(none, 0.25f, 0x1p15f, 1.0f, 128) == 0x1p15f);
    assert_true(one_tile(tile, 0.25f, 0x1p15f, 1.0f, 128) == 0x1p15f + 32);
    /* From zero nothing is lost, and a ragged tile adds no more than its keys. */
    assert_true(one_tile(none, 0.25f, 0, 1.0f, 128) == 32 && one_tile(tile, 0.25f, 0, 1.0f, 100) == 25);
    assert_true(one_tile("fp16:tile=64x128", 0.25f, 0x1p15f, 1.0f, 128) == 0x1p15f + 32); /* 24 bits hold both */
}

/* Keys 0 to 31 carry 2^14 in all, keys 32 to 127 one thousandth: every 32 keys a new accumulator keeps what a common one cuts off. */
static void promotion_within_a_tile(void **state)
{
    (void)state;
    static const struct {
        const char *variant;
        float o;
    } cases[] = {{"fp8:scale=none,tile=64x128,promote=tile", 0x1p13f},
                 {"fp8:scale=none,tile=64x128,promote=64", 0x1p13f + 16},
                 {"fp8:scale=none,tile=64x128,promote=32", 0x1p13f + 24}};
    for (int i = 0; i < 3; i++) {
        struct tile_fixture f;
        tile_init(&f, cases[i].variant, &problem, constant_v(1.0f), 0, 0);
        tile_load_v(&f, 0, 128);
        for (int j = 0; j < 128; j++)
            f.w.scores[j] = j < 32 ? 256.0f : 0.25f;
        tile_multiply(&f, 1.0f, 128);
        assert_true(f.row.o[31] == cases[i].o);
        tile_done(&f);
    }
}

static void each_block_is_multiplied_with_its_scale(void **state)
{
    (void)state;
    struct tile_fixture f;
    tile_init(&f, "fp8:v.scale=block64,v.scale-rule=pow2,promote=32,tile=64x128", &problem, constant_v(1.0f), 0, 0);
    tile_load_v(&f, 0, 128);
    float code = at_decode(AT_E4M3, *(const uint8_t *)f.operands.v.codes.codes);
    f.operands.v.scale.value[0] = 0.5f;
    f.operands.v.scale.value[1] = 3.0f;
    f.row.o[4] = 1;
    for (int j = 0; j < 128; j++)
        f.w.scores[j] = 1;
    tile_multiply(&f, 1.0f, 128);
    assert_true(f.row.o[3] == 64 * code * 0.5f + 64 * code * 3.0f && f.row.o[4] == f.row.o[3] + 1);
    tile_done(&f);
}

/* Each promotion of a block is one fused multiply-add, in the order of the keys. */
static void blocks_are_promoted_in_one_rounding(void **state)
{
    (void)state;
    struct tile_fixture f;
    tile_init(&f, "fp8:v.scale=block64,v.scale-rule=pow2,promote=32,tile=64x128", &problem, constant_v(1.0f), 0, 0);
    tile_load_v(&f, 0, 128);
    float part = 50.4375f * at_decode(AT_E4M3, *(const uint8_t *)f.operands.v.codes.codes), wanted[32]; /* 10 bits: exact */
    for (uint64_t round = 0; round < 20; round++) {
        struct at_random key = {round, 320};
        float scales[2] = {(float)at_random_uniform(key, 0), (float)at_random_uniform(key, 1)};
        memcpy(f.operands.v.scale.value, scales, sizeof scales);
        for (uint64_t c = 0; c < 32; c++) {
            f.row.o[c] = wanted[c] = (float)(1000 * at_random_normal(key, 2 + c));
            for (int k = 0; k < 128; k += 32)
                wanted[c] = fmaf(part, scales[k / 64], wanted[c]);
        }
        for (int j = 0; j < 128; j++)
            f.w.scores[j] = j % 32 ? 1.625f : 0.0625f;
        tile_multiply(&f, 1.0f, 128);
        for (int c = 0; c < 32; c++)
            assert_int_equal(bits_of(f.row.o[c]), bits_of(wanted[c]));
    }
    tile_done(&f);
}

/* The row sum takes P before its cast, or after; folds stay out of it and are undone in the weights handed back. */
static void sums_and_weights(void **state)
{
    (void)state;
    struct tile_fixture f;
    tile_init(&f, "fp8:sum=quantised,tile=64x128", &problem, constant_v(1.0f), 0, 0);
    tile_load_v(&f, 0, 100);
    for (int lost = 0; lost < 2; lost++) { /* columns that no key fills */
        for (int j = 0; j < 128; j++)
            f.w.scores[j] = j < 100 ? 1.03f : lost ? NAN : 0.0f; /* e4m3: 1 */
        f.row.softmax = (struct at_softmax_row){.sum = {8, 0, 0, 0}, .started = true};
        tile_multiply(&f, 0.5f, 100);
        assert_true(lost ? isnan(at_softmax_total(&f.row.softmax)) : at_softmax_total(&f.row.softmax) == 104);
        for (int c = 0; c < 32; c++)
            assert_true(isnan(f.row.o[c]) == lost);
    }
    tile_done(&f);
    tile_init(&f, "fp8:v.scale=token,tile=64x128", &problem, constant_v(1.0f), 0, 0);
    tile_load_v(&f, 0, 128);
    for (int j = 0; j < 128; j++) {
        f.head.v_fold[j] = j % 2 ? 0.5f : 1.0f;
        f.w.scores[j] = 2.0f;
    }
    tile_multiply(&f, 1.0f, 128);
    assert_true(f.row.o[0] == (64 * 2 + 64 * 1) * at_decode(AT_E4M3, *(const uint8_t *)f.operands.v.codes.codes));
    for (int j = 0; j < 128; j++)
        assert_true(f.row.p[j] == 2);
    assert_true(at_softmax_total(&f.row.softmax) == 0);
    tile_done(&f);
}

/* A row of V so small beside another that its fold is zero: its weight is 0, not 0/0. */
static void a_value_too_small_for_its_fold_has_no_weight(void **state)
{
    (void)state;
    struct tile_fixture f;
    tile_init(&f, "fp8:v.scale=token,tile=64x128", &problem, constant_v(1.0f), 0, 0);
    tile_load_v(&f, 0, 128);
    for (int j = 0; j < 128; j++)
        f.w.scores[j] = 1.0f;
    f.head.v_fold[5] = 0;
    tile_multiply(&f, 1.0f, 128);
    assert_true(f.row.p[5] == 0 && f.row.p[4] == 1);
    tile_done(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(promotion_decides_what_small_products_are_worth),
        cmocka_unit_test(promotion_within_a_tile),
        cmocka_unit_test(each_block_is_multiplied_with_its_scale),
        cmocka_unit_test(blocks_are_promoted_in_one_rounding),
        cmocka_unit_test(sums_and_weights),
        cmocka_unit_test(a_value_too_small_for_its_fold_has_no_weight),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
