/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "kernels/twin/softmax.h"

#include "core/random.h"
#include "kernels/twin/mufu.h"

#include "../support/codes.h"
#include "../support/mufu_spec.h"

#include <math.h>
#include <mpfr.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* The path whose loops the rules below use: the tests run once for each that this machine has. */
static enum at_simd path;

static struct at_softmax_rule rule_for(enum at_p_offset offset, enum at_evaluation evaluation, enum at_row_sum row_sum, bool log2_units)
{
    struct at_numerics n = {.p_offset = offset, .exp2 = evaluation, .reciprocal = evaluation, .p_format = AT_E4M3, .row_sum = row_sum};
    return at_softmax_rule_of(&n, log2_units, path);
}

static float exp2_by(const struct at_softmax_rule *rule, float x)
{
    at_softmax_exp2(rule, &x, 1);
    return x;
}

static void offsets_and_their_factors(void **state)
{
    (void)state;
    struct at_softmax_rule plain = rule_for(AT_P_PLAIN, AT_MUFU, AT_SUM_UNQUANTISED, false);
    struct at_softmax_rule pow2 = rule_for(AT_P_POW2_8, AT_MUFU, AT_SUM_UNQUANTISED, false);
    struct at_softmax_rule most = rule_for(AT_P_448, AT_MUFU, AT_SUM_UNQUANTISED, true);
    struct at_softmax_rule normalised = rule_for(AT_P_NORMALISED, AT_MUFU, AT_SUM_UNQUANTISED, false);
    assert_true(plain.offset == 0 && plain.factor == 1 && normalised.offset == 0 && normalised.factor == 1);
    assert_true(pow2.offset == 8 && pow2.factor == 1.0f / 256);
    assert_true(most.offset == spec_lg2(448.0f) && most.factor == spec_rcp(448.0f) && most.log2_units);
}

/* Lane of column i: columns 8 m + 2 t and 8 m + 2 t + 1 belong to lane t. Columns in ascending order, one rounding each. */
static void add_by_columns(struct at_softmax_row *row, float rescale, const float *p, int64_t n)
{
    bool fresh[AT_QUAD] = {true, true, true, true};
    for (int64_t i = 0; i < n; i++) {
        int lane = (int)(i % 8) / 2;
        if (fresh[lane])
            row->sum[lane] = row->started ? fmaf(row->sum[lane], rescale, p[i]) : p[i];
        else
            row->sum[lane] += p[i];
        fresh[lane] = false;
    }
    for (int lane = 0; lane < AT_QUAD; lane++)
        if (fresh[lane])
            row->sum[lane] = row->started ? row->sum[lane] * rescale : 0;
    row->started = true;
}

static void sums_follow_the_lanes_of_the_quad(void **state)
{
    (void)state;
    static const int64_t lengths[] = {1, 2, 3, 5, 7, 8, 9, 31, 128, 223};
    for (size_t l = 0; l < sizeof lengths / sizeof lengths[0]; l++) {
        struct at_softmax_row row = {0}, wanted = {0};
        for (uint64_t tile = 0; tile < 5; tile++) {
            struct at_random key = {l, tile};
            float p[223], rescale = (float)at_random_uniform(key, 1000);
            for (int64_t i = 0; i < lengths[l]; i++)
                p[i] = (float)at_random_uniform(key, (uint64_t)i);
            at_softmax_add(&row, rescale, p, lengths[l]);
            add_by_columns(&wanted, rescale, p, lengths[l]);
            for (int lane = 0; lane < AT_QUAD; lane++)
                assert_int_equal(bits_of(row.sum[lane]), bits_of(wanted.sum[lane]));
        }
    }
    struct at_softmax_row order = {.sum = {0x1p24f, 1, 1, -0x1p24f}}; /* (2^24 + 1) + (1 - 2^24); another order gives 2 or 1 */
    assert_true(at_softmax_total(&order) == (0x1p24f + 1.0f) + (1.0f + -0x1p24f));
    order = (struct at_softmax_row){.sum = {0x1p24f, 1, -0x1p24f, 1}};
    assert_true(at_softmax_total(&order) == 2);
}

