/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "oracles/certified/table.h"

#include <math.h>
#include <mpfr.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

/* |high + low - base^(1/root) ...|: every entry is checked by a power of it, which no step of its making used. */
static double power_off(double high, double low, unsigned long power, double truth)
{
    mpfr_t x;
    mpfr_init2(x, 6000);
    mpfr_set_d(x, high, MPFR_RNDN);
    mpfr_add_d(x, x, low, MPFR_RNDN);
    mpfr_pow_ui(x, x, power, MPFR_RNDN);
    mpfr_div_d(x, x, truth, MPFR_RNDN);
    mpfr_sub_ui(x, x, 1, MPFR_RNDN);
    mpfr_div_ui(x, x, power, MPFR_RNDN);
    double off = fabs(mpfr_get_d(x, MPFR_RNDN));
    mpfr_clear(x);
    return off;
}

static void test_powers(void **state)
{
    (void)state;
    const struct at_certified_table *t = at_certified_table();
    assert_true(t->coarse_high[0] == 1 && t->coarse_low[0] == 0 && t->fine_high[0] == 1 && t->fine_low[0] == 0);
    for (int i = 0; i < 64; i++) {
        assert_true(power_off(t->coarse_high[i], t->coarse_low[i], 64, ldexp(1, i)) <= 0x1p-106);
        assert_true(power_off(t->fine_high[i], t->fine_low[i], 4096, ldexp(1, i)) <= 0x1p-106);
    }
    assert_ptr_equal(at_certified_table(), t);
}

/* Both short parts times a step count of 23 bits are exact, and the three together are log 2 / 4096 to 2^-126. */
static void test_step(void **state)
{
    (void)state;
    const struct at_certified_table *t = at_certified_table();
    mpfr_t x, y;
    mpfr_inits2(400, x, y, (mpfr_ptr)NULL);
    mpfr_const_log2(x, MPFR_RNDN);
    mpfr_div_ui(x, x, 4096, MPFR_RNDN);
    for (int i = 0; i < 3; i++) {
        int exponent;
        double fraction = frexp(t->step[i], &exponent);
        assert_true(i == 2 || ldexp(fraction, 30) == floor(ldexp(fraction, 30)));
        mpfr_sub_d(x, x, t->step[i], MPFR_RNDN);
    }
    assert_true(fabs(mpfr_get_d(x, MPFR_RNDN)) <= 0x1p-126);
    assert_true(t->step[0] < 0x1p-12 && t->step[1] < 0x1p-42 && t->step[2] < 0x1p-72);
    assert_true(fabs(t->steps * t->step[0] - 1) <= 0x1p-28);
    mpfr_set_d(x, t->sixth[0], MPFR_RNDN);
    mpfr_add_d(x, x, t->sixth[1], MPFR_RNDN);
    mpfr_mul_ui(x, x, 6, MPFR_RNDN);
    mpfr_sub_ui(x, x, 1, MPFR_RNDN);
    assert_true(fabs(mpfr_get_d(x, MPFR_RNDN)) <= 0x1p-106);
    mpfr_clears(x, y, (mpfr_ptr)NULL);
}

static void test_scale(void **state)
{
    (void)state;
    double pair[2];
    for (int dim = 32; dim <= 256; dim *= 2) {
        at_certified_scale(0, dim, 1, pair);
        assert_true(power_off(pair[0], pair[1], 2, 1.0 / dim) <= 0x1p-106);
    }
    at_certified_scale(0.1, 128, 1, pair);
    assert_true(pair[0] == 0.1 && pair[1] == 0);
    const int64_t factor = ((int64_t)1 << 53) - 1;
    at_certified_scale(0.1, 128, factor, pair); /* 0.1 (2^53 - 1), to all its bits */
    assert_true(pair[0] == 0.1 * (double)factor && pair[1] == fma(0.1, (double)factor, -pair[0]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_powers), cmocka_unit_test(test_step), cmocka_unit_test(test_scale)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
