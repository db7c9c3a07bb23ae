/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "agree.h"

#include "core/random.h"
#include "oracles/mpfr/fast.h"

#include <limits.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

static const struct at_random KEY = {11, 1};

/* Weights of 128 random bits from 1 down to 2^-4096, some left out; all bits set in some, so that limbs and carries are full. */
static struct at_mpfr_weight any_weight(uint64_t j, int deepest)
{
    uint64_t high = at_random_bits(KEY, 3 * j) | 1ULL << 63, low = at_random_bits(KEY, 3 * j + 1), rest = at_random_bits(KEY, 3 * j + 2);
    if (rest % 7 == 0)
        high = low = UINT64_MAX;
    if (rest % 50 == 1)
        return (struct at_mpfr_weight){0, 0, INT_MIN};
    return (struct at_mpfr_weight){high, low, -(int)(rest / 64 % (uint64_t)deepest)};
}

static void add_exactly(struct at_mpfr_sums *sums, struct at_mpfr_weight w, const double *v)
{
    mpfr_t p, term;
    mpfr_init2(p, 128);
    mpfr_init2(term, 192);
    mpfr_set_ui(p, w.high, MPFR_RNDN);
    mpfr_mul_2ui(p, p, 64, MPFR_RNDN);
    mpfr_add_ui(p, p, w.low, MPFR_RNDN);
    mpfr_mul_2si(p, p, w.exponent - 128, MPFR_RNDN);
    mpfr_add(sums->weight, sums->weight, p, MPFR_RNDN);
    for (int64_t c = 0; c < sums->dim; c++) {
        mpfr_ptr sum = v[c] < 0 ? sums->negative[c] : sums->positive[c];
        mpfr_mul_d(term, p, fabs(v[c]), MPFR_RNDN);
        mpfr_add(sum, sum, term, MPFR_RNDN);
    }
    mpfr_clears(p, term, (mpfr_ptr)NULL);
}

static void check(enum draw_kind kind, uint64_t seed, int64_t keys, int deepest)
{
    struct draw draw;
    struct at_mpfr_integers integers;
    struct at_mpfr_fast fast;
    struct at_mpfr_sums sums, exact;
    draw_shape(&draw, kind < DRAW_KIND_COUNT ? kind : DRAW_FP16, seed, 32, 1, keys, false, 1);
    for (int64_t i = 0; kind == DRAW_KIND_COUNT && i < keys * 32; i++)
        draw.v[i] = (i % 32 == 0 ? 1 : -1) * (double)((1LL << AT_PIECE_BITS) - 1);
    assert_int_equal(at_mpfr_integers_init(&integers, draw.k, draw.v, keys, 32, 32, NULL), AT_OK);
    assert_true(integers.v_pieces > 0);
    assert_int_equal(at_mpfr_fast_init(&fast, keys, 32, 32, NULL), AT_OK);
    assert_int_equal(at_mpfr_sums_init(&sums, 32, NULL), AT_OK);
    assert_int_equal(at_mpfr_sums_init(&exact, 32, NULL), AT_OK);
    at_mpfr_sums_start(&sums, 128, 0);
    at_mpfr_sums_start(&exact, 512 + deepest, 0); /* the span of any sum here */
    for (int64_t j = 0; j < keys; j++) {
        fast.weight[j] = any_weight((uint64_t)j, deepest);
        if (fast.weight[j].exponent != INT_MIN)
            add_exactly(&exact, fast.weight[j], draw.v + j * 32);
    }
    at_mpfr_add_weighted(&fast, &integers, keys, &sums);
    double error = 0x1p-112 + AT_PIECES_MAX * (double)keys * 0x1p-128;
    assert_true(within(sums.weight, exact.weight, error));
    for (int64_t c = 0; c < 32; c++)
        assert_true(within(sums.positive[c], exact.positive[c], error) && within(sums.negative[c], exact.negative[c], error));
    at_mpfr_integers_done(&integers);
    at_mpfr_fast_done(&fast);
    at_mpfr_sums_done(&sums);
    at_mpfr_sums_done(&exact);
    draw_done(&draw);
}

static void test_error(void **state)
{
    (void)state;
    check(DRAW_FP16, 1, 500, 1);
    check(DRAW_FP16, 2, 500, 20);
    check(DRAW_FP16, 3, 500, 4096);
    check(DRAW_DOUBLE, 3, 500, 40);
    check(DRAW_CANCEL, 3, 500, 40);
    check(DRAW_CANCEL, 4, 1, 1);
}

/* More keys at one level than 128 bits can hold without a flush, of the largest pieces. */
static void test_many_keys(void **state)
{
    (void)state;
    check(DRAW_KIND_COUNT, 5, 140000, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_error), cmocka_unit_test(test_many_keys)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