static void a_tile_moves_maximum_sum_and_rescale(void **state)
{
    (void)state;
    for (int units = 0; units < 2; units++) {
        struct at_softmax_rule rule = rule_for(AT_P_POW2_8, AT_MUFU, AT_SUM_UNQUANTISED, units);
        struct at_softmax_row row = {.max = -INFINITY};
        float c = 0.5f, first[4] = {1, 3, -INFINITY, 2}, second[4] = {7, -INFINITY, 5, 7}, third[2] = {-1, 0},
              masked[2] = {-INFINITY, -INFINITY};
        assert_true(at_softmax_tile(&rule, &row, c, first, 4) == 1); /* nothing to rescale */
        assert_true(row.max == (units ? 1.5f : 3.0f));
        assert_true(first[1] == 256 && first[2] == 0 && first[0] == 128 && first[3] == at_ex2_approx(7.5f));
        assert_true(at_softmax_tile(&rule, &row, c, second, 4) == 0.25f); /* 2^((3 - 7)/2) */
        assert_true(row.max == (units ? 3.5f : 7.0f) && second[0] == 256 && second[3] == 256 && second[2] == 128);
        assert_true(at_softmax_tile(&rule, &row, c, third, 2) == 1 && row.max == (units ? 3.5f : 7.0f));
        assert_true(third[1] == at_ex2_approx(4.5f));
        assert_true(at_softmax_tile(&rule, &row, c, masked, 2) == 1 && masked[0] == 0 && masked[1] == 0);
        float total = (128 + 256) * 0.25f + at_ex2_approx(7.5f) * 0.25f + 256 + 128 + 256 + third[0] + third[1];
        assert_true(fabsf(at_softmax_total(&row) - total) <= 8 * 0x1p-24f * total);
    }
}

static float evaluated(const struct at_softmax_rule *rule, float x)
{
    return rule->exp2 == AT_MUFU ? at_ex2_approx(x) : spec_ex2(x);
}

/* E11, E12, E13 and E17 on drawn scores: maximum, rescaling, weights and sums, to the bit. */
static void check_drawn_tiles(const struct at_softmax_rule *rule, uint64_t seed)
{
    struct at_softmax_row row = {.max = -INFINITY}, wanted = {.max = -INFINITY};
    for (uint64_t tile = 0; tile < 6; tile++) {
        struct at_random key = {seed, 300 + tile};
        float scores[40], kept[40], most = -INFINITY, c = (float)(0.1 + at_random_uniform(key, 999)), rescale = 1;
        for (uint64_t i = 0; i < 40; i++) {
            scores[i] = kept[i] = (float)(exp2((double)tile) * at_random_normal(key, i)); /* maxima of many sizes: inexact differences */
            most = fmaxf(most, kept[i]);
        }
        most = fmaxf(wanted.max, rule->log2_units ? most * c : most);
        if (wanted.started)
            rescale = evaluated(rule, rule->log2_units ? wanted.max - most : (wanted.max - most) * c);
        wanted.max = most;
        float shift = rule->log2_units ? most - rule->offset : fmaf(most, c, -rule->offset);
        for (int i = 0; i < 40; i++)
            kept[i] = evaluated(rule, fmaf(kept[i], c, -shift));
        add_by_columns(&wanted, rescale, kept, 40);
        assert_int_equal(bits_of(at_softmax_tile(rule, &row, c, scores, 40)), bits_of(rescale));
        assert_int_equal(bits_of(row.max), bits_of(wanted.max));
        for (int i = 0; i < 40; i++)
            assert_int_equal(bits_of(scores[i]), bits_of(kept[i]));
        for (int lane = 0; lane < AT_QUAD; lane++)
            assert_int_equal(bits_of(row.sum[lane]), bits_of(wanted.sum[lane]));
    }
}

static void every_rounding_of_a_tile_is_in_its_place(void **state)
{
    (void)state;
    static const enum at_p_offset offsets[] = {AT_P_PLAIN, AT_P_POW2_8, AT_P_448};
    for (int i = 0; i < 3 * 2 * 2; i++) {
        struct at_softmax_rule rule = rule_for(offsets[i / 4], i & 1 ? AT_EXACT : AT_MUFU, AT_SUM_UNQUANTISED, i & 2);
        for (uint64_t seed = 0; seed < 20; seed++)
            check_drawn_tiles(&rule, seed);
    }
}

static void a_masked_beginning_is_neutral(void **state)
{
    (void)state;
    struct at_softmax_rule rule = rule_for(AT_P_PLAIN, AT_MUFU, AT_SUM_UNQUANTISED, false);
    struct at_softmax_row row = {.max = -INFINITY};
    float masked[2] = {-INFINITY, -INFINITY}, seen[2] = {-5, -5};
    assert_true(at_softmax_tile(&rule, &row, 1.0f, masked, 2) == 1 && row.max == -INFINITY && at_softmax_total(&row) == 0);
    float rescale = at_softmax_tile(&rule, &row, 1.0f, seen, 2);
    assert_true(rescale == 0 && row.max == -5 && seen[0] == 1 && at_softmax_total(&row) == 2);
}

