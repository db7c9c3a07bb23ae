/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "oracles/fp64_sm90/facts.h"

#include "draw.h"

#include <math.h>
#include <mpfr.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* From above, and within 2^-39 of the length where squares neither underflow nor overflow. */
static void test_length(void **state)
{
    (void)state;
    mpfr_t sum, square;
    mpfr_inits2(8000, sum, square, (mpfr_ptr)NULL);
    for (int kind = 0; kind < DRAW_KIND_COUNT; kind++) {
        struct draw draw;
        draw_shape(&draw, (enum draw_kind)kind, 3, 128, 1, 20, false, 1);
        for (int64_t j = 0; j < 20; j++) {
            mpfr_set_zero(sum, 1);
            for (int64_t c = 0; c < 128; c++) {
                mpfr_set_d(square, draw.k[j * 128 + c], MPFR_RNDN);
                mpfr_sqr(square, square, MPFR_RNDN);
                mpfr_add(sum, sum, square, MPFR_RNDN);
            }
            mpfr_sqrt(sum, sum, MPFR_RNDU);
            double length = at_fp64_length(draw.k + j * 128, 128);
            assert_true(mpfr_cmp_d(sum, length) <= 0);
            mpfr_mul_d(sum, sum, 1 + 0x1p-39, MPFR_RNDU);
            mpfr_add_d(sum, sum, 0x1p-499, MPFR_RNDU);
            assert_true(mpfr_cmp_d(sum, length) >= 0 || isinf(length));
            assert_true(isinf(length) == (mpfr_cmp_d(sum, 0x1p511) > 0));
        }
        draw_done(&draw);
    }
    mpfr_clears(sum, square, (mpfr_ptr)NULL);
    const double bad[] = {1, NAN, 2}, infinite[] = {1, -INFINITY};
    assert_true(isnan(at_fp64_length(bad, 3)) && isinf(at_fp64_length(infinite, 2)));
}

static void test_prefixes(void **state)
{
    (void)state;
    struct draw draw;
    struct at_fp64_key_facts facts;
    draw_shape(&draw, DRAW_ZERO, 5, 64, 1, 33, false, 1);
    assert_int_equal(at_fp64_key_facts_init(&facts, &draw.head, NULL), AT_OK);
    assert_int_equal(facts.finite, 33);
    double longest = 0, value = 0, column[64] = {0};
    for (int64_t j = 0; j < 33; j++) {
        longest = fmax(longest, at_fp64_length(draw.k + j * 64, 64));
        for (int64_t c = 0; c < 64; c++) {
            column[c] = fmax(column[c], fabs(draw.v[j * 64 + c]));
            value = fmax(value, fabs(draw.v[j * 64 + c]));
        }
        assert_true(facts.longest[j] == longest && facts.value[j] == value);
    }
    assert_memory_equal(facts.column, column, sizeof column);
    at_fp64_key_facts_done(&facts);
    draw_done(&draw);
}

/* What stands behind the first key that is not finite is not looked at. */
static void test_not_finite(void **state)
{
    (void)state;
    const double bad[] = {NAN, INFINITY, -INFINITY};
    for (int n = 0; n < 6; n++) {
        struct draw draw;
        struct at_fp64_key_facts facts;
        draw_shape(&draw, DRAW_FP16, 7, 32, 1, 12, false, 1);
        (n / 3 ? draw.k : draw.v)[7 * 32 + 9] = bad[n % 3];
        draw.v[8 * 32] = 1e9;
        assert_int_equal(at_fp64_key_facts_init(&facts, &draw.head, NULL), AT_OK);
        assert_int_equal(facts.finite, 7);
        assert_true(facts.value[6] < 10 && facts.column[0] < 10);
        at_fp64_key_facts_done(&facts);
        draw_done(&draw);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_length), cmocka_unit_test(test_prefixes), cmocka_unit_test(test_not_finite)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