/* As max.f32: of zeros +0, NaN only where there is nothing else; the first tile's maximum is taken as it is. */
static void maxima_are_those_of_the_unit(void **state)
{
    (void)state;
    static const float zeros[] = {-0.0f, 0.0f};
    for (int i = 0; i < 4; i++)
        assert_int_equal(bits_of((float)at_softmax_larger(zeros[i / 2], zeros[i % 2])), i ? 0 : 0x80000000u);
    assert_true(at_softmax_larger(NAN, -1) == -1 && at_softmax_larger(-1, NAN) == -1 && isnan(at_softmax_larger(NAN, NAN)));
    assert_true(at_softmax_larger(-INFINITY, -1) == -1 && at_softmax_larger(2, -INFINITY) == 2);

    struct at_softmax_rule rule = rule_for(AT_P_PLAIN, AT_MUFU, AT_SUM_UNQUANTISED, true);
    struct at_softmax_row row = {.max = -INFINITY};
    float below[2] = {-0x1p-140f, -0x1p-139f}, above[2] = {0x1p-140f, 0}, none[2] = {-INFINITY, -INFINITY};
    at_softmax_tile(&rule, &row, 0x1p-20f, below, 2);
    assert_int_equal(bits_of(row.max), 0x80000000u);
    at_softmax_tile(&rule, &row, 0x1p-20f, above, 2);
    assert_int_equal(bits_of(row.max), 0);
    struct at_softmax_row lost = {.max = -INFINITY};
    at_softmax_tile(&rule, &lost, 0.0f, none, 2); /* minus infinity times 0 */
    assert_true(isnan(lost.max) && isnan(at_softmax_total(&lost)));
}

static void quantised_sums_wait_for_the_cast(void **state)
{
    (void)state;
    struct at_softmax_rule rule = rule_for(AT_P_PLAIN, AT_MUFU, AT_SUM_QUANTISED, false);
    struct at_softmax_row row = {.max = -INFINITY};
    float scores[2] = {0, -1};
    at_softmax_tile(&rule, &row, 1.0f, scores, 2);
    assert_true(!row.started && at_softmax_total(&row) == 0);
}

static void evaluation_is_chosen(void **state)
{
    (void)state;
    struct at_softmax_rule mufu = rule_for(AT_P_PLAIN, AT_MUFU, AT_SUM_UNQUANTISED, false),
                           exact = rule_for(AT_P_PLAIN, AT_EXACT, AT_SUM_UNQUANTISED, false);
    int differ_exp2 = 0, differ_reciprocal = 0, differ_log = 0;
    for (int i = 1; i < 200; i++) {
        float x = -0.0173f * (float)i, total = 1.0f + 0.377f * (float)i;
        assert_true(exp2_by(&mufu, x) == at_ex2_approx(x) && exp2_by(&exact, x) == spec_ex2(x));
        assert_true(at_softmax_reciprocal(&mufu, total) == at_rcp_approx(total) && at_softmax_reciprocal(&exact, total) == spec_rcp(total));
        differ_exp2 += exp2_by(&mufu, x) != exp2_by(&exact, x);
        differ_reciprocal += at_softmax_reciprocal(&mufu, total) != at_softmax_reciprocal(&exact, total);
        differ_log += at_softmax_lse(&mufu, 1, 1, total) != at_softmax_lse(&exact, 1, 1, total);
    }
    assert_true(differ_exp2 > 0 && differ_reciprocal > 0 && differ_log > 0);
    assert_true(at_softmax_reciprocal(&mufu, 0) == 0 && at_softmax_reciprocal(&exact, NAN) == 0 &&
                at_softmax_reciprocal(&exact, 4) == 0.25f);
}

static void log_sum_exp_undoes_the_offset(void **state)
{
    (void)state;
    static const enum at_p_offset offsets[] = {AT_P_PLAIN, AT_P_POW2_8, AT_P_448};
    static const double factors[] = {1, 256, 448};
    for (int i = 0; i < 3; i++) {
        struct at_softmax_rule rule = rule_for(offsets[i], AT_EXACT, AT_SUM_UNQUANTISED, false);
        double wanted = 3 * 0.125 + log(5);
        double got = (double)at_softmax_lse(&rule, 3, 0.125f, (float)(5 * factors[i]));
        assert_true(fabs(got - wanted) <= 6 * 0x1p-24 * (fabs(wanted) + 1));
        assert_true(at_softmax_lse(&rule, 3, 1, 0) == -INFINITY && at_softmax_lse(&rule, 3, 1, NAN) == -INFINITY);
    }
}

/* E24 to the bit: 2^-offset, ln 2 and each rounding from their definitions. */
static void log_sum_exp_to_the_bit(void **state)
{
    (void)state;
    static const enum at_p_offset offsets[] = {AT_P_PLAIN, AT_P_POW2_8, AT_P_448};
    static const float powers[] = {1.0f, 256.0f, 448.0f};
    mpfr_t x;
    mpfr_init2(x, 100);
    mpfr_const_log2(x, MPFR_RNDN);
    float ln2 = mpfr_get_flt(x, MPFR_RNDN);
    mpfr_clear(x);
    assert_true(at_softmax_ln2 == ln2);
    for (int i = 0; i < 6; i++) {
        struct at_softmax_rule rule = rule_for(offsets[i / 2], i & 1 ? AT_EXACT : AT_MUFU, AT_SUM_UNQUANTISED, false);
        for (uint64_t seed = 0; seed < 500; seed++) {
            struct at_random key = {seed, 310};
            float total = powers[i / 2] * (float)(1 + 100 * at_random_uniform(key, 0)), most = (float)at_random_normal(key, 1),
                  natural = (float)at_random_uniform(key, 2), sum = total * spec_rcp(powers[i / 2]);
            float log2_sum = i & 1 ? spec_lg2(sum) : at_lg2_approx(sum);
            assert_int_equal(bits_of(at_softmax_lse(&rule, most, natural, total)), bits_of(fmaf(most, natural, log2_sum * ln2)));
        }
    }
}

/* P times its fold is rounded before the cast: products at the middle between two fp16 numbers show on which side fp32 left them. */
static void folds_are_rounded_before_the_cast(void **state)
{
    (void)state;
    struct at_softmax_rule rule = rule_for(AT_P_PLAIN, AT_MUFU, AT_SUM_UNQUANTISED, false);
    rule.p_format = AT_FP16;
    for (uint64_t i = 0; i < 2000; i++) {
        struct at_random key = {i, 311};
        float middle = (float)(2 * (at_random_bits(key, 0) % 1024) + 2049) / 4096, fold = (float)(0.5 + at_random_uniform(key, 1) / 2);
        float p = middle / fold, wanted = at_decode(AT_FP16, at_encode(AT_FP16, p * fold, AT_OVERFLOW_IEEE));
        int64_t saturated = 0, underflowed = 0;
        at_softmax_cast(&rule, &fold, &p, 1, &saturated, &underflowed);
        assert_int_equal(bits_of(p), bits_of(wanted));
    }
}

static void casts_round_and_count(void **state)
{
    (void)state;
    struct at_softmax_rule rule = rule_for(AT_P_448, AT_MUFU, AT_SUM_UNQUANTISED, false);
    float p[] = {448, 464, 465, 1000, 0, 0x1p-10f, 0x1.8p-10f, 0x1p-9f, 17, 18.9f, INFINITY};
    float wanted[] = {448, 448, 448, 448, 0, 0, 0x1p-9f, 0x1p-9f, 16, 18, 448};
    int64_t saturated = 0, underflowed = 0;
    at_softmax_cast(&rule, NULL, p, 11, &saturated, &underflowed);
    for (int i = 0; i < 11; i++)
        assert_true(p[i] == wanted[i]);
    assert_int_equal(saturated, 2); /* 465 and 1000; 464 is the tie that still rounds to 448, and an infinity is not clipped but lost */
    assert_int_equal(underflowed, 1);
    float folded[] = {400, 400, 3}, fold[] = {0.5f, 0x1p-20f, 1};
    at_softmax_cast(&rule, fold, folded, 3, &saturated, &underflowed);
    assert_true(folded[0] == 192 && folded[1] == 0 && folded[2] == 3);
    assert_int_equal(underflowed, 2);
    rule.p_format = AT_FP16;
    float wide[] = {70000, 0x1p-26f, 1};
    at_softmax_cast(&rule, NULL, wide, 3, &saturated, &underflowed);
    assert_true(isinf(wide[0]) && wide[1] == 0);
    assert_int_equal(saturated, 3);
    assert_int_equal(underflowed, 3);
    float nan[] = {NAN};
    at_softmax_cast(&rule, NULL, nan, 1, &saturated, &underflowed);
    assert_true(isnan(nan[0]));
    assert_int_equal(saturated, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(offsets_and_their_factors),
        cmocka_unit_test(sums_follow_the_lanes_of_the_quad),
        cmocka_unit_test(a_tile_moves_maximum_sum_and_rescale),
        cmocka_unit_test(every_rounding_of_a_tile_is_in_its_place),
        cmocka_unit_test(a_masked_beginning_is_neutral),
        cmocka_unit_test(maxima_are_those_of_the_unit),
        cmocka_unit_test(quantised_sums_wait_for_the_cast),
        cmocka_unit_test(evaluation_is_chosen),
        cmocka_unit_test(log_sum_exp_undoes_the_offset),
        cmocka_unit_test(log_sum_exp_to_the_bit),
        cmocka_unit_test(folds_are_rounded_before_the_cast),
        cmocka_unit_test(casts_round_and_count),
    };
    int failed = 0;
    for (path = AT_SIMD_SCALAR; path < AT_SIMD_COUNT; path++)
        if (at_simd_available(path))
            failed += cmocka_run_group_tests_name(at_simd_names[path], tests, NULL, NULL);
    return failed;
}
